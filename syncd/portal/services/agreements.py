"""A person's answer to a plan that waits; the engine takes it from the feed (RULES 5)."""

from __future__ import annotations

from syncd.core.errors import UsageError
from syncd.portal.models import Cabinet, Client, WaitingSet
from syncd.portal.rights import Person, may_manage_client
from syncd.portal.services.feed import publishing
from syncd.portal.services.reach import again


def answer(cabinet: Cabinet, person: Person, digest: str, agreed: bool) -> Client:
    """Agree to, or refuse, the very set that was shown under `digest`. Raises UsageError when it no longer waits.

    The client it is about. Only for those who manage that client.
    """
    waiting = WaitingSet.objects.select_related("client").filter(client__cabinet=cabinet, digest=digest).first()
    if waiting is None or not may_manage_client(person, waiting.client_id):
        raise UsageError("that plan no longer waits: what waits now was shown anew.")
    with publishing(cabinet.id) as feed:
        now = again(person)
        if not isinstance(now, Person) or not may_manage_client(now, waiting.client_id):
            raise UsageError("that plan no longer waits: what waits now was shown anew.")
        feed.answer(waiting.client_id, digest, agreed)
    return waiting.client
