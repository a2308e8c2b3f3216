"""Mails that tell of messages: once it is quiet, to who may read and is told, never twice, never an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.mail_server import Sink, text_of
from tests.portal.talk import person, say


@pytest.fixture
def posting(talking: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The people of `talking` with an address each; the cabinet's are told at once."""
    from django.conf import settings

    from syncd.portal.models import User

    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
    for user in (talking.boss, talking.marie, talking.paul, talking.rh, talking.silent):
        User.objects.filter(id=user.id).update(email=f"{user.sign_in}@example.fr", mail_pace="now")
    return talking


def quiet() -> None:
    """A while passes in which nobody says anything."""
    from syncd.portal.models import ThreadReader

    ThreadReader.objects.exclude(mail_since=None).update(mail_since=datetime.now(UTC) - timedelta(hours=1))


def letters() -> list[Any]:
    """What waits to go, once the round has gathered."""
    from syncd.portal.messages import mails
    from syncd.portal.models import Letter

    mails.gather()
    return list(Letter.objects.filter(topic="messages", sent_at=None).order_by("id"))


def gone() -> None:
    """Whatever waits went out."""
    from syncd.portal.models import Letter

    Letter.objects.update(sent_at=datetime.now(UTC))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


def test_several_words_are_one_mail_and_what_was_read_is_none(posting: Any, browse: Any) -> None:
    thread = say(posting.boss, posting.one, "TVA", "le premier")
    say(posting.boss, posting.one, "Bilan", "Encore\n\nune ligne")
    assert letters() == []  # it is not quiet yet
    quiet()
    (letter,) = letters()
    assert letter.to == "marie@example.fr" and letters() == [letter]
    assert "2 nouveaux messages" in plain(letter.subject)
    assert "le premier" in letter.text and "une ligne" in letter.text and "/echanges?unread=1" in letter.text
    gone()
    quiet()
    assert letters() == []
    say(posting.boss, posting.one, "TVA", "Lu entre-temps")
    browse(posting.marie).get(f"/echanges/{thread.id}")
    quiet()
    assert letters() == []
    say(posting.boss, posting.one, "TVA", "Neuf")
    quiet()
    (letter,) = letters()
    assert "Neuf" in letter.text and "le premier" not in letter.text and plain(letter.subject) == "TVA – Cabinet Martin"


def test_of_many_messages_the_last_are_there_and_all_are_counted(posting: Any) -> None:
    for n in range(23):
        say(posting.boss, posting.one, "TVA", f"mot {n}.")
    say(posting.boss, posting.one, "Bilan", "seul")
    quiet()
    (letter,) = letters()
    assert "24 nouveaux messages" in plain(letter.subject)
    assert "mot 13." in letter.text and "mot 12." not in letter.text
    assert plain(letter.text).count("13 messages plus anciens ne sont pas repris ici.") == 1


def test_a_mail_holds_the_words_and_never_a_document_or_its_name(posting: Any, put: Any) -> None:
    document = put(posting.one, "Achats/nom du document.pdf", b"1")
    say(posting.boss, posting.one, "TVA", "Voir ceci <b>", document=document)
    quiet()
    (letter,) = letters()
    assert "Voir ceci <b>" in letter.text and "Voir ceci &lt;b&gt;" in letter.html
    assert "nom du document" not in letter.text + letter.html


def test_of_a_confidential_folder_a_mail_says_nothing(posting: Any) -> None:
    posting.one.rules = [{**r, "restricted": r["kind"] == "payroll"} for r in posting.one.rules]
    posting.one.save()
    say(posting.boss, posting.one, "Licenciement", "de Paul", "payroll")
    quiet()
    (letter,) = letters()
    said = plain(letter.subject + letter.text + letter.html)
    assert letter.to == "rh@example.fr" and "Licenciement" not in said and "de Paul" not in said
    assert "confidentiel" in said and "/echanges/" in said


