"""Accounts against open pages, guesses, colleagues and strangers: who may change what, and who is told."""

from __future__ import annotations

import importlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest

PASSWORD = "une phrase assez longue"


@pytest.fixture(autouse=True)
def fresh(portal_directory: Path) -> Iterator[None]:
    from django.core.cache import cache

    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch, portal_directory: Path) -> Callable[[str], list[str]]:
    """The portal has a mail server; what waits for somebody, oldest first."""
    from django.conf import settings

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")

    def to(address: str) -> list[str]:
        from syncd.portal.models import Letter

        return [letter.text for letter in Letter.objects.filter(to=address).order_by("id")]

    return to


@pytest.fixture
def marie(office: Any, mail: Any) -> Any:
    """With a password and an address, and a browser that is signed in."""
    from syncd.portal.people import accounts

    accounts.set_password(office.marie, PASSWORD)
    office.marie.email = "marie@example.fr"
    office.marie.save()
    office.browser = sign_in("marie")
    return office


def sign_in(name: str, password: str = PASSWORD, address: str = "127.0.0.1") -> Any:
    from django.test import Client as Browser

    browser = Browser(REMOTE_ADDR=address)
    browser.post("/connexion", {"login": name, "password": password}, secure=True)
    return browser


def inside(browser: Any) -> bool:
    return bool(browser.get("/compte").status_code == 200)


def act(browser: Any, what: str, **form: str) -> str:
    page = browser.post("/compte/action", {"do": what, **form}, follow=True)
    assert page.status_code == 200
    return str(page.content.decode())


def now_of(user: Any) -> Any:
    user.refresh_from_db()
    return user


# -- the second factor, the feed, the address ---------------------------------------------------------------------------


def test_a_second_factor_is_put_on_with_the_password_never_over_another_and_never_without_a_secret(
    marie: Any, mail: Any
) -> None:
    user, one, two = marie.marie, marie.browser, sign_in("marie")
    assert "pas le bon" in act(one, "second_on", code="123456", current=PASSWORD) and not now_of(user).totp
    one.get("/compte?second=on")
    two.get("/compte?second=on")
    code = pyotp.TOTP(one.session["totp"]).now()
    assert "mot de passe actuel" in act(one, "second_on", code=code) and not now_of(user).totp
    page = act(one, "second_on", code=code, current=PASSWORD)
    assert now_of(user).totp == one.session.get("totp", now_of(user).totp) and "Codes de secours" in page
    first = now_of(user).totp
    other = pyotp.TOTP(two.session["totp"]).now()
    assert "déjà activée" in act(two, "second_on", code=other, current=PASSWORD) and now_of(user).totp == first
    act(one, "second_off", current=PASSWORD)
    assert not now_of(user).totp
    told = mail("marie@example.fr")
    assert len(told) == 2 and "a été activée" in told[0] and "a été désactivée" in told[1] and "127.0.0.1" in told[0]


@pytest.mark.parametrize(
    ("what", "form"), [("feed_on", {}), ("email", {"email": "thief@example.net"}), ("codes", {}), ("second_off", {})]
)
def test_an_open_page_alone_changes_nothing_that_lets_others_in(
    marie: Any, mail: Any, what: str, form: dict[str, str]
) -> None:
    from syncd.portal.people import second_factor

    user = marie.marie
    secret = pyotp.random_base32()
    second_factor.turn_on(user, secret, pyotp.TOTP(secret).now())
    before = (user.feed_key, user.email, now_of(user).totp, set(user.recovery_codes.values_list("sha256")))
    act(marie.browser, what, **form)
    assert (now_of(user).feed_key, user.email, user.totp, set(user.recovery_codes.values_list("sha256"))) == before
    act(marie.browser, what, current=PASSWORD, **form)
    assert (now_of(user).feed_key, user.email, user.totp, set(user.recovery_codes.values_list("sha256"))) != before
    assert len(mail("marie@example.fr")) == 1  # also when the address is another now: the one of before is told


