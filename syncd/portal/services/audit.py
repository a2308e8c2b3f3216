"""Who did what, when, from where; pruned after 12 months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.http import HttpRequest

from syncd.portal.models import Audit, User

KEPT = timedelta(days=365)


def note(request: HttpRequest | None, user: User, what: str, about: str = "") -> None:
    """In the caller's transaction, so that nothing is done without its line."""
    address = request.META.get("REMOTE_ADDR", "") if request is not None else ""
    Audit.objects.create(
        cabinet_id=user.cabinet_id, at=datetime.now(UTC), by=str(user), user_id=user.id, address=address[:64],
        what=what, about=about[:400],
    )  # fmt: skip


def prune() -> None:
    Audit.objects.filter(at__lt=datetime.now(UTC) - KEPT).delete()
