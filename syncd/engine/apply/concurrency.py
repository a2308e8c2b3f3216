"""Large documents, a few at a time: one is read while another is on its way and a third is being stored."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from syncd.engine.context import Context

CONCURRENT = 3


async def run_concurrently(ctx: Context, todo: Iterable[tuple[str, Callable[[], Awaitable[None]]]]) -> None:
    """`todo`: whose document each is. None is begun once the run is to end (Stop), or one failed; what was begun is ended."""
    running: set[asyncio.Future[None]] = set()
    try:
        for code, carry in todo:
            ctx.recorder.between(code)
            if len(running) >= CONCURRENT:
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    one.result()
            running.add(asyncio.ensure_future(carry()))
        while running:
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                one.result()
    finally:
        if running:
            ended, _ = await asyncio.wait(running)
            for one in ended:  # why they failed, too, is nobody's any more
                one.exception()
