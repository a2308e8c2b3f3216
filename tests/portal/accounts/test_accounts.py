"""Accounts against open pages, guesses, colleagues and strangers: who may change what, and who is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest

from tests.portal.accounts.conftest import PASSWORD, sign_in


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
