"""A portion of a cabinet's plans carried out: everything local, then what is renamed and removed online, then bytes."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.engine.apply.batch_size import bounded
from syncd.engine.apply.downloads import Downloads
from syncd.engine.apply.local import LocalWork
from syncd.engine.apply.remote import RemoteWork
from syncd.engine.apply.uploads import Uploads
from syncd.engine.apply.work import ClientWork
from syncd.engine.context import Context


async def carry_out(ctx: Context, busy: Sequence[ClientWork]) -> None:
    """What does not come about is left in the works, and planned again by the next run."""
    local = LocalWork(ctx)
    for work in busy:
        local.client(work)
    await RemoteWork(ctx).all(busy)
    for work in busy:
        local.moved(work)
    if ctx.settings.resting():
        for work in busy:
            work.stumbled = True  # what is left is planned again
    else:
        with bounded(ctx.state) as most:
            await Downloads(ctx, most).all(busy)
            await Uploads(ctx, most).all(busy)
