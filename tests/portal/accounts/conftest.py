"""A portal with a mail server, and Marie, who has an account there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "une phrase assez longue"


def sign_in(name: str, password: str = PASSWORD, address: str = "127.0.0.1") -> Any:
    from django.test import Client as Browser

    browser = Browser(REMOTE_ADDR=address)
    browser.post("/connexion", {"login": name, "password": password}, secure=True)
    return browser


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
