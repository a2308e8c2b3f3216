"""One version of the portal's as a temporary file of the mirror, durable and proven, ready to get a name."""

from __future__ import annotations

import contextlib

from syncd.core.protocol import GetItem
from syncd.engine.context import LARGE, Context
from syncd.ports.remote import NotGiven


async def fetch(ctx: Context, directory: str, item: GetItem) -> str | None:
    """The temporary file's name; None when the portal cannot give the very content. Raises OSError."""
    with contextlib.suppress(NotGiven):
        return await _fetch(ctx, directory, item)
    return None


async def _fetch(ctx: Context, directory: str, item: GetItem) -> str | None:
    if item.content.size > LARGE:
        sink, temp = ctx.mirror.sink(directory, item.version_id)
        if not await ctx.remote.get_large(item, sink):
            return None
        if await sink.content() != item.content:
            await sink.write(0, b"")
            return None
    else:
        came: list[tuple[bytes, float | None]] = []
        await ctx.remote.get([item], lambda given, data: came.append((data, given.modified)))
        if not came:
            return None
        temp = ctx.mirror.temp(directory, *came[0])
    ctx.mirror.sync_temps([(directory, temp)])
    return temp
