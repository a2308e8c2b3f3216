"""The portal over HTTP, verb by verb."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from syncd.core.entry import RemoteDoc
from syncd.core.exchange import (
    PROTOCOL,
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
    Written,
)
from syncd.disk.hashing import content_of
from syncd.ports.remote import Sink, Source, Take
from syncd.remote.again import GIVE_UP
from syncd.remote.line import Again, Line, passing
from syncd.wire import framing
from syncd.wire.messages import (
    ClientsRequest,
    GetRequest,
    HelloRequest,
    HistoryRequest,
    LookupRequest,
    MoveRequest,
    RemoveRequest,
    encode,
)

CHUNK = 4_000_000


class HttpRemote:
    """What the engine asks of the portal, spoken over one line (syncd.remote.line says how, and what it raises)."""

    def __init__(self, line: Line) -> None:
        self._line = line

    @property
    def requests(self) -> int:
        return self._line.requests

    async def close(self) -> None:
        await self._line.close()

    # -- what is asked -------------------------------------------------------------------------------------------------

    async def hello(self, caller: Caller, cursor: Cursor | None, wait: float = 0.0) -> Hello:
        request = HelloRequest(PROTOCOL, caller, cursor, wait)
        hello = await self._line.ask("/hello", request, Hello, timeout=GIVE_UP + wait)
        self._line.lease = hello.lease
        return hello

    async def trees(self, clients: Sequence[str]) -> list[ClientTree]:
        return await self._line.ask("/trees", ClientsRequest(list(clients)), list[ClientTree])

    async def listings(self, clients: Sequence[str], take: Callable[[Listing], None]) -> None:
        """Line by line; without the empty last line the answer was cut, and what has not come is asked for again."""
        wanted = dict.fromkeys(clients)

        async def rest() -> None:
            if not wanted:
                return
            whole = False
            async with self._line.stream("POST", "/listings", content=encode(ClientsRequest(list(wanted)))) as response:
                async for line in self._line.lines(response):
                    if whole:
                        raise self._line.not_the_portal("more than the list")
                    whole = not line
                    if whole:
                        continue
                    listing = self._line.decoded(line, Listing)
                    if listing.client not in wanted:
                        raise self._line.not_the_portal("a list of another client")
                    del wanted[listing.client]
                    take(listing)
            if not whole:
                raise Again("its list was cut")

        await self._line.retry(rest)

    async def lookup(self, client: str, docs: Sequence[str]) -> list[RemoteDoc | None]:
        found: list[RemoteDoc | None] = []
        for n in range(0, len(docs), 5000):
            part = list(docs[n : n + 5000])
            answer = await self._line.ask("/lookup", LookupRequest(client, part), list[RemoteDoc | None])
            if len(answer) != len(part):
                raise self._line.not_the_portal("a look-up of another length")
            found += answer
        return found

    async def parity(self, clients: Sequence[str]) -> list[Parity]:
        return await self._line.ask("/parity", ClientsRequest(list(clients)), list[Parity])

    async def heads(self) -> list[ChainHead]:
        return await self._line.ask("/heads", ClientsRequest([]), list[ChainHead])

    async def tree_at(self, client: str, at: float) -> list[Former]:
        return await self._line.ask("/tree-at", HistoryRequest(client, at), list[Former])

    async def versions(self, client: str) -> list[Former]:
        return await self._line.ask("/versions", ClientsRequest([client]), list[Former])

    async def rehash(self, client: str) -> list[Rotten]:
        return await self._line.ask("/rehash", ClientsRequest([client]), list[Rotten], timeout=3600.0)

    # -- what is written -----------------------------------------------------------------------------------------------

    async def move(self, items: Sequence[MoveItem]) -> Written:
        return await self._write("/move", MoveRequest(list(items)), len(items))

    async def remove(self, items: Sequence[RemoveItem]) -> Written:
        return await self._write("/remove", RemoveRequest(list(items)), len(items))

    async def summary(self, summary: RunSummary) -> None:
        await self._line.ask("/summary", summary, dict[str, Any])

    async def put(self, items: Sequence[tuple[PutItem | FolderItem, bytes]]) -> Written:
        data = await self._line.retry(lambda: self._line.answer("/put", lambda: self._line.paced(_frames(items))))
        return self._counted(self._line.decoded(data, Written), len(items))

    async def heal(self, items: Sequence[tuple[GetItem, bytes]]) -> list[Result]:
        data = await self._line.retry(lambda: self._line.answer("/heal", lambda: _frames(items)))
        return self._line.decoded(data, list[Result])

    async def _write(self, path: str, request: object, count: int) -> Written:
        return self._counted(await self._line.ask(path, request, Written), count)

    def _counted(self, written: Written, count: int) -> Written:
        if len(written.results) != count:
            raise self._line.not_the_portal(f"{len(written.results)} results for {count} items")
        return written

    async def put_large(self, item: PutItem, source: Source) -> Written:
        """tus 1.0: what arrived before a cut, or a restart, is not sent again. Several may be under way together."""
        with self._line.together():
            return await self._put_large(item, source)

    async def _put_large(self, item: PutItem, source: Source) -> Written:
        meta = "item " + base64.b64encode(encode(item)).decode()
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(item.content.size), "Upload-Metadata": meta}
        created = await self._line.retry(lambda: self._line.send("POST", "/tus", headers=headers, accept=(201, 422)))
        if created.status_code == 422:
            nothing = Cursor("", 0, "")
            return Written((self._line.decoded(created.content, Result),), nothing, nothing)
        where = created.headers["location"].removeprefix("/api/v1")
        offset = int(created.headers["upload-offset"])

        async def rest() -> Written:
            nonlocal offset
            try:
                patch = {
                    "Tus-Resumable": "1.0.0",
                    "Upload-Offset": str(offset),
                    "Content-Type": "application/offset+octet-stream",
                }
                answer = await self._line.send(
                    "PATCH", where, headers=patch, content=self._line.paced(source.chunks(offset))
                )
                return self._counted(self._line.decoded(answer.content, Written), 1)
            except passing():
                with contextlib.suppress(*passing()):
                    head = await self._line.send("HEAD", where, accept=(200, 404))
                    offset = int(head.headers.get("upload-offset", "0"))
                raise

        return await self._line.retry(rest)

    # -- what is brought ---------------------------------------------------------------------------------------------------

    async def get(self, items: Sequence[GetItem], take: Take) -> None:
        """A repeat asks only for what has not come: each document proves itself, the trailer that none is missing."""
        wanted = {i.version_id: i for i in items}

        async def rest() -> None:
            asked = list(wanted.values())
            if not asked:
                return
            async with self._line.stream("POST", "/get", content=encode(GetRequest(asked))) as response:
                try:
                    async for header, body in framing.read(
                        self._line.paced(response.aiter_raw()), GetItem, max_count=len(asked)
                    ):
                        item = wanted.get(header.version_id)
                        if item is not None and content_of(body) == item.content:
                            del wanted[header.version_id]
                            take(item, body)
                except framing.BadFrame as e:
                    raise Again(str(e)) from None

        await self._line.retry(rest)

    async def get_large(self, item: GetItem, sink: Sink) -> bool:
        """Ranged, from what the sink holds already; False when the portal cannot give it."""

        async def rest() -> bool:
            offset = await sink.offset()
            if offset > item.content.size:
                await sink.write(0, b"")
                offset = 0
            if offset == item.content.size:
                return True
            async with self._line.stream(
                "GET",
                f"/content/{item.version_id}",
                headers={"Range": f"bytes={offset}-"},
                accept=(200, 206, 404),
            ) as answer:
                if answer.status_code == 404:
                    return False
                if answer.status_code == 200:
                    offset = 0
                pending, held = list[bytes](), 0
                try:
                    async for chunk in self._line.paced(answer.aiter_raw()):
                        pending.append(chunk)
                        held += len(chunk)
                        if offset + held > item.content.size:
                            pending, held = [], 0
                            return False  # more than it said it holds
                        if held >= CHUNK:
                            await sink.write(offset, *pending)
                            offset, pending, held = offset + held, [], 0
                finally:
                    if held:  # of a line that broke, too: else one that never carries a chunk would bring nothing
                        await sink.write(offset, *pending)
                        offset += held
            if offset != item.content.size:
                raise Again("cut")
            return True

        return await self._line.retry(rest)


async def _frames(items: Sequence[tuple[object, bytes]]) -> AsyncIterator[bytes]:
    for part in framing.write(items):
        yield part
