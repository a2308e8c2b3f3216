"""When somebody was here last: what is new since then is told them first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from syncd.portal.models import User
from syncd.portal.rights import Person

APART = timedelta(hours=1)  # that long away, and coming back is another visit
SELDOM = timedelta(minutes=5)  # no more often is it written down


def came(actor: Person) -> datetime | None:
    """The actor is at the first page: when the visit before this one ended; None: there was none."""
    user, now = User.objects.only("visited_at", "visited_before").get(id=actor.id), datetime.now(UTC)
    if user.visited_at is None or now - user.visited_at > APART:
        user.visited_before = user.visited_at
    elif now - user.visited_at < SELDOM:
        return user.visited_before
    User.objects.filter(id=actor.id).update(visited_at=now, visited_before=user.visited_before)
    return user.visited_before
