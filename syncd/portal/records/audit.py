"""Who did what, when, from where; pruned after 12 months."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.http import HttpRequest

from syncd.portal.models import Audit, User

KEPT = timedelta(days=365)


@dataclass(slots=True)
class Line:
    what: str
    about: str = ""


@contextmanager
def doing(request: HttpRequest | None, user: User, what: str, about: str = "") -> Iterator[Line]:
    """Around what is done: its line is written with it, in one transaction, or neither is. What it says may be changed."""
    line = Line(what, about)
    with transaction.atomic():
        yield line
        note(request, user, line.what, line.about)


def note(request: HttpRequest | None, user: User, what: str, about: str = "") -> None:
    """Where a transaction is open already, or nothing else is written."""
    address = request.META.get("REMOTE_ADDR", "") if request is not None else ""
    Audit.objects.create(
        cabinet_id=user.cabinet_id, at=datetime.now(UTC), by=str(user), user_id=user.id, address=address[:64],
        what=what, about=about[:400],
    )  # fmt: skip


def prune() -> None:
    Audit.objects.filter(at__lt=datetime.now(UTC) - KEPT).delete()
