"""The portal as a run asks it: what it does not answer soon after the run was to end is not waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from syncd.core.entry import RemoteDoc
from syncd.core.inventory import Kept
from syncd.core.protocol import (
    Caller,
    ChainHead,
    ClientTree,
    Cursor,
    FolderItem,
    Former,
    GetItem,
    Hello,
    Listing,
    MoveItem,
    Parity,
    PutItem,
    RemoveItem,
    Result,
    Rotten,
    RunSummary,
    Unsound,
    Written,
)
from syncd.engine.context import Stop
from syncd.engine.recorder import Recorder
from syncd.ports.remote import Remote, Sink, Source, Take

T = TypeVar("T")
LOOK = 0.1  # seconds between two looks whether the run is to end
LAST = 3.0  # seconds for the request that closes a run


class Cut(Stop):
    """A request was given up for it: whether the portal did what was asked is seen by the next run."""


class InterruptibleRemote:
    """Keeps to `ports.Remote`, and raises Cut. Every verb is idempotent, large documents go on where they were cut."""

    def __init__(self, remote: Remote, recorder: Recorder) -> None:
        self._remote, self._recorder = remote, recorder

    async def _answer(self, asked: Awaitable[T], least: float = 0.0) -> T:
        """`least`: seconds that it is waited for in any case."""
        asking, waited = asyncio.ensure_future(asked), 0.0
        try:
            while True:
                done, _ = await asyncio.wait({asking}, timeout=LOOK)
                if done:
                    return asking.result()
                waited += LOOK
                if waited >= least and self._recorder.overdue():
                    raise Cut(self._recorder.stopping())
        finally:
            if not asking.done():
                asking.cancel()
                await asyncio.wait({asking})

    @property
    def requests(self) -> int:
        return self._remote.requests

    async def hello(self, caller: Caller, cursor: Cursor | None) -> Hello:
        return await self._answer(self._remote.hello(caller, cursor))

    async def poll(self, caller: Caller, cursor: Cursor, wait: float) -> Cursor:
        return await self._answer(self._remote.poll(caller, cursor, wait))

    async def trees(self, clients: Sequence[str]) -> list[ClientTree | Unsound]:
        return await self._answer(self._remote.trees(clients))

    async def listings(self, clients: Sequence[str], take: Callable[[Listing | Unsound], None]) -> None:
        await self._answer(self._remote.listings(clients, take))

    async def lookup(self, client: str, docs: Sequence[str]) -> list[RemoteDoc | None] | Unsound:
        return await self._answer(self._remote.lookup(client, docs))

    async def put(self, items: Sequence[tuple[PutItem | FolderItem, bytes]]) -> Written:
        return await self._answer(self._remote.put(items))

    async def put_large(self, item: PutItem, source: Source) -> Written:
        return await self._answer(self._remote.put_large(item, source))

    async def get(self, items: Sequence[GetItem], take: Take) -> None:
        await self._answer(self._remote.get(items, take))

    async def get_large(self, item: GetItem, sink: Sink) -> bool:
        return await self._answer(self._remote.get_large(item, sink))

    async def move(self, items: Sequence[MoveItem]) -> Written:
        return await self._answer(self._remote.move(items))

    async def remove(self, items: Sequence[RemoveItem]) -> Written:
        return await self._answer(self._remote.remove(items))

    async def summary(self, summary: RunSummary) -> None:
        await self._answer(self._remote.summary(summary), LAST)

    async def parity(self, clients: Sequence[str]) -> list[Parity]:
        return await self._answer(self._remote.parity(clients))

    async def heads(self) -> list[ChainHead]:
        return await self._answer(self._remote.heads())

    async def tree_at(self, client: str, at: float) -> list[Former]:
        return await self._answer(self._remote.tree_at(client, at))

    async def versions(self, client: str) -> list[Former]:
        return await self._answer(self._remote.versions(client))

    async def inventory(self, client: str) -> list[Kept]:
        return await self._answer(self._remote.inventory(client))

    async def rehash(self, client: str) -> list[Rotten]:
        return await self._answer(self._remote.rehash(client))

    async def heal(self, items: Sequence[tuple[GetItem, bytes]]) -> list[Result]:
        return await self._answer(self._remote.heal(items))

    async def close(self) -> None:
        await self._remote.close()
