"""Several cabinets on one portal: made, met by their name, and closed without anything being deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncd.core.errors import UsageError

PASSWORD = "une phrase assez longue"


def add(name: str = "Cabinet Durand", email: str = "anne@durand.fr", host: str = "documents.durand.fr") -> Any:
    from syncd.portal.operations import cabinets

    return cabinets.add(name, email, PASSWORD, "Anne Durand", host)


def signs_in(host: str, name: str) -> bool:
    from django.test import Client as Browser

    done = Browser().post("/connexion", {"login": name, "password": PASSWORD}, headers={"host": host}, secure=True)
    return bool(done.status_code == 302)


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch, portal: Path) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["*"])


def test_its_people_meet_it_by_its_name_and_sign_in_there(office: Any, hosts: None) -> None:
    from django.test import Client as Browser

    from syncd.portal.models import Cabinet
    from syncd.portal.people import accounts

    durand = add()
    Cabinet.objects.filter(id=durand.id).update(colour="#123456")
    accounts.set_password(office.boss, PASSWORD)

    def colours(host: str) -> str:
        return Browser().get("/couleurs.css", headers={"host": host}).content.decode()

    assert "#123456" in colours("documents.durand.fr") and "#123456" in colours("Documents.Durand.fr:8443")
    assert "#123456" not in colours("elsewhere.fr")
    assert signs_in("documents.durand.fr", "anne@durand.fr") and signs_in("elsewhere.fr", "anne@durand.fr")
    assert signs_in("elsewhere.fr", "boss") and not signs_in("documents.durand.fr", "boss")


def test_letters_lead_to_the_name_its_people_know(office: Any, settings_of: Callable[..., None]) -> None:
    from syncd.portal.models import Letter, User
    from syncd.portal.records import mail_queue

    settings_of(PUBLIC_URL="https://portail.exemple.fr:8443")
    add()
    mail_queue.invitation(User.objects.get(sign_in="anne@durand.fr"), "secret")
    mail_queue.invitation(office.marie, "secret")
    theirs, other = Letter.objects.order_by("id")
    assert "https://documents.durand.fr:8443/invitation/secret" in theirs.text and "portail.exemple" not in theirs.text
    assert "portail.exemple" not in theirs.html and "https://portail.exemple.fr:8443/invitation/secret" in other.text


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    from django.conf import settings

    def given(**values: Any) -> None:
        for name, value in values.items():
            monkeypatch.setattr(settings, name, value)

    return given


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "CABINET durand", "email": "b@durand.fr", "host": ""}, "called 'CABINET durand' already"),
        ({"name": "Another", "email": "b@durand.fr"}, "another cabinet's"),
        ({"name": "Another", "email": "Anne@Durand.fr", "host": ""}, "signs in to this portal already"),
        ({"name": " ", "host": ""}, "needs a name"), ({"name": "Another", "host": "https://x.fr"}, "no name of a host"),
        ({"name": "Another", "host": "x"}, "no name of a host"), ({"name": "Another", "host": "-a.fr"}, "no name of a host"),
    ],
)  # fmt: skip
def test_what_is_anothers_or_no_name_is_refused(portal: Path, given: dict[str, str], said: str) -> None:
    from syncd.portal.models import Cabinet

    add()
    before = Cabinet.objects.count()
    with pytest.raises(UsageError, match=said):
        add(**given)
    assert Cabinet.objects.count() == before


def test_a_cabinet_without_its_administrator_is_no_cabinet(portal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.models import Cabinet, User

    def full(**_: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(User.objects, "create", full)
    with pytest.raises(OSError, match="no space left"):
        add()
    assert not Cabinet.objects.filter(name="Cabinet Durand").exists()


@pytest.mark.parametrize("how", ["one", "several", "put back"])
def test_an_address_of_before_answers_never_again(office: Any, browse: Callable[..., Any], how: str) -> None:
    """Access that is given back, and a database that went back, bring no secret address back to life."""
    from syncd.portal.models import User
    from syncd.portal.operations.restored import begin_anew
    from syncd.portal.people import accounts, bulk_accounts, own_account
    from syncd.portal.people.visibility import person_of

    key, boss = own_account.make_calendar(person_of(office.marie)), person_of(office.boss)
    User.objects.filter(id=office.marie.id).update(message_addresses="marie@example.org :waits@example.org")
    assert browse(office.boss).get(f"/agenda/{key}.ics").status_code == 200
    if how == "one":
        accounts.set_active(boss, office.marie, False)
        accounts.set_active(boss, office.marie, True)
    elif how == "several":
        bulk_accounts.withdraw(boss, [office.marie.id])
        bulk_accounts.give_back(boss, [office.marie.id])
    else:
        begin_anew(revoke_keys=False)
    marie = User.objects.get(id=office.marie.id)
    assert marie.is_active and (marie.feed_key, marie.calendar_key, marie.message_addresses) == ("", "", "")
    assert browse(office.boss).get(f"/agenda/{key}.ics").status_code == 404


@pytest.mark.parametrize("how", ["one", "several"])
def test_of_who_was_let_in_by_somebody_revoked_no_address_answers(office: Any, browse: Any, how: str) -> None:
    from syncd.portal.models import User
    from syncd.portal.people import accounts, bulk_accounts, own_account
    from syncd.portal.people.visibility import person_of

    paul, boss, reader = person_of(office.paul), person_of(office.boss), browse(office.boss)
    places = (f"/agenda/{own_account.make_calendar(paul)}.ics", f"/flux/{own_account.make_feed(paul)}.atom")
    assert [reader.get(p).status_code for p in places] == [200, 200]
    User.objects.filter(id=office.marie.id).update(is_active=False)  # as before these addresses were cleared
    assert [reader.get(p).status_code for p in places] == [404, 404]
    User.objects.filter(id=office.marie.id).update(is_active=True)
    if how == "one":
        accounts.set_active(boss, office.marie, False)
        accounts.set_active(boss, office.marie, True)
    else:
        bulk_accounts.withdraw(boss, [office.marie.id])
        bulk_accounts.give_back(boss, [office.marie.id])
    assert [reader.get(p).status_code for p in places] == [404, 404]


@pytest.mark.parametrize("whose", ["paul", "marie"])
def test_a_request_of_before_makes_no_address_of_a_revoked_account(office: Any, whose: str) -> None:
    """Its own access, or that of who let it in."""
    from syncd.portal.models import User
    from syncd.portal.people import accounts, forwarding_addresses, own_account
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Refusal

    stale = person_of(office.paul)
    accounts.set_active(person_of(office.boss), getattr(office, whose), False)
    for write in (
        lambda: own_account.make_calendar(stale),
        lambda: own_account.make_feed(stale),
        lambda: own_account.change_address(stale, "x@example.org"),
        lambda: own_account.change_password(stale, "une phrase assez longue"),
        lambda: forwarding_addresses.forward_messages(stale, "x@example.org"),
    ):
        with pytest.raises(Refusal):
            write()
    paul = User.objects.get(id=office.paul.id)
    assert (paul.calendar_key, paul.feed_key, paul.email, paul.message_addresses) == ("", "", "", "")


@pytest.mark.parametrize("how", ["revoked", "several", "password"])
def test_whoever_took_an_account_over_reads_no_further(office: Any, how: str) -> None:
    """An address that messages were forwarded to is not there any more."""
    from syncd.portal.models import User
    from syncd.portal.people import accounts, bulk_accounts, own_account
    from syncd.portal.people.visibility import person_of

    User.objects.filter(id=office.marie.id).update(message_addresses="a@example.org :b@example.org")
    boss = person_of(office.boss)
    if how == "revoked":
        accounts.set_active(boss, office.marie, False)
    elif how == "several":
        bulk_accounts.withdraw(boss, [office.marie.id])
    else:
        assert own_account.change_password(person_of(office.marie), "une phrase assez longue").forwarding
    assert User.objects.get(id=office.marie.id).message_addresses == ""


def test_a_closed_one_lets_nobody_in_and_its_correspondent_opens_it_again(office: Any, hosts: None) -> None:
    from syncd.portal.models import Audit, Client, EngineToken, User
    from syncd.portal.operations import cabinets
    from syncd.portal.people import accounts
    from syncd.portal.rights import Operator
    from syncd.portal.sync import engine_keys

    for user in (office.boss, office.marie):
        accounts.set_password(user, PASSWORD)
    engine_keys.make(Operator(office.cabinet.id, "x"), "server")
    clients, others = Client.objects.count(), User.objects.exclude(cabinet=office.cabinet).count()
    (row,) = cabinets.listed().filter(id=office.cabinet.id)
    assert (row.open_clients, row.people, row.keys) == (2, 3, 1)
    User.objects.filter(cabinet=office.cabinet).update(feed_key="f" * 64, calendar_key="c" * 64)
    assert cabinets.close(office.cabinet) == 3
    assert not User.objects.filter(cabinet=office.cabinet).exclude(feed_key="", calendar_key="").exists()
    assert not signs_in("elsewhere.fr", "boss") and not EngineToken.objects.filter(revoked_at__isnull=True).exists()
    assert Client.objects.count() == clients and User.objects.exclude(cabinet=office.cabinet).count() == others
    with pytest.raises(UsageError, match="no correspondent"):
        cabinets.reopen(office.cabinet, "marie")
    cabinets.reopen(office.cabinet, "boss")
    assert signs_in("elsewhere.fr", "boss") and not signs_in("elsewhere.fr", "marie")
    told = list(Audit.objects.filter(cabinet=office.cabinet).order_by("id").values_list("what", flat=True))
    assert [w for w in told if w.startswith("cabinet_")] == ["cabinet_closed", "cabinet_opened"]


def test_a_command_asks_which_cabinet_is_meant(office: Any) -> None:
    from syncd.portal.operations.installation import only_cabinet

    with pytest.raises(UsageError, match="several cabinets"):
        only_cabinet({})
    assert only_cabinet({"SYNCD_PORTAL_CABINET": "cabinet MARTIN"}).id == office.cabinet.id
    assert only_cabinet({"SYNCD_PORTAL_CABINET": office.cabinet.id}).id == office.cabinet.id
    with pytest.raises(UsageError, match="no cabinet 'X'"):
        only_cabinet({"SYNCD_PORTAL_CABINET": "X"})