@pytest.mark.parametrize("loss", ["right", "account", "above", "mails", "address"])
def test_a_mail_that_waited_does_not_go_to_who_lost_the_right(posting: Any, loss: str) -> None:
    from syncd.portal.messages import mails
    from syncd.portal.models import Grant, User

    say(posting.boss, posting.one, "TVA", "Bonjour", told=[posting.paul.id])
    quiet()
    (letter,) = letters()
    assert letter.to == "paul@example.fr" and mails.may_go(letter)
    match loss:
        case "right":
            Grant.objects.filter(user=posting.paul, kind="*").update(verbs="view")
        case "account":
            User.objects.filter(id=posting.paul.id).update(is_active=False)
        case "above":
            User.objects.filter(id=posting.marie.id).update(is_active=False)
        case "mails":
            User.objects.filter(id=posting.paul.id).update(mail_deposits=False)
        case "address":
            User.objects.filter(id=posting.paul.id).update(email="other@example.fr")
    letter.refresh_from_db()
    assert not mails.may_go(letter)


@pytest.mark.parametrize("loss", ["right", "account"])
def test_nothing_is_queued_for_who_lost_the_right_while_it_was_quiet(posting: Any, loss: str) -> None:
    from syncd.portal.models import Grant, User

    say(posting.boss, posting.one, "TVA", "Bonjour")
    if loss == "right":
        Grant.objects.filter(user=posting.marie, kind="*").update(verbs="view")
    else:
        User.objects.filter(id=posting.marie.id).update(is_active=False)
    quiet()
    assert letters() == []


def test_a_note_of_the_cabinet_is_mailed_to_the_cabinet_alone(posting: Any) -> None:
    from syncd.portal.models import User

    User.objects.create(
        cabinet=posting.cabinet, sign_in="anne", role="correspondent", email="anne@example.fr", mail_pace="now"
    )
    say(posting.boss, posting.one, "TVA", "à surveiller", internal=True)
    say(posting.boss, posting.one, "TVA", "Bonjour Marie")
    quiet()
    found = {letter.to: letter.text for letter in letters()}
    assert set(found) == {"anne@example.fr", "marie@example.fr"}
    assert "surveiller" in found["anne@example.fr"] and "surveiller" not in found["marie@example.fr"]


def test_while_the_server_is_away_nothing_is_told_twice(posting: Any) -> None:
    """One mail waits; what is said meanwhile stands together in the next."""
    say(posting.boss, posting.one, "TVA", "un")
    quiet()
    (letter,) = letters()
    for n in range(3):
        say(posting.boss, posting.one, "TVA", f"jour {n}")
        quiet()
        assert letters() == [letter]
    gone()
    (letter,) = letters()
    assert all(f"jour {n}" in letter.text for n in range(3)) and "un\n" not in letter.text


