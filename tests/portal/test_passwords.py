"""What one network, and everybody together, may make the portal check; and how passwords are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

RIGHT = "une phrase assez longue"
Try = Callable[..., int]


@pytest.fixture
def checked(office: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were really looked at; nothing is counted from before."""
    from django.contrib.auth.hashers import make_password
    from django.core.cache import cache

    from syncd.portal.people import passwords

    office.paul.password = make_password(RIGHT)
    office.paul.save()
    looked: list[str] = []

    def verify(self: Any, password: str, encoded: str) -> bool:
        looked.append(password)
        return password == RIGHT

    def encode(self: Any, password: str, salt: str) -> str:
        looked.append(password)
        return "argon2$x"

    monkeypatch.setattr(passwords.Hasher, "verify", verify)
    monkeypatch.setattr(passwords, "TRIES", 10)
    monkeypatch.setattr(passwords, "WRONG", 15)
    monkeypatch.setattr(passwords.Hasher, "encode", encode)
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.0)
    cache.clear()
    return looked


@pytest.fixture
def sign_in(checked: list[str]) -> Try:
    from django.test import Client as Browser

    def one(password: str, name: str = "paul", address: str = "192.0.2.1") -> int:
        form = {"login": name, "password": password}
        return int(Browser().post("/connexion", form, secure=True, REMOTE_ADDR=address).status_code)

    return one


def test_one_network_has_a_minute_and_others_do_not_notice(sign_in: Try, checked: list[str]) -> None:
    from syncd.portal.people import passwords

    for n in range(passwords.TRIES):
        assert sign_in("wrong", f"nobody{n}") == 403
    assert len(checked) == passwords.TRIES
    assert sign_in(RIGHT) == 429 and len(checked) == passwords.TRIES  # not even looked at
    assert sign_in(RIGHT, address="192.0.2.2") == 302
    for n in range(passwords.TRIES):
        assert sign_in("wrong", f"nobody{n}", address=f"2001:db8::{n:x}") == 403
    assert sign_in(RIGHT, address="2001:db8::ffff") == 429  # one line has them all
    assert sign_in(RIGHT, address="2001:db8:0:1::1") == 302


def test_wrong_ones_of_one_network_end_in_a_quarter_of_an_hour(
    sign_in: Try, checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.people import passwords

    monkeypatch.setattr(passwords, "TRIES", 1000)
    for n in range(passwords.WRONG):
        assert sign_in("wrong", f"nobody{n}") == 403
    checked.clear()
    assert sign_in(RIGHT) == 429 and not checked
    assert sign_in(RIGHT, address="192.0.2.2") == 302


def test_from_everywhere_at_once_those_known_go_on(
    sign_in: Try, checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.people import passwords

    monkeypatch.setattr(passwords, "ALL", 10)
    assert sign_in(RIGHT, address="198.51.100.7") == 302
    for n in range(20):
        sign_in("wrong", "nobody", address=f"203.0.113.{n}")
    checked.clear()
    assert sign_in(RIGHT, address="192.0.2.9") == 429 and not checked
    assert sign_in(RIGHT, address="198.51.100.7") == 302


def test_former_passwords_hold_are_kept_anew_and_tell_nobody_which_names_there_are(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.contrib.auth.hashers import Argon2PasswordHasher
    from django.core.cache import cache
    from django.test import Client as Browser

    from syncd.portal.people import passwords

    cache.clear()
    former = Argon2PasswordHasher().encode(RIGHT, "saltsaltsaltsaltsalt22")
    assert passwords._FORMER in former and passwords._FORMER in passwords._NOBODYS
    office.paul.password = former
    office.paul.save()
    costs: list[str] = []
    verify = passwords.Hasher.verify

    def noted(self: Any, password: str, encoded: str) -> bool:
        costs.append(encoded)
        return verify(self, password, encoded)

    monkeypatch.setattr(passwords.Hasher, "verify", noted)

    def ask(name: str, password: str) -> int:
        return int(Browser().post("/connexion", {"login": name, "password": password}).status_code)

    assert ask("nobody", "wrong") == 403 and costs == [passwords._NOBODYS]  # as long as for Paul
    assert ask("paul", RIGHT) == 302
    office.paul.refresh_from_db()
    assert "$m=19456,t=2,p=1$" in office.paul.password
    assert ask("paul", RIGHT) == 302
    costs.clear()
    assert ask("nobody", "wrong") == 403 and costs == []
