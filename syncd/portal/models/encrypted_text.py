"""Secrets that the portal must be able to read again lie encrypted in its database; the key is made of `secret_key`.

Whoever gets hold of the database alone (a copy, a backup of one table) has no second factor, no open link, no session.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

    _Text = models.TextField[str, str]
else:
    _Text = models.TextField

_MARK = "sealed:1:"


class Broken(Exception):
    """It was sealed with another key, or changed since."""


def seal(text: str) -> str:
    return _MARK + _box(settings.SECRET_KEY).encrypt(text.encode()).decode()


def opened(text: str) -> str:
    """What was sealed; a text from before anything was comes back as it is. Raises Broken."""
    if not text.startswith(_MARK):
        return text
    from cryptography.fernet import InvalidToken

    try:
        return _box(settings.SECRET_KEY).decrypt(text.removeprefix(_MARK)).decode()
    except InvalidToken:
        raise Broken from None


@lru_cache(maxsize=4)
def _box(key: str) -> Fernet:
    from cryptography.fernet import Fernet  # 11 MB, and only where a secret is touched

    made = hmac.digest(key.encode(), b"syncd.portal.sealed 1", "sha256")
    return Fernet(base64.urlsafe_b64encode(made))


def digest(secret: str) -> str:
    """What is kept of a secret that only has to be recognised: 160 bits, which fit where its 40 letters did."""
    return hashlib.sha256(secret.encode()).hexdigest()[:40]


class SealedText(_Text):
    """Sealed in the database, plain in Python; '' stays ''. `broken`: makes what is read when it cannot be opened."""

    def __init__(self, *args: Any, broken: Callable[[], str] = str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._broken = broken

    def get_prep_value(self, value: Any) -> Any:
        plain = super().get_prep_value(value)
        return seal(plain) if plain else plain

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        try:
            return opened(value) if value else value
        except Broken:
            return self._broken()