def test_guesses_of_the_current_password_are_braked_written_down_and_told(marie: Any, mail: Any) -> None:
    from syncd.portal.models import Audit

    for n in range(12):
        said = act(marie.browser, "second_off", current=f"guess {n}")
    assert "essais : attendez" in said
    assert "essais : attendez" in act(marie.browser, "feed_on", current=PASSWORD)  # the right one, too, for a while
    assert Audit.objects.filter(what="own_wrong_password", user_id=marie.marie.id).count() == 10
    assert len(mail("marie@example.fr")) == 1


def test_the_feed_ends_with_the_password(marie: Any, mail: Any) -> None:
    from django.test import Client as Browser

    page = act(marie.browser, "feed_on", current=PASSWORD)
    address = "/flux/" + page.split("/flux/")[1].split("<")[0]
    assert Browser().get(address).status_code == 200
    said = act(marie.browser, "password", current=PASSWORD, password=PASSWORD + "!", again=PASSWORD + "!")
    assert "fil d" in said and Browser().get(address).status_code == 404
    assert inside(marie.browser) and "a été changé" in mail("marie@example.fr")[-1]


def test_recovery_codes_are_too_long_to_be_searched_and_those_of_before_go_on(marie: Any) -> None:
    import hashlib
    import math

    from syncd.portal.models import RecoveryCode
    from syncd.portal.people import second_factor

    user, secret = marie.marie, pyotp.random_base32()
    codes = second_factor.turn_on(user, secret, pyotp.TOTP(secret).now())
    assert codes is not None and len(codes) == 8
    assert all(len(c.replace("-", "")) * math.log2(31) > 80 for c in codes)
    now_of(user)
    assert second_factor.check(user, codes[0].upper().replace("-", " ")) and not second_factor.check(user, codes[0])
    RecoveryCode.objects.create(user=user, sha256=hashlib.sha256(b"abcd2345").hexdigest(), short=True)
    assert "ancien format" in marie.browser.get("/compte").content.decode()
    assert second_factor.check(user, "abcd-2345")
    page = act(marie.browser, "codes", current=PASSWORD)
    assert "ancien format" not in page and "Codes de secours" in page
    assert not second_factor.check(user, codes[1])


# -- who may undo whose revocation --------------------------------------------------------------------------------------


