"""Two summaries a day for whoever follows clients, grouped by client; others at once, once a day, or not at all."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any
from zoneinfo import ZoneInfo

import pytest

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def mailing(office: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    from django.conf import settings

    from syncd.portal.models import User

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example.fr")
    monkeypatch.setattr(settings, "PUBLIC_URL", "https://documents.example.fr")
    monkeypatch.setattr(settings, "DEFAULT_FROM_EMAIL", "Cabinet Martin <depots@cabinet-martin.fr>")
    User.objects.filter(id=office.boss.id).update(email="boss@example.fr", name="Claire Martin")
    User.objects.filter(id=office.marie.id).update(email="marie@example.fr")
    office.boss.refresh_from_db()
    office.marie.refresh_from_db()
    return office


def give(user: Any, client: Any, *names: str, folder: str = "Achats", batch: str = "b") -> Any:
    """A deposit that is quiet by now."""
    from syncd.portal.documents import deposit
    from syncd.portal.models import Deposit
    from syncd.portal.people.visibility import person_of
    from syncd.portal.storage import blob_store

    begun = deposit.begin(person_of(user), client, batch)
    for name in names:
        staged, content = blob_store().stage_from(io.BytesIO(name.encode()))
        deposit.take(person_of(user), begun, deposit.Incoming(folder, name, content.size), staged, content)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    Deposit.objects.filter(id=begun.id).update(at=hour_ago, last_at=hour_ago)
    return begun


def tell(at: datetime | None = None) -> None:
    from syncd.portal.notifications import notices, summaries

    notices.gather()
    summaries.gather(at or datetime.now(UTC), notices._tell)


def to(address: str) -> list[Any]:
    from syncd.portal.models import Letter

    return list(Letter.objects.filter(to=address).order_by("id"))


def tomorrow(hour: int) -> datetime:
    return (datetime.now(PARIS) + timedelta(days=1)).replace(hour=hour, minute=1)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_an_accountant_has_one_mail_for_all_that_came_until_the_hour(mailing: Any) -> None:
    """Three folders were three mails in twelve seconds, and there was no other way."""
    from syncd.portal.models import Grant

    Grant.objects.create(user=mailing.marie, client=mailing.two, kind="*", verbs="view deposit")
    give(mailing.marie, mailing.one, "a.pdf", "b.pdf", batch="1")
    give(mailing.marie, mailing.one, "c.pdf", folder="À classer", batch="2")
    give(mailing.marie, mailing.two, "d.pdf", batch="3")
    tell()
    assert len(to("marie@example.fr")) == 3 and not to("boss@example.fr")
    tell(tomorrow(8))
    (mail,) = to("boss@example.fr")
    assert plain(mail.subject) == "4 documents de 2 clients"
    said = plain(mail.text)
    assert "À classer (1) : https://documents.example.fr/a-classer" in said
    assert said.index("Société 000001 (000001) – 3 documents") < said.index("c.pdf")
    assert said.index("Société 000002 (000002) – 1 document") < said.index("d.pdf")
    tell(tomorrow(14))
    assert len(to("boss@example.fr")) == 1  # told once


@pytest.mark.parametrize(
    ("pace", "hours"),
    [("twice", (8, 14)), ("daily", (8,)), ("now", ())],
)
def test_summaries_go_at_their_hours(pace: str, hours: tuple[int, ...], portal: Any) -> None:
    from syncd.portal.notifications.summaries import last_hour

    for now_hour in (0, 7, 8, 13, 14, 23):
        now = datetime(2026, 11, 27, now_hour, 30, tzinfo=PARIS)
        past = [h for h in hours if h <= now_hour]
        if not hours:
            assert last_hour(pace, now) == now
        elif past:
            assert last_hour(pace, now) == now.replace(hour=past[-1], minute=0)
        else:
            assert last_hour(pace, now) == (now - timedelta(days=1)).replace(hour=hours[-1], minute=0)


def test_on_my_account_one_chooses_and_it_is_so(mailing: Any, browse: Any) -> None:
    browser = browse(mailing.boss)
    assert "deux résumés par jour" in browser.get("/compte").content.decode()
    browser.post("/compte/action", {"do": "mails", "mail_deposits": "on", "mail_pace": "now"})
    assert '<option value="now" selected>' in browser.get("/compte").content.decode()
    give(mailing.marie, mailing.one, "a.pdf")
    tell()
    (mail,) = to("boss@example.fr")
    assert (
        plain(mail.subject) == "Société 000001 a déposé 1 document"
        and mail.reply_to == "Marie Dupont <marie@example.fr>"
    )
    assert "mail_pace" not in browse(mailing.marie).get("/compte").content.decode()  # a company has its acknowledgement


def test_a_summary_names_only_what_its_reader_may_see_by_then(mailing: Any) -> None:
    from syncd.portal.models import User

    give(mailing.marie, mailing.one, "a.pdf")
    tell()
    User.objects.filter(id=mailing.boss.id).update(mail_deposits=False)
    tell(tomorrow(8))
    assert not to("boss@example.fr")
    User.objects.filter(id=mailing.boss.id).update(mail_deposits=True)
    tell(tomorrow(14))
    assert not to("boss@example.fr")  # nor later


def test_an_acknowledgement_says_what_came_and_what_did_not_with_a_button(mailing: Any) -> None:
    begun = give(mailing.marie, mailing.one, "b.pdf", "a.pdf", "virus.exe", batch="1")
    tell()
    (mail,) = to("marie@example.fr")
    assert plain(mail.subject) == f"Bien reçu : 2 documents – accusé {begun.number}"
    said = plain(mail.text)
    assert said.startswith("Nous avons bien reçu vos 2 documents")
    assert f"Voir l'accusé : https://documents.example.fr/depots/{begun.number}" in said
    assert "1 document n'a pas été accepté" in said and "virus.exe : " in said
    assert mail.reply_to == "Claire Martin <boss@example.fr>"
    assert "<table" in mail.html and "color-scheme" in mail.html and "mso" in mail.html


def test_the_headers_are_what_mail_programs_expect(mailing: Any) -> None:
    """The Message-ID was the machine's, an answer went to a robot, and nothing said how to end it."""
    from syncd.portal.models import User
    from syncd.portal.notifications import outbox
    from syncd.portal.records import mail_queue

    User.objects.filter(id=mailing.boss.id).update(name="Claire\r\nBcc: x@example.fr <script>🧾")
    give(mailing.marie, mailing.one, "a.pdf")
    tell()
    mail_queue.invitation(mailing.marie, "s" * 20)
    mail, invitation = to("marie@example.fr")
    read, must = (
        message_from_bytes(outbox._message(x, None, None).message().as_bytes(), policy=policy.strict)
        for x in (mail, invitation)
    )
    assert read["Message-ID"].endswith("@cabinet-martin.fr>") and read["Bcc"] is None
    assert (
        read["Message-ID"] == outbox._message(mail, None, None).message()["Message-ID"]
    )  # tried again it is the same mail
    (answer,) = read["Reply-To"].addresses
    assert answer.addr_spec == "boss@example.fr"
    link = read["List-Unsubscribe"].strip(" <>")
    assert link.startswith("https://documents.example.fr/desabonnement/") and link in mail.text
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert must["List-Unsubscribe"] is None and "desabonnement" not in invitation.text  # nobody goes without it


