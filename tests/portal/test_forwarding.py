"""A thread's text sent once to an address: after a yes there, within rights, never a document, a note or a name of one."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest

from tests.portal.talk import page, person, say
from tests.portal.test_message_mails import posting

__all__ = ["posting"]


def asks() -> list[Any]:
    from syncd.portal.models import Letter

    return list(Letter.objects.filter(topic="agree").order_by("id"))


def sent() -> list[Any]:
    from syncd.portal.models import Letter

    return list(Letter.objects.filter(topic="forward").order_by("id"))


def link(letter: Any) -> str:
    found = re.search(r"/transfert/\S+", letter.text)
    assert found is not None
    return found[0]


@pytest.fixture
def out() -> str:
    """An address that no other test asked today."""
    return f"avocat.{secrets.token_hex(6)}@example.org"


@pytest.fixture
def stranger() -> Any:
    from django.test import Client as Browser

    return Browser()


def test_the_words_go_once_and_after_a_yes(posting: Any, browse: Any, put: Any, stranger: Any, out: str) -> None:
    from syncd.portal.models import ThreadReader

    thread = say(
        posting.marie, posting.one, "TVA <b>", "Bonjour <script>", document=put(posting.one, "Achats/secret.pdf", b"1")
    )
    say(posting.boss, posting.one, "TVA <b>", "entre nous", internal=True)
    ThreadReader.objects.update(mail_since=None)
    marie = browse(posting.marie)
    assert "Transférer le texte par e-mail" in page(marie, f"/echanges/{thread.id}")
    marie.post(f"/echanges/{thread.id}/transferer", {"to": out})
    (asked,) = asks()
    assert asked.to == out and "TVA" not in asked.text and "Bonjour <" not in asked.text and sent() == []
    say(posting.boss, posting.one, "TVA <b>", "plus tard")  # what is said afterwards was not asked for
    assert stranger.get(link(asked)).status_code == 200 and sent() == []  # a mail program's look is no yes
    for _twice in range(2):
        assert "part à" in stranger.post(link(asked)).content.decode()
    (letter,) = sent()
    assert letter.to == out and "Bonjour <script>" in letter.text and "<script>" not in letter.html
    assert (
        "secret" not in letter.text + letter.html and "entre nous" not in letter.text and "plus tard" not in letter.text
    )
    assert f"Texte transféré à {out}" in page(browse(posting.boss), f"/echanges/{thread.id}")  # all who read it know
    assert not ThreadReader.objects.filter(user=posting.boss.id).exclude(mail_since=None).exists()


def test_to_ones_own_address_it_goes_at_once_and_a_document_is_not_named(posting: Any, browse: Any, put: Any) -> None:
    from syncd.portal.messages.entries import Kind, Said
    from syncd.portal.messages.questions import say as ask

    thread = ask(
        person(posting.boss), put(posting.one, "Achats/licenciement.pdf", b"1"), Said(Kind.QUESTION, "Lequel ?")
    )
    browse(posting.marie).post(f"/echanges/{thread.id}/transferer", {"to": "marie@example.fr"})
    (letter,) = sent()
    assert (
        asks() == [] and "Lequel ?" in letter.text and "licenciement" not in letter.subject + letter.text + letter.html
    )
    browse(posting.boss).post(f"/echanges/{thread.id}/transferer", {"to": f"{posting.boss.sign_in}@example.fr"})
    assert "Texte transféré à boss" not in page(
        browse(posting.marie), f"/echanges/{thread.id}"
    )  # whom the cabinet tells


def test_of_a_long_thread_the_last_words_go_and_how_many_do_not_is_said(posting: Any) -> None:
    from syncd.portal.messages import forwarding

    for n in range(33):
        thread = say(posting.boss, posting.one, "TVA", f"mot {n}." + "\nencore une ligne" * 5)
    assert forwarding.forward(person(posting.marie), thread, "marie@example.fr")
    (letter,) = sent()
    assert all(f"mot {n}." in letter.text for n in range(3, 33)) and "mot 2." not in letter.text
    assert "3 messages plus anciens ne sont pas repris ici." in letter.text.replace("\u2019", "'").replace("\xa0", " ")


@pytest.mark.parametrize("how", ["right", "person", "client", "letter"])
def test_what_was_withdrawn_meanwhile_does_not_go(posting: Any, browse: Any, stranger: Any, how: str, out: str) -> None:
    from syncd.portal.messages import forwarding
    from syncd.portal.models import Client, Grant, User

    thread = say(posting.boss, posting.one, "TVA", "Bonjour")
    browse(posting.marie).post(f"/echanges/{thread.id}/transferer", {"to": out})
    if how == "letter":
        stranger.post(link(asks()[0]))
        assert forwarding.may_go(sent()[0])
    if how == "person":
        User.objects.filter(id=posting.marie.id).update(is_active=False)
    elif how == "client":
        Client.objects.filter(id=posting.one.id).update(closed=True)
    else:
        Grant.objects.filter(user=posting.marie).update(verbs="view")
    if how == "letter":
        assert not forwarding.may_go(sent()[0])
    else:
        assert stranger.post(link(asks()[0])).status_code == 404 and sent() == []


def test_what_may_not_go_and_odd_addresses_are_refused(posting: Any, browse: Any, stranger: Any, out: str) -> None:
    posting.one.rules = [{**r, "restricted": r["kind"] == "payroll"} for r in posting.one.rules]
    posting.one.save()
    mine = say(posting.boss, posting.one, "TVA", "Bonjour")
    theirs = say(posting.boss, posting.two, "TVA", "Bonjour")
    slip = say(posting.boss, posting.one, "Paie", "Bonjour", kind="payroll")
    marie = browse(posting.marie)
    for where, status in ((theirs, 404), (slip, 404), (mine, 302)):
        for to in ("", "x", "a@e.fr\nBcc: b@e.fr", "a@e.fr, b@e.fr", "\0@e.fr", "é" * 5000):
            assert marie.post(f"/echanges/{where.id}/transferer", {"to": to}).status_code in (status, 400)
    assert browse(posting.silent).post(f"/echanges/{mine.id}/transferer", {"to": out}).status_code == 404
    browse(posting.rh).post(f"/echanges/{slip.id}/transferer", {"to": out})  # who may read it, but it is confidential
    assert asks() == [] and sent() == []
    for token in ("x", "x:y:z", "a" * 5000):
        assert stranger.post(f"/transfert/{token}").status_code == 404
    for _many in range(6):
        marie.post(f"/echanges/{mine.id}/transferer", {"to": out})
    assert len(asks()) == 3  # of an address that answers nothing, three a day


def test_a_link_ends_after_three_days(
    posting: Any, browse: Any, stranger: Any, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    import time

    browse(posting.marie).post(f"/echanges/{say(posting.boss, posting.one, 'TVA', 'x').id}/transferer", {"to": out})
    late = time.time() + 3 * 86_400 + 5
    monkeypatch.setattr(time, "time", lambda: late)
    assert stranger.get(link(asks()[0])).status_code == 404


def test_an_address_taken_off_the_list_can_no_longer_say_yes(posting: Any, out: str) -> None:
    from syncd.portal.messages import mails
    from syncd.portal.models import User
    from syncd.portal.people import forwarding_addresses as addresses

    addresses.forward_messages(person(posting.marie), out)
    token = link(asks()[0]).removeprefix("/transfert/")
    assert addresses.who(token) is not None
    addresses.forward_messages(person(posting.marie), out)  # saved again: asked again
    assert len(asks()) == 2
    addresses.forward_messages(person(posting.marie), "")
    assert addresses.who(token) is None
    assert mails.addresses(User.objects.get(id=posting.marie.id)) == ["marie@example.fr"]


@pytest.mark.parametrize("how", ["confidential", "right"])
def test_what_waits_does_not_go_once_its_folder_is_confidential_or_the_right_gone(posting: Any, how: str) -> None:
    from syncd.portal.messages import forwarding
    from syncd.portal.models import Client

    assert forwarding.forward(
        person(posting.marie), say(posting.boss, posting.one, "TVA", "Bonjour"), "marie@example.fr"
    )
    (letter,) = sent()
    assert forwarding.may_go(letter)
    if how == "right":  # to read goes on
        Client.objects.filter(id=posting.one.id).update(closed=True)
    else:
        posting.one.rules = [{**r, "restricted": True} for r in posting.one.rules] + [
            {**posting.one.rules[0], "path": "Courrier", "kind": "other", "restricted": True}
        ]
        posting.one.save()
    assert not forwarding.may_go(letter)


def test_who_gets_it_does_not_read_who_got_it_before(posting: Any) -> None:
    from syncd.portal.messages import forwarding
    from syncd.portal.models import User

    thread = say(posting.boss, posting.one, "TVA", "Bonjour")
    User.objects.filter(id=posting.marie.id).update(message_addresses="first@example.org second@example.org")
    for to in ("first@example.org", "second@example.org"):
        assert forwarding.forward(person(posting.marie), thread, to)
    assert "Bonjour" in sent()[1].text and "first@" not in sent()[1].text + sent()[1].html


@pytest.mark.parametrize("what", ["once", "standing"])
def test_a_right_that_goes_while_somebody_says_yes_is_no_fault(
    posting: Any, browse: Any, stranger: Any, monkeypatch: pytest.MonkeyPatch, what: str, out: str
) -> None:
    from syncd.portal.messages import forwarding
    from syncd.portal.models import User
    from syncd.portal.people import accounts
    from syncd.portal.people import forwarding_addresses as addresses

    if what == "once":
        browse(posting.marie).post(f"/echanges/{say(posting.boss, posting.one, 'TVA', 'x').id}/transferer", {"to": out})
    else:
        addresses.forward_messages(person(posting.marie), out)
    asked = forwarding if what == "once" else addresses
    who = asked.who

    def late(token: str) -> Any:
        found = who(token)
        accounts.set_active(person(posting.boss), posting.marie, False)
        return found

    monkeypatch.setattr(asked, "who", late)
    assert stranger.post(link(asks()[0])).status_code == 404
    assert sent() == [] and User.objects.get(id=posting.marie.id).message_addresses == ""


def test_an_address_typed_as_ones_own_says_yes_first(posting: Any, stranger: Any, out: str) -> None:
    from syncd.portal.messages import forwarding
    from syncd.portal.people import own_account

    thread = say(posting.boss, posting.one, "TVA", "Bonjour")
    own_account.change_address(person(posting.marie), out)
    assert not forwarding.forward(person(posting.marie), thread, out) and sent() == []
    assert stranger.post(link(asks()[0])).status_code == 200 and [s.to for s in sent()] == [out]


def test_an_address_longer_than_its_column_is_refused_in_words(posting: Any, browse: Any) -> None:
    from syncd.portal.models import User
    from syncd.portal.people import forwarding_addresses as addresses

    domain = ".".join(["d" * 60] * 3) + ".example.org"
    long, longest = (f"{'a' * (n - len(domain) - 1)}@{domain}" for n in (255, 254))
    thread, marie = say(posting.boss, posting.one, "TVA", "Bonjour"), browse(posting.marie)
    said = marie.post(f"/echanges/{thread.id}/transferer", {"to": long}, follow=True).content.decode()
    assert "pas plus de 254 caractères" in said and asks() == []
    three = [longest, "b" + longest[1:], "c" + longest[1:]]
    addresses.forward_messages(person(posting.marie), " ".join(three))
    kept = User.objects.get(id=posting.marie.id).message_addresses
    most = User._meta.get_field("message_addresses").max_length
    assert most is not None and len(kept) <= most and addresses.waiting(User(message_addresses=kept)) == three
