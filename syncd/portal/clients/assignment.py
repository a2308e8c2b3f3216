"""Whose clients they are: several given to one person of the cabinet at once."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.portal.models import Client, User
from syncd.portal.people.visibility import again
from syncd.portal.records import audit
from syncd.portal.records.feed import publishing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Role, may_manage_client


def assign(actor: Person, clients: Sequence[str], responsible: User | None) -> int:
    """By id; None: nobody's any more. How many there were: those the actor manages. Raises Refusal without any."""
    with publishing(actor.cabinet) as feed:
        now = again(actor)
        mine = [c for c in clients if may_manage_client(now, c)]
        found = Client.objects.filter(cabinet=actor.cabinet, id__in=mine)
        ids = list(found.values_list("id", flat=True))
        if not ids or (responsible is not None and not _follows(responsible, actor.cabinet)):
            raise Refusal(Code.NOT_ALLOWED_HERE)
        found.update(responsible=responsible)
        for client in ids:
            feed.client(client)  # the engine's reports are cut by it
        audit.record(actor, "clients_assigned", f"{len(ids)} : {responsible or '–'}")
    return len(ids)


def _follows(user: User, cabinet: str) -> bool:
    return user.cabinet_id == cabinet and user.is_active and Role(user.role).of_cabinet