def test_one_click_ends_such_mails_and_a_look_alone_does_not(mailing: Any) -> None:
    from django.test import Client as Browser

    from syncd.portal.models import Audit, User

    give(mailing.marie, mailing.one, "a.pdf")
    tell()
    link = re.sub(r"https://[^/]+", "", to("marie@example.fr")[0].unsubscribe)
    browser = Browser(enforce_csrf_checks=True)
    page = browser.get(link)  # a scanner of links looks too
    assert page.status_code == 200 and "marie@example.fr" in page.content.decode()
    assert User.objects.get(id=mailing.marie.id).mail_deposits
    assert browser.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not User.objects.get(id=mailing.marie.id).mail_deposits
    assert Audit.objects.filter(what="own_mails", by="Marie Dupont").count() == 1
    for wrong in (link[:-2] + "xx", "/desabonnement/x", "/desabonnement/" + "a" * 3000):
        assert browser.post(wrong).status_code == 404
    User.objects.filter(id=mailing.marie.id).update(mail_deposits=True, email="neuve@example.fr")
    assert browser.post(link).status_code == 404 and User.objects.get(id=mailing.marie.id).mail_deposits


def test_a_letter_of_five_thousand_documents_is_short(mailing: Any) -> None:
    from syncd.portal.models import Document
    from syncd.portal.notifications import deposit_mails

    long = "é" * 200
    documents = [
        Document(id=f"{n:032}", path=f"Dossier {n % 70} {long}/{n} {long}.pdf", key=str(n), size=n, kind="x") for n in range(5000)
    ]  # fmt: skip
    from syncd.portal.records import mail_queue

    mail_queue.queue(
        "x@example.fr", deposit_mails.published(mailing.marie, mailing.one, documents, None), mailing.marie, unsubscribe="https://x/"
    )  # fmt: skip
    (letter,) = to("x@example.fr")
    from syncd.portal.notifications import outbox

    assert len(outbox._message(letter, None, None).message().as_bytes()) <= 60_000
    assert "5 000 nouveaux documents" in plain(letter.subject)