def test_an_accountant_is_told_at_the_hours_they_chose(posting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.messages import mails
    from syncd.portal.models import User

    User.objects.filter(id=posting.boss.id).update(mail_pace="daily")
    say(posting.marie, posting.one, "TVA", "Bonjour")
    quiet()
    monkeypatch.setattr(mails, "last_hour", lambda pace, now: now - timedelta(hours=2))
    assert letters() == []
    monkeypatch.setattr(mails, "last_hour", lambda pace, now: now)
    assert [letter.to for letter in letters()] == ["boss@example.fr"]


def test_messages_are_forwarded_to_addresses_of_ones_choice(posting: Any, browse: Any) -> None:
    from django.test import Client as Browser

    from syncd.portal.messages import mails
    from syncd.portal.models import Letter, User

    posting.marie.set_password("une phrase assez longue")
    posting.marie.email = ""
    posting.marie.save()
    marie, form = browse(posting.marie), {"do": "forward", "current": "une phrase assez longue"}
    assert "Transférer les messages" in marie.get("/compte").content.decode()
    marie.post("/compte/action", {**form, "current": "x", "addresses": "a@example.org"})
    marie.post("/compte/action", {**form, "addresses": "a@example.org, x"})
    marie.post("/compte/action", {**form, "addresses": "a@e.fr b@e.fr c@e.fr d@e.fr"})
    assert User.objects.get(id=posting.marie.id).message_addresses == ""
    marie.post("/compte/action", {**form, "addresses": "perso@example.org; bureau@example.org"})
    say(posting.boss, posting.one, "TVA", "Bonjour")
    quiet()
    assert letters() == []  # they are asked first
    stranger, asks = Browser(), list(Letter.objects.filter(topic="agree").order_by("id"))
    assert [letter.to for letter in asks] == ["perso@example.org", "bureau@example.org"]
    for letter in asks:
        link = re.search(r"/transfert/\S+", letter.text)
        assert link and "TVA" not in letter.text and stranger.get(link[0]).status_code == 200
        assert mails.addresses(User.objects.get(id=posting.marie.id)) == [a.to for a in asks if a.id < letter.id]
        stranger.post(link[0])
    say(posting.boss, posting.one, "TVA", "Bonjour encore")
    quiet()
    found = letters()
    assert [letter.to for letter in found] == ["perso@example.org", "bureau@example.org"]
    assert all("Bonjour" in letter.text and letter.unsubscribe == "" and mails.may_go(letter) for letter in found)
    marie.post("/compte/action", {**form, "addresses": ""})
    for letter in found:
        letter.refresh_from_db()
        assert not mails.may_go(type(letter).objects.select_related("user").get(id=letter.id))


class Machine(Sink):
    """Every mailbox is out of office, as RFC 3834 says: what came by machine is not answered."""

    def __init__(self) -> None:
        self.answered: list[str] = []
        super().__init__()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        mail = self.mails[-1][1]
        if mail["Auto-Submitted"] in (None, "no") and mail["Precedence"] is None:
            self.answered.append(mail["Reply-To"] or mail["From"])
        return answer


@pytest.fixture
def answering_machine() -> Iterator[Machine]:
    machine = Machine()
    yield machine
    machine.close()


def test_an_answering_machine_gets_one_mail_and_has_nothing_to_answer(
    posting: Any, answering_machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from syncd.portal.messages import mails
    from syncd.portal.notifications import outbox

    monkeypatch.setattr(settings, "EMAIL_PORT", answering_machine.port)
    thread = say(posting.boss, posting.one, "TVA", "Bonjour")
    for _ in range(3):
        quiet()
        mails.gather()
        outbox.deliver(mails.may_go)
    ((_to, mail),) = answering_machine.mails
    entry = thread.entries.get()
    assert (
        answering_machine.answered == [] and mail["Auto-Submitted"] == "auto-generated" and mail["Precedence"] == "list"
    )
    assert mail["Message-ID"].startswith(f"<{entry.id}@") and thread.id in mail["References"]
    assert mail["List-Id"].startswith("<messages.") and not list(mail.iter_attachments())
    say(posting.boss, posting.one, "TVA", "Encore")
    quiet()
    mails.gather()
    outbox.deliver(mails.may_go)
    assert entry.id in answering_machine.mails[1][1]["References"] and answering_machine.answered == []


def test_a_mail_that_may_not_go_is_dropped_and_the_rest_is_told_anew(
    posting: Any, answering_machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from syncd.portal.messages import mails
    from syncd.portal.models import Grant
    from syncd.portal.notifications import outbox

    monkeypatch.setattr(settings, "EMAIL_PORT", answering_machine.port)
    say(posting.boss, posting.one, "TVA", "de la TVA")
    say(posting.boss, posting.one, "Banque", "de la banque", "bank")
    quiet()
    (_letter,) = letters()
    Grant.objects.create(user=posting.marie, client=posting.one, kind="bank", verbs="view")
    outbox.deliver(mails.may_go)
    assert answering_machine.mails == []
    quiet()
    mails.gather()
    outbox.deliver(mails.may_go)
    ((_to, mail),) = answering_machine.mails
    assert "de la TVA" in text_of(mail) and "de la banque" not in text_of(mail)
    assert person(posting.marie).reads_messages
