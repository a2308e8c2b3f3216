"""What people type, or paste, or have in a sheet: nothing in it that no reader sees, and no address that leads nowhere."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from syncd.core import naming
from syncd.core.plain_text import one_line


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Jeanne \t Dupont\r\n", "Jeanne Dupont"),
        ("Jeanne\x1b[31m\x07", "Jeanne [31m"),
        ("Jean\u202ene\u2028Dupont\u00a0SARL", "Jean ne Dupont SARL"),
        ("é" * 300, "é" * 200),
        ("👩‍💼", "👩 💼"),
        ("\u3164\u3164", ""),
        ("Jeanne\u2800\uffa0Dupont\ufe0f", "Jeanne Dupont"),
        ("\u0301 \u0301", ""),
        ("Zoé", "Zoé"),
    ],
)
def test_a_name_is_one_line_of_what_is_seen(given: str, kept: str) -> None:
    assert one_line(given) == kept


@pytest.mark.parametrize("sign", ["\xad", "\u3164", "\u034f", "\u115f", "\u2069", "\uffa0", "\ufeff", "\U000e0041"])
def test_no_name_holds_a_sign_that_nobody_sees(sign: str) -> None:
    assert naming.windows_fault(f"fac{sign}ture.pdf") == "invisible_character"
    assert naming.windows_safe(f"fac{sign}ture.pdf") == "facture.pdf"


def test_nobody_is_called_by_letters_that_nobody_sees(office: Any) -> None:
    from syncd.portal.people import accounts
    from syncd.portal.refusals import Refusal

    for name in ("\u3164\u3164\u3164", "\u2800", "\u115f \u1160", "\u17b5"):
        with pytest.raises(Refusal):
            accounts.check_name(name)


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\x07", "\x7f"])
def test_a_control_character_in_a_form_or_an_address_is_one_sentence(office: Any, browse: Any, sign: str) -> None:
    boss = browse(office.boss)
    name = office.boss.name
    for answer in (
        boss.post("/compte/action", {"do": "name", "name": f"Jeanne{sign}"}),
        boss.post("/langue", {"language": "fr", "next": f"/{sign}"}),
        boss.get("/recherche", {"q": f"a{sign}b"}),
    ):
        assert answer.status_code == 400 and "caractère" in answer.content.decode()
    office.boss.refresh_from_db()
    assert office.boss.name == name
    assert boss.post("/langue", {"language": "fr", "next": "/", "note": "one\r\ntwo\tthree"}).status_code == 302


def test_a_feed_is_read_whatever_an_older_version_let_into_a_name(office: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Client
    from syncd.portal.web.news_feed import _written

    put(office.one, "Achats/a.pdf", b"1")
    Client.objects.filter(id=office.one.id).update(name="Dupont\x1b\x07 & Fils")
    assert "Dupont" in "".join(ET.fromstring(_written(office.boss)).itertext())


@pytest.mark.parametrize(
    "where", ["accueil", "sign_in", "//example.org", "https://example.org/", "javascript:alert(1)"]
)
def test_after_the_sign_in_nobody_is_sent_where_nothing_is(office: Any, where: str) -> None:
    from django.test import Client as Browser

    client = Browser()
    answer = client.post("/langue", {"language": "fr", "next": where})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    office.boss.set_password("une phrase de passe")
    office.boss.save()
    answer = client.post("/connexion", {"login": office.boss.sign_in, "password": "une phrase de passe", "next": where})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_a_letter_counts_what_its_reader_may_see(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.notifications import deposit_mails, notices

    told = list[int]()
    monkeypatch.setattr(notices, "_tell", lambda user, many, *_: told.append(many))
    monkeypatch.setattr(deposit_mails, "received", lambda user, deposit, seen, lines: len(seen))
    monkeypatch.setattr(notices, "accountants", lambda *_: [])
    monkeypatch.setattr(notices, "company", lambda client: [office.boss])
    monkeypatch.setattr(notices, "fresh", lambda deposit, after: [1, 2, 3, 4, 5])
    monkeypatch.setattr(notices, "may_see", lambda person, client, rules, documents: documents[:1])
    lines = type("Lines", (), {"filter": lambda *_, **__: type("Lines", (), {"order_by": lambda *_: []})()})()
    values = {"lines": lines, "told_at": None, "client": office.one, "number": "2026-000001", "user_id": ""}
    notices._deposit(type("Deposit", (), values)())
    assert told == [1]
