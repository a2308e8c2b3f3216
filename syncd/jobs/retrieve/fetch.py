"""The documents of one bag, from the portal: small ones many at a time, large ones each in what survives a kill."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

from syncd.core.bag.layout import Entry
from syncd.core.protocol import GetItem
from syncd.engine.context import BATCH_BYTES, BATCH_COUNT, LARGE, Stop
from syncd.jobs.retrieve.holder import Holder
from syncd.ports.remote import NotGiven, Remote

T = TypeVar("T")
LOOK = 0.1  # seconds between two looks whether it is to end
NOT_GIVEN = "not_given"
Stopping = Callable[[], int]
Came = Callable[[int], None]


class Fetch:
    """`stopping`: the exit code to end with, 0: it goes on; a Stop is raised then. `came`: is told of each document, by its
    size."""

    def __init__(self, remote: Remote, client: str, holder: Holder, stopping: Stopping, came: Came) -> None:
        self._remote, self._client, self._holder = remote, client, holder
        self._stopping, self._came = stopping, came
        self.missing = dict[str, str]()

    async def __call__(self, entries: Sequence[Entry]) -> dict[str, str]:
        """Why some of them did not come, by version."""
        settling: asyncio.Future[dict[str, str]] | None = None
        try:
            for batch in _batches(entries):
                await self._bring(batch)
                if settling is not None:
                    self.missing |= await settling
                settling = asyncio.ensure_future(asyncio.to_thread(self._holder.settle()))
        finally:
            if settling is not None:
                self.missing |= await settling
        return self.missing

    async def _bring(self, batch: Sequence[Entry]) -> None:
        if len(batch) == 1 and batch[0].kept.content.size > LARGE:
            await self._large(batch[0])
        else:
            await self._many(batch)

    async def _many(self, batch: Sequence[Entry]) -> None:
        left = {e.kept.version_id: e for e in batch}

        def take(item: GetItem, data: bytes) -> None:
            self._between()
            entry = left.pop(item.version_id)
            self._holder.take(entry, data, item.modified)
            self._came(entry.kept.content.size)

        why: dict[str, str] = {}
        try:
            await self._answer(self._remote.get([_item(self._client, e) for e in batch], take))
        except NotGiven as e:
            why = dict(e.why)
        self.missing |= {version: _code(why.get(version, "")) for version in left}

    async def _large(self, entry: Entry) -> None:
        self._between()
        item, sink = _item(self._client, entry), self._holder.sink(entry)
        try:
            given = await self._answer(self._remote.get_large(item, sink))
        except NotGiven as e:
            self.missing[item.version_id] = _code(e.why.get(item.version_id, ""))
            return
        if given and await sink.content() != item.content:
            await sink.write(0, b"")
            given = False
        if not given:
            self.missing[item.version_id] = NOT_GIVEN
            return
        await asyncio.to_thread(self._holder.came, entry)
        self._came(item.content.size)

    def _between(self) -> None:
        if code := self._stopping():
            raise Stop(code)

    async def _answer(self, asked: Awaitable[T]) -> T:
        """What is not answered soon after it is to end is not waited for."""
        asking = asyncio.ensure_future(asked)
        try:
            while not (await asyncio.wait({asking}, timeout=LOOK))[0]:
                self._between()
            return asking.result()
        finally:
            if not asking.done():
                asking.cancel()
                await asyncio.wait({asking})


def _item(client: str, entry: Entry) -> GetItem:
    return GetItem(client, entry.kept.doc, entry.kept.version_id, entry.kept.content)


def _code(why: str) -> str:
    return why.partition(" ")[0] or NOT_GIVEN


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Of bounded number and size; a large document by itself."""
    batch, size = list[Entry](), 0
    for entry in entries:
        own = entry.kept.content.size
        if batch and (own > LARGE or size + own > BATCH_BYTES or len(batch) >= BATCH_COUNT):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += own
        if own > LARGE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
