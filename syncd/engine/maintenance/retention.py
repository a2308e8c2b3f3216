"""What came out of replacements is kept in `.syncd/replaced/` until the portal surely holds it (RULES 6)."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core.events import shown
from syncd.core.time_units import DAY
from syncd.engine.action_backoff import FORGOTTEN
from syncd.engine.context import Context
from syncd.engine.stages import Client
from syncd.ports.local import ClientStopped, Stale

KEEP = 30 * DAY


def sweep(ctx: Context, clients: Sequence[Client]) -> None:
    """Once a day: drop copies older than a month whose very content the portal holds as a live document's version."""
    now = ctx.clock.now()
    if 0 <= now - ctx.state.progress.read().swept < DAY:
        return
    for client in clients:
        if not client.dir or client.adopt:
            continue
        ctx.recorder.between()
        try:
            _sweep(ctx, client)
        except ClientStopped as e:  # that client's: the others are swept
            ctx.recorder.stopped(client, e.reason, shown(e.where))
        except (OSError, Stale):  # looked at again another day
            continue
    ctx.state.progress.forget_pauses(now - FORGOTTEN)
    ctx.state.progress.change(swept=now)


def _sweep(ctx: Context, client: Client) -> None:
    old = ctx.mirror.kept(client.dir, KEEP)
    if not old:
        return
    held = ctx.state.trees.remote.contents(client.id)
    for name, stamp, content in old:
        if content.sha256 in held:
            ctx.mirror.drop_kept(client.dir, name, stamp)
