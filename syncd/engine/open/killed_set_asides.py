"""What a killed run had begun to set aside: written down before its rename, and settled by looking (RULES 3)."""

from __future__ import annotations

from collections.abc import Iterable

from syncd.core.effects import found_set_aside
from syncd.engine.apply.commit import commit_effects, withdraw_intent
from syncd.engine.context import Context
from syncd.engine.stages import Client
from syncd.ports.local import Stale


def resolve_intents(ctx: Context, clients: Iterable[Client]) -> None:
    """Of these clients; of others, when a pass is about them."""
    by_id = {client.id: client for client in clients}
    for row, client_id, record in ctx.state.set_asides.intended():
        client = by_id.get(client_id)
        if client is None:
            continue
        try:
            stamp = ctx.mirror.stat(client.dir, record.to)
        except (OSError, Stale):  # the scan says why; it is settled when it can be looked at
            continue
        if stamp is not None and stamp.inode == record.inode and stamp.size == record.content.size:
            commit_effects(ctx, client, found_set_aside(row, record))
        else:
            withdraw_intent(ctx, row)
