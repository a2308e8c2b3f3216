"""A person's answer to a plan that waits; the engine takes it from the feed (RULES 5)."""

from __future__ import annotations

from syncd.core.errors import UsageError
from syncd.portal.models import Cabinet, WaitingSet
from syncd.portal.services.feed import publishing


def answer(cabinet: Cabinet, digest: str, agreed: bool) -> None:
    """Agree to, or refuse, the very set that was shown under `digest`. Raises UsageError when it no longer waits."""
    waiting = WaitingSet.objects.filter(client__cabinet=cabinet, digest=digest).first()
    if waiting is None:
        raise UsageError("that plan no longer waits: what waits now was shown anew.")
    with publishing(cabinet.id) as feed:
        feed.answer(waiting.client_id, digest, agreed)
