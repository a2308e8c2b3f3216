"""Who writes into a client's calendar, asked within the transaction that writes: the actor and the client as they are now."""

from __future__ import annotations

from syncd.portal.clients.tree import not_here
from syncd.portal.models import Client
from syncd.portal.people.visibility import again
from syncd.portal.rights import Person, may_keep_dates, may_note_dates


def keeping(actor: Person, client: Client) -> Person:
    """For the cabinet. Raises Refusal."""
    actor, closed = again(actor), _closed(client)
    if client.cabinet_id != actor.cabinet or not may_keep_dates(actor, client.id, closed):
        raise not_here(client)
    return actor


def noting(actor: Person, client: Client) -> Person:
    """For the company. Raises Refusal."""
    actor, closed = again(actor), _closed(client)
    if client.cabinet_id != actor.cabinet or not may_note_dates(actor, client.id, closed):
        raise not_here(client)
    return actor


def _closed(client: Client) -> bool:
    client.refresh_from_db(fields=["closed"])
    return client.closed
