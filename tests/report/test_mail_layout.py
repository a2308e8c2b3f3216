"""Mails stay short and harmless whatever they are about: names of any kind, documents of any number."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.headerregistry import Address
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.mail.compose import compose
from syncd.report.mail_layout import shortened, written
from syncd.report.message import Link, Message, Row, Section, Sender, printed, reachable

LIMIT = 60_000  # bytes as it is sent
HOSTILE = (
    "facture\r\nBcc: victime@example.fr\r\n\r\n<p>x",
    "🧾📎 reçu 👩‍👩‍👧‍👦.pdf",
    "long " * 60 + ".pdf",
    "é" * 250 + ".pdf",
    '<script>alert("x")</script>.pdf',
    '"><img src=x onerror=alert(1)>.pdf',
    "\u202efdp.exe",
    "=?utf-8?q?x?=.pdf",
    "--=_boundary\n--.pdf",
    "\x00\x1b[31m.pdf",
)


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def mail(*names: str, subject: str = "x", of: int = 0, sections: int = 1) -> bytes:
    link = "https://documents.example.fr/documents/" + "0" * 32
    rows = tuple(Row(name, "Achats · 12 Ko", link) for name in names)
    parts = tuple(Section(names[n % len(names)], rows, "todo" * (n % 3 == 0), of) for n in range(sections))
    message = Message(
        subject, "done", subject, parts, subject, subject, "fr", (subject,), Link("Voir", link), "", (),
        Sender(subject, home="https://documents.example.fr"),
    )  # fmt: skip
    return compose(message, "Cabinet Martin <depots@cabinet-martin.fr>", "marie@example.fr", "depots.example.fr")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text(min_size=1, max_size=255), min_size=1, max_size=20),
    st.integers(1, 5000), st.integers(1, 400), st.text(max_size=400),
)  # fmt: skip
def test_however_many_documents_with_whatever_names_a_mail_stays_short(
    names: list[str], of: int, sections: int, subject: str
) -> None:
    sent = mail(*names, subject=subject, of=of, sections=sections)
    assert len(sent) <= LIMIT
    read = message_from_bytes(sent, policy=policy.default)
    assert not read.defects and read.get_body(("html",)) is not None


@pytest.mark.parametrize("name", ["Facture numéro {} de la société.pdf", "🧾" * 100 + "{}.pdf", "&<>\"'" * 40 + "{}"])
def test_five_thousand_documents_are_ten_and_how_many_more(name: str) -> None:
    rows = tuple(Row(name.format(n), "Achats", "https://documents.example.fr/" + "x" * 60) for n in range(5000))
    sections = tuple(Section(f"Client {n}", rows) for n in range(300))
    one = Message("5 000 documents", "done", "x", sections[:1])
    text, html = written(one)
    assert "et 4\u202f990 autres" in text and "et 4\u202f990 autres" in html
    assert len(compose(msg(sections), "a@example.fr", "b@example.fr", "x")) <= LIMIT


def msg(sections: tuple[Section, ...]) -> Message:
    return Message("x", "done", "x", sections)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_harmless_in_every_header_and_part(name: str) -> None:
    read = message_from_bytes(mail(name, subject=f"Reçu : {name}"), policy=policy.strict)
    assert read["Bcc"] is None and read["Subject"].strip().startswith("Reçu")
    assert len(str(read["Subject"])) <= 130 and "\n" not in str(read["Subject"])
    assert read["To"].addresses == (Address("", "marie", "example.fr"),)
    assert read["Message-ID"].endswith("@cabinet-martin.fr>")
    html, text = (read.get_body((kind,)) for kind in ("html", "plain"))
    assert html is not None and text is not None
    tags = Tags(html.get_content())
    assert not tags.seen & {"script", "img"} and "onerror" not in tags.attributes
    assert "\x1b" not in text.get_content() and "\u202e" not in html.get_content()


def test_the_end_of_a_long_name_and_its_extension_stay() -> None:
    assert shortened("a.pdf", 20) == "a.pdf"
    cut = shortened("Facture de la société Dupont et fils numéro 2026-000123.pdf", 30)
    assert len(cut) <= 30 and cut.startswith("Facture de") and cut.endswith("000123.pdf") and "…" in cut


def test_french_is_printed_and_names_are_not_changed() -> None:
    said = printed(
        Message(
            "À voir : l'accord de L'Épi d'or", "done", "Qui ?", (Section("x", (Row("Qu'est-ce ? n° 1.pdf", "l'un"),)),)
        ),
        ["L'Épi d'or"],
    )
    assert said.subject == "À voir\u00a0: l’accord de L'Épi d'or" and said.heading == "Qui\u202f?"
    assert said.sections[0].lines == (Row("Qu'est-ce ? n° 1.pdf", "l’un"),)
    assert "Qui\u202f?" in written(said)[0] and "À voir\u00a0:" in written(said)[1]


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("https://documents.example.fr/", "https://documents.example.fr"),
        ("http://127.0.0.1:8080", ""),
        ("http://localhost", ""),
        ("", ""),
    ],
)
def test_a_link_is_given_where_readers_reach_the_portal(url: str, there: str) -> None:
    assert reachable(url) == there
