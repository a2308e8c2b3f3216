"""`/healthz`: whether every part works, writing included. Nothing about anybody's data, and nothing that costs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections, transaction
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from syncd.portal.api.wsgi_bridge import Pages
from syncd.portal.models import Cabinet
from syncd.portal.storage import blob_store, disk_reserve, upload_store
from syncd.portal.storage.port import NoRoom

LOG = logging.getLogger(__name__)
HEALTHY = 5.0  # seconds within which every part answers
KEPT = 5.0  # seconds for which an answer is good, whoever asks how often


class Health:
    """200 `ok`; 503 with a line for each part that does not work: `database`, `pages`, `storage`, `disk`.

    One look at a time, in a thread of its own: whoever asks meanwhile gets what the last one found.
    """

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._own = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._looking: asyncio.Future[list[str]] | None = None
        self._found: list[str] = []
        self._at = 0.0

    async def answer(self, request: Request) -> Response:
        if self._looking is None and (not self._at or time.monotonic() - self._at > KEPT):
            self._looking = asyncio.ensure_future(self._look())
        if self._looking is not None and not self._at:  # nobody has looked yet
            await asyncio.wait({self._looking})
        elif self._looking is not None:
            await asyncio.wait({self._looking}, timeout=2 * HEALTHY)
        return PlainTextResponse("".join(f"{part}\n" for part in self._found or ["ok"]), 503 if self._found else 200)

    async def _look(self) -> list[str]:
        looks: list[tuple[str, Callable[[], Awaitable[object]]]] = [
            ("database", lambda: self._in_thread(_database)), ("pages", self._pages.answers),
            ("storage", lambda: self._in_thread(_storage)), ("disk", lambda: self._in_thread(_disk)),
        ]  # fmt: skip
        found, why = [], []
        try:
            for part, look in looks:
                try:
                    async with asyncio.timeout(HEALTHY):
                        await look()
                except Exception as e:
                    found.append(part)
                    why.append(f"{part}: {e or type(e).__name__}")
            if found != self._found:  # said when it begins and when it ends, not at every look
                LOG.warning("the portal is not well: %s" if why else "the portal is well again%s", "; ".join(why))
        finally:
            self._found, self._at, self._looking = found, time.monotonic(), None
        return found

    async def _in_thread(self, look: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._own, look)


def _database() -> None:
    """Asks, and takes the right to write, as any change does; nothing is changed."""
    close_old_connections()
    try:
        with transaction.atomic():
            Cabinet.objects.filter(id="").update(name="")
    finally:
        close_old_connections()


def _storage() -> None:
    """What comes in, deposits on their way, and every directory of versions can be written to."""
    blob_store().try_writing()
    upload_store().try_writing()


def _disk() -> None:
    if disk_reserve.low():
        raise NoRoom