def test_a_revocation_is_undone_by_who_made_it_or_somebody_above(office: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Grant, Portfolio, User

    associate = User.objects.create(cabinet=office.cabinet, sign_in="assoc", name="Associé", role="associate")
    Grant.objects.create(user=associate, kind="*", verbs="view deposit download delete manage")
    Portfolio.objects.create(user=associate, field="all")
    other = User.objects.create(cabinet=office.cabinet, sign_in="boss2", name="Autre", role="correspondent")
    paul = office.paul
    by = {"boss": office.boss, "other": other, "associate": associate, "marie": office.marie}

    def post(who: str, what: str) -> bool:
        browse(by[who]).post(f"/personnes/{paul.id}/action", {"do": what})
        return bool(now_of(paul).is_active)

    for revoker, may in (
        ("boss", {"boss", "other"}), ("associate", {"associate", "boss"}), ("marie", {"marie", "associate", "boss"}),
    ):  # fmt: skip
        for who in ("marie", "associate", "boss", "other"):
            assert not post(revoker, "revoke")
            assert post(who, "revoke") is False  # revoked again from below: the word of above stays
            if who in may:
                assert post(who, "allow"), (revoker, who)
            elif who != "other":
                assert not post(who, "allow"), (revoker, who)
                page = browse(by[who]).get(f"/personnes/{paul.id}").content.decode()
                assert "une personne au-dessus" in page and 'value="allow"' not in page
                assert post("boss", "allow")
            else:
                assert post("boss", "allow")


def test_who_revoked_before_is_found_in_the_audit(office: Any) -> None:
    from django.apps import apps

    from syncd.portal.models import User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.records import audit

    audit.record(person_of(office.marie), "account_revoke", "paul")
    User.objects.filter(id=office.paul.id).update(is_active=False)
    importlib.import_module("syncd.portal.migrations.0014_accounts").look_back(apps, None)
    assert now_of(office.paul).revoked_by_id == office.marie.id


# -- links and codes ----------------------------------------------------------------------------------------------------


def test_correspondents_do_not_become_one_another(marie: Any, mail: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Invitation, User
    from syncd.portal.people import accounts

    equal = User.objects.create(
        cabinet=marie.cabinet, sign_in="boss2", email="two@example.fr", role="correspondent", password="!"
    )
    boss, person = browse(marie.boss), f"/personnes/{equal.id}"
    assert "/invitation/" in boss.post(person + "/action", {"do": "link"}).content.decode()  # nobody is there yet
    accounts.set_password(equal, PASSWORD)
    for kind in ("link", "card"):
        page = boss.post(person + "/action", {"do": kind}, follow=True).content.decode()
        assert "votre égale" in page and not Invitation.objects.filter(user=equal).exists()
    page = boss.post(person, {"name": "Deux", "email": "thief@example.net"}).content.decode()
    assert "Seule cette personne" in page and now_of(equal).email == "two@example.fr"
    assert boss.post(person, {"name": "Deux", "email": "two@example.fr"}).status_code == 302
    assert 'value="link"' not in boss.get(person).content.decode()
    boss.post(person + "/action", {"do": "mail"})
    assert len(mail("two@example.fr")) == 1  # a way back that its owner alone can go


def test_whoever_is_given_a_new_way_in_is_told_of_it_and_of_its_use(
    marie: Any, mail: Any, browse: Callable[..., Any]
) -> None:
    from django.test import Client as Browser
    from django.urls import reverse

    from syncd.portal.models import Audit

    page = browse(marie.boss).post(f"/personnes/{marie.marie.id}/action", {"do": "link"}).content.decode()
    link = "/invitation/" + page.split("/invitation/")[1].split("<")[0].split('"')[0]
    assert "boss (cabinet) a créé un lien" in mail("marie@example.fr")[-1]
    other = Browser()
    other.get(link)
    other.post(reverse("choose"), {"password": PASSWORD + "2", "again": PASSWORD + "2"})
    assert "avec un lien" in mail("marie@example.fr")[-1] and not inside(marie.browser)
    assert list(Audit.objects.order_by("id").values_list("what", flat=True))[-2:] == ["password_chosen", "sign_in"]


def test_strangers_burn_no_code_and_void_no_invitation(marie: Any, mail: Any) -> None:
    from django.test import Client as Browser

    from syncd.portal.people import invitations, sign_in_attempts

    code, link = invitations.issue(marie.paul, "card"), invitations.issue(marie.marie)
    stranger = Browser(REMOTE_ADDR="127.0.0.1")
    answers = [
        stranger.post("/premiere-connexion", {"login": "paul", "code": f"AAAA-{n}"}).status_code for n in range(12)
    ]
    assert answers == [403] * 8 + [429] * 4
    assert invitations.with_card("paul", code.lower()) == marie.paul
    for _ in range(3):
        stranger.post("/mot-de-passe-oublie", {"login": "marie"})
        sign_in_attempts.answer()
    assert invitations.invited(link) is not None
    sent = mail("marie@example.fr")
    assert len(sent) == 3 and "24 heures" in sent[0]
    for text in sent:  # nor do they void each other
        assert invitations.invited(text.split("/invitation/")[1].split()[0]) is not None


def test_the_same_is_done_for_a_name_that_nobody_has(marie: Any, mail: Any) -> None:
    """What is done while the page waits is alike, statement by statement; letters come later."""
    from django.db import connection
    from django.test import Client as Browser
    from django.test.utils import CaptureQueriesContext

    from syncd.portal.models import Knock, User
    from syncd.portal.people import invitations, sign_in_attempts

    invitations.issue(marie.paul, "card")
    User.objects.create(cabinet=marie.cabinet, sign_in="p@x.fr", role="member")

    def asked(path: str, **form: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            Browser().post(path, form)
        return [q["sql"].split()[0] + q["sql"].split("FROM")[-1].split("WHERE")[0][:40] for q in queries]

    for path, known, form in (
        ("/mot-de-passe-oublie", "marie", {}), ("/premiere-connexion", "paul", {"code": "x"}), ("/mot-de-passe-oublie", "p@x.fr", {}),
    ):  # fmt: skip
        asked(path, login="warm", **form)
        unknown = "personne@x.fr" if "@" in known else "personne"
        there, nobody = asked(path, login=known, **form), asked(path, login=unknown, **form)
        assert [s.split()[0] for s in there] == [s.split()[0] for s in nobody], path
    assert not mail("marie@example.fr")
    sign_in_attempts.answer()
    assert len(mail("marie@example.fr")) == 1 and not Knock.objects.exists()


def test_of_four_who_use_one_invitation_one_wins(office_there: Any) -> None:
    from syncd.portal.people import accounts, invitations
    from syncd.portal.refusals import Refusal

    secret = invitations.issue(office_there.paul)
    found = [invitations.invited(secret) for _ in range(4)]
    ready, won = threading.Barrier(4), []

    def choose(n: int) -> None:
        from django.db import connection

        ready.wait()
        try:
            invitation = found[n]
            assert invitation is not None
            accounts.set_password(invitation.user, f"{PASSWORD} {n}", invitation)
            won.append(n)
        except Refusal:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=choose, args=(n,)) for n in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(won) == 1 and now_of(office_there.paul).check_password(f"{PASSWORD} {won[0]}")


# -- guesses ------------------------------------------------------------------------------------------------------------


def test_a_name_guessed_at_from_many_places_is_locked_and_its_person_stays_in(marie: Any) -> None:
    from syncd.portal.people import accounts

    assert inside(sign_in("marie", address="198.51.100.7"))
    for n in range(24):
        assert not inside(sign_in("marie", "wrong", f"203.0.113.{n}"))
    assert not inside(sign_in("marie", address="203.0.113.200"))
    assert inside(sign_in("marie", address="198.51.100.7"))  # where she was before
    accounts.set_password(marie.paul, PASSWORD)
    assert inside(sign_in("paul", address="203.0.113.200"))


def test_failed_sign_ins_are_in_the_audit_and_told_once(marie: Any, mail: Any) -> None:
    from syncd.portal.models import Audit
    from syncd.portal.people import sign_in_attempts

    for name in ("marie", "personne"):
        for _ in range(4):
            sign_in(name, "wrong")
        sign_in_attempts.answer()
        sign_in_attempts.answer()
    lines = Audit.objects.filter(what="sign_in_failed")
    assert [(x.user_id, x.about, x.address) for x in lines] == [(marie.marie.id, "marie", "127.0.0.1")] * 4
    (letter,) = mail("marie@example.fr")
    assert "4 essais ont échoué" in letter
    for _ in range(3):
        sign_in("marie", "wrong")
    sign_in_attempts.answer()
    assert len(mail("marie@example.fr")) == 1  # once a day


def test_a_right_password_with_wrong_codes_is_told(marie: Any, mail: Any) -> None:
    from axes.models import AccessAttempt

    from syncd.portal.models import Audit
    from syncd.portal.people import second_factor, sign_in_attempts

    secret = pyotp.random_base32()
    second_factor.turn_on(marie.marie, secret, pyotp.TOTP(secret).now())
    browser = sign_in("marie")
    for code in ("mistyped-recovery", "123456"):
        browser.post("/connexion/code", {"code": code})
    sign_in_attempts.answer()
    assert Audit.objects.filter(what="second_failed", user_id=marie.marie.id).count() == 2
    assert "mot de passe y était juste" in mail("marie@example.fr")[-1]
    kept = " ".join(AccessAttempt.objects.values_list("post_data", flat=True))
    assert kept and "mistyped" not in kept and "123456" not in kept


# -- sessions -----------------------------------------------------------------------------------------------------------


def test_a_session_that_nobody_uses_ends(marie: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.models import SignedIn

    assert inside(marie.browser)
    clock = time.time()
    monkeypatch.setattr(time, "time", lambda: clock + 2.9 * 86400)
    assert inside(marie.browser)  # used: from here on anew
    monkeypatch.setattr(time, "time", lambda: clock + 5.8 * 86400)
    assert inside(marie.browser)
    monkeypatch.setattr(time, "time", lambda: clock + 9 * 86400)
    assert not inside(marie.browser) and not SignedIn.objects.filter(user=marie.marie).exists()


def test_what_has_ended_is_swept(marie: Any) -> None:
    from axes.models import AccessAttempt
    from django.contrib.sessions.models import Session

    from syncd.portal.models import Invitation, SignedIn
    from syncd.portal.people import invitations, sessions, sign_in_attempts

    sign_in("marie", "wrong")
    other = sign_in("marie")
    before = datetime.now(UTC) - timedelta(days=2)
    invitations.issue(marie.paul)
    Invitation.objects.update(expires_at=before)
    AccessAttempt.objects.update(attempt_time=before)
    Session.objects.exclude(session_key=SignedIn.objects.order_by("-since")[0].session).update(expire_date=before)
    sessions.prune()
    sign_in_attempts.prune()
    assert (Session.objects.count(), SignedIn.objects.count(), Invitation.objects.count()) == (1, 1, 0)
    assert not AccessAttempt.objects.exists() and inside(other)


# -- the audit ----------------------------------------------------------------------------------------------------------


def test_the_audit_says_nothing_that_did_not_happen(office: Any, put: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Audit

    document = put(office.one, "Achats/a.pdf", b"a")
    boss = browse(office.boss)
    boss.post(f"/documents/{document.id}/action", {"do": "delete"})
    Audit.objects.all().delete()
    original = importlib.import_module("syncd.portal.documents.selection")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(original, "make_folders", _fails)
        boss.post(f"/documents/{document.id}/action", {"do": "restore"})
    assert now_of(document).tombstone and not Audit.objects.exists()
    boss.post(f"/documents/{document.id}/action", {"do": "restore"})
    assert not now_of(document).tombstone and Audit.objects.get().what == "document_restored"


def test_nothing_is_done_without_its_line(office: Any, put: Any, browse: Callable[..., Any]) -> None:
    """Every note stands in the transaction of what it tells of: where it cannot be written, nothing happened."""
    from syncd.portal.models import Audit, Cabinet, EngineToken, User

    document = put(office.one, "Achats/a.pdf", b"a")
    boss = browse(office.boss)
    boss.raise_request_exception = False
    boss.get("/compte")

    def look() -> Any:
        return (
            now_of(document).tombstone, EngineToken.objects.count(), now_of(office.one).closed, now_of(office.one).rules,
            now_of(office.paul).is_active, office.paul.name, User.objects.count(), Cabinet.objects.get(id=office.cabinet.id).treated,
            office.paul.invitations.count(), list(now_of(office.boss).cabinet.shelves), now_of(office.boss).mail_deposits,
        )  # fmt: skip

    before = look()
    asks = [
        (f"/documents/{document.id}/action", {"do": "delete"}), ("/reglages/action", {"do": "key", "label": "x"}),
        ("/reglages/action", {"do": "habits", "treated": "on"}), ("/clients/000001/arborescence", {"do": "folder", "path": "Divers"}),
        ("/clients/000001/activation", {"typed": "000001"}), (f"/personnes/{office.paul.id}/action", {"do": "revoke"}),
        (f"/personnes/{office.paul.id}/action", {"do": "link"}), (f"/personnes/{office.paul.id}", {"name": "P", "client": "000001", "preset": "read"}),
        ("/personnes/nouvelle", {"name": "N", "client": "000001", "preset": "read", "role": "contact"}),
        ("/reglages/dossiers", {"key-1": "achats", "place-1": "1", "label-1": "Factures"}), ("/compte/action", {"do": "mails"}),
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Audit.objects, "create", _fails)
        patched.setattr(Audit.objects, "bulk_create", _fails)
        for path, form in asks:
            boss.post(path, form)
            assert look() == before, path
    for path, form in asks:
        boss.post(path, form)
        assert look() != before, path
        before = look()


def _fails(*_: Any, **__: Any) -> Any:
    from syncd.core.errors import UsageError

    raise UsageError("no")


# -- names, and backups -------------------------------------------------------------------------------------------------


def test_a_person_of_a_company_called_like_the_cabinet_is_said_to_be_of_the_company(
    office: Any, mail: Any, browse: Callable[..., Any]
) -> None:
    import re

    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client as Browser

    from syncd.portal.models import Deposit, Document, Grant, User
    from syncd.portal.notifications import notices
    from syncd.portal.people import own_account
    from syncd.portal.people.visibility import person_of

    User.objects.filter(id=office.marie.id).update(name="Cabinet Martin")
    User.objects.filter(id=office.boss.id).update(email="boss@example.fr")
    Grant.objects.filter(user=office.marie, kind="*").update(verbs="view deposit download delete")
    marie, boss = browse(office.marie), browse(office.boss)
    for n in (1, 2):
        given = SimpleUploadedFile(f"{n}.pdf", f"{n}".encode())
        marie.post("/dossiers/000001/deposer/Achats", {"documents": given, "batch": f"batch-{n:04}"})
    live, gone = Document.objects.order_by("path")
    Deposit.objects.update(last_at="2020-01-01T00:00:00Z")
    notices.gather()
    marie.post(f"/documents/{gone.id}/action", {"do": "delete"})
    told = mail("boss@example.fr")
    feed = Browser().get(f"/flux/{own_account.make_feed(person_of(office.boss))}.atom").content.decode()
    pages = [feed, *told] + [
        boss.get(path).content.decode()
        for path in (
            "/dossiers/000001", "/dossiers/000001/Achats", f"/documents/{live.id}", f"/documents/{gone.id}", "/recherche?q=1",
            f"/depots/{Deposit.objects.earliest('id').number}", "/reglages/historique",
        )
    ]  # fmt: skip
    for page in pages:
        assert "Cabinet Martin (société)" in page, page
        bare = r"(?:par |data-label=.(?:Qui|Par).>)Cabinet Martin(?! \(société\))|Cabinet Martin a déposé"
        assert not re.search(bare, page), page


@pytest.mark.embedded
def test_a_restored_backup_lets_nobody_in_by_what_was_closed_since(
    tmp_path: Path, office_there: Any, shared: Path
) -> None:
    import sqlite3

    from syncd.portal.operations import backup
    from syncd.portal.people import accounts, invitations, own_account
    from syncd.portal.people.visibility import person_of
    from syncd.portal.sync import engine_keys

    (shared / "secret_key").write_text("s" * 64)
    engine_keys.make(person_of(office_there.boss), "serveur")
    accounts.set_password(office_there.marie, PASSWORD)
    invitations.issue(office_there.paul)
    own_account.make_feed(person_of(office_there.marie))
    browser = sign_in("marie")
    assert inside(browser)
    backup.backup(shared, tmp_path / "copy", lambda *_: None)
    backup.restore(tmp_path / "copy", tmp_path / "back", lambda *_: None)
    backup.restore(tmp_path / "copy", tmp_path / "without", lambda *_: None, revoke_keys=True)

    def count(where: str, what: str) -> int:
        with sqlite3.connect(tmp_path / where / "portal.db") as conn:
            return int(conn.execute(f"select count(*) from {what}").fetchone()[0])

    for what in ("django_session", "portal_signedin", "portal_invitation", "portal_user where feed_key != ''"):
        assert (count("copy", what), count("back", what)) == (1, 0), what
    assert count("back", "portal_enginetoken where revoked_at is null") == 1
    assert count("without", "portal_enginetoken where revoked_at is null") == 0
