"""The portal over HTTP: one client, batches, retries with backoff and jitter on what may be retried."""

from __future__ import annotations

import base64
import contextlib
import functools
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec

from syncd.core.entry import RemoteDoc
from syncd.core.errors import AlreadyRunning, Refused, SyncdError, Unreachable
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
from syncd.remote import library
from syncd.remote.again import GIVE_UP, again
from syncd.remote.pace import Pace
from syncd.wire import framing
from syncd.wire.messages import (
    ClientsRequest,
    ErrorAnswer,
    GetRequest,
    HelloRequest,
    HistoryRequest,
    LookupRequest,
    MoveRequest,
    RemoveRequest,
    decode,
    encode,
)

T = TypeVar("T")
MAX_ANSWER = 256_000_000
CHUNK = 4_000_000


class _Retry(Exception):
    """The portal said to come again: overloaded, or restarting behind its proxy."""


class HttpRemote:
    """`url` without path; the key goes into a header, never into a log. Times in seconds.

    `rate`: bytes per second that bodies of documents keep to, None for no limit. OSError: `ca_file` is none.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        ca_file: str | None = None,
        transport: library.httpx.AsyncBaseTransport | None = None,
        rate: Callable[[], float | None] = lambda: None,
    ) -> None:
        self._pace = Pace(rate)
        self.requests = 0
        self._lease = 0
        self._turn = self._large = 0
        self._url, self._token, self._transport = url, token, transport
        self._verify: ssl.SSLContext | bool = (
            ssl.create_default_context(cafile=ca_file) if ca_file else url.startswith("https")
        )

    @functools.cached_property
    def _http(self) -> library.httpx.AsyncClient:
        return library.httpx.AsyncClient(
            base_url=self._url.rstrip("/") + "/api/v1", verify=self._verify, transport=self._transport,
            trust_env=not self._url.startswith("http://"),
            headers={"Authorization": f"Bearer {self._token}", "User-Agent": "syncd"},
            timeout=library.httpx.Timeout(60.0, connect=10.0), limits=library.httpx.Limits(max_connections=8),
        )  # fmt: skip

    async def close(self) -> None:
        if "_http" in self.__dict__:  # made at the first request
            await self._http.aclose()

    # -- what is asked -------------------------------------------------------------------------------------------------

    async def hello(self, caller: Caller, cursor: Cursor | None, wait: float = 0.0) -> Hello:
        request = HelloRequest(PROTOCOL, caller, cursor, wait)
        hello = await self._ask("/hello", request, Hello, timeout=GIVE_UP + wait)
        self._lease = hello.lease
        return hello

    async def trees(self, clients: Sequence[str]) -> list[ClientTree]:
        return await self._ask("/trees", ClientsRequest(list(clients)), list[ClientTree])

    async def listings(self, clients: Sequence[str], take: Callable[[Listing], None]) -> None:
        """Line by line; without the empty last line the answer was cut, and what has not come is asked for again."""
        wanted = dict.fromkeys(clients)

        async def rest() -> None:
            if not wanted:
                return
            whole = False
            async with self._stream("POST", "/listings", content=encode(ClientsRequest(list(wanted)))) as response:
                async for line in self._lines(response):
                    if whole:
                        raise self._not_the_portal("more than the list")
                    whole = not line
                    if whole:
                        continue
                    listing = self._decode(line, Listing)
                    if listing.client not in wanted:
                        raise self._not_the_portal("a list of another client")
                    del wanted[listing.client]
                    take(listing)
            if not whole:
                raise _Retry("its list was cut")

        await self._retry(rest)

    async def lookup(self, client: str, docs: Sequence[str]) -> list[RemoteDoc | None]:
        found: list[RemoteDoc | None] = []
        for n in range(0, len(docs), 5000):
            part = list(docs[n : n + 5000])
            answer = await self._ask("/lookup", LookupRequest(client, part), list[RemoteDoc | None])
            if len(answer) != len(part):
                raise self._not_the_portal("a look-up of another length")
            found += answer
        return found

    async def parity(self, clients: Sequence[str]) -> list[Parity]:
        return await self._ask("/parity", ClientsRequest(list(clients)), list[Parity])

    async def heads(self) -> list[ChainHead]:
        return await self._ask("/heads", ClientsRequest([]), list[ChainHead])

    async def tree_at(self, client: str, at: float) -> list[Former]:
        return await self._ask("/tree-at", HistoryRequest(client, at), list[Former])

    async def versions(self, client: str) -> list[Former]:
        return await self._ask("/versions", ClientsRequest([client]), list[Former])

    async def rehash(self, client: str) -> list[Rotten]:
        return await self._ask("/rehash", ClientsRequest([client]), list[Rotten], timeout=3600.0)

    # -- what is written -----------------------------------------------------------------------------------------------

    async def move(self, items: Sequence[MoveItem]) -> Written:
        return await self._write("/move", MoveRequest(list(items)), len(items))

    async def remove(self, items: Sequence[RemoveItem]) -> Written:
        return await self._write("/remove", RemoveRequest(list(items)), len(items))

    async def summary(self, summary: RunSummary) -> None:
        await self._ask("/summary", summary, dict[str, Any])

    async def put(self, items: Sequence[tuple[PutItem | FolderItem, bytes]]) -> Written:
        async def frames() -> AsyncIterator[bytes]:
            for part in framing.write(items):
                await self._pace.spent(len(part))
                yield part

        data = await self._retry(lambda: self._bytes("/put", frames))
        return self._counted(self._decode(data, Written), len(items))

    async def heal(self, items: Sequence[tuple[GetItem, bytes]]) -> list[Result]:
        async def frames() -> AsyncIterator[bytes]:
            for part in framing.write(items):
                yield part

        data = await self._retry(lambda: self._bytes("/heal", frames))
        return self._decode(data, list[Result])

    async def _write(self, path: str, request: object, count: int) -> Written:
        return self._counted(await self._ask(path, request, Written), count)

    def _counted(self, written: Written, count: int) -> Written:
        if len(written.results) != count:
            raise self._not_the_portal(f"{len(written.results)} results for {count} items")
        return written

    async def put_large(self, item: PutItem, source: Source) -> Written:
        """tus 1.0: what arrived before a cut, or a restart, is not sent again. Several may be under way together."""
        if not self._large:
            self._turn += 1
        self._large += 1
        try:
            return await self._put_large(item, source)
        finally:
            self._large -= 1

    async def _put_large(self, item: PutItem, source: Source) -> Written:
        meta = "item " + base64.b64encode(encode(item)).decode()
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(item.content.size), "Upload-Metadata": meta}
        created = await self._retry(lambda: self._send("POST", "/tus", headers=headers, accept=(201, 422)))
        if created.status_code == 422:
            nothing = Cursor("", 0, "")
            return Written((self._decode(created.content, Result),), nothing, nothing)
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
                answer = await self._send("PATCH", where, headers=patch, content=self._paced(source.chunks(offset)))
                return self._counted(self._decode(answer.content, Written), 1)
            except _passing():
                with contextlib.suppress(*_passing()):
                    head = await self._send("HEAD", where, accept=(200, 404))
                    offset = int(head.headers.get("upload-offset", "0"))
                raise

        return await self._retry(rest)

    # -- what is brought ---------------------------------------------------------------------------------------------------

    async def get(self, items: Sequence[GetItem], take: Take) -> None:
        """A repeat asks only for what has not come: each document proves itself, the trailer that none is missing."""
        wanted = {i.version_id: i for i in items}

        async def rest() -> None:
            asked = list(wanted.values())
            if not asked:
                return
            async with self._stream("POST", "/get", content=encode(GetRequest(asked))) as response:
                try:
                    async for header, body in framing.read(
                        self._paced(response.aiter_raw()), GetItem, max_count=len(asked)
                    ):
                        item = wanted.get(header.version_id)
                        if item is not None and content_of(body) == item.content:
                            del wanted[header.version_id]
                            take(item, body)
                except framing.BadFrame as e:
                    raise _Retry(str(e)) from None

        await self._retry(rest)

    async def get_large(self, item: GetItem, sink: Sink) -> bool:
        """Ranged, from what the sink holds already; False when the portal cannot give it."""

        async def rest() -> bool:
            offset = await sink.offset()
            if offset > item.content.size:
                await sink.write(0, b"")
                offset = 0
            if offset == item.content.size:
                return True
            async with self._stream(
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
                    async for chunk in self._paced(answer.aiter_raw()):
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
                raise _Retry("cut")
            return True

        return await self._retry(rest)

    async def _paced(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            await self._pace.spent(len(chunk))
            yield chunk

    # -- one request ---------------------------------------------------------------------------------------------------------

    async def _ask(self, path: str, request: object, type_: type[T], timeout: float | None = None) -> T:
        return self._decode(await self._retry(lambda: self._bytes(path, encode(request), timeout)), type_)

    async def _retry(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Every verb is idempotent; three more attempts, then the portal is unreachable. Certificates are not retried."""
        last = ""
        if not self._large:  # those that go at the same time share a number: none of them is later than another
            self._turn += 1  # a repeat keeps its number; what arrives after a later one is refused
        try:
            return await again(attempt, _retryable)
        except library.httpx.TransportError as e:
            last = _reason(e)
        except _Retry as e:
            last = str(e)
        raise Unreachable(
            f"The portal at {self._url} does not answer ({last}).",
            mend="Check that it runs and that this machine reaches it; the next run goes on.",
        )

    async def _bytes(
        self, path: str, content: bytes | Callable[[], AsyncIterator[bytes]], timeout: float | None = None
    ) -> bytes:
        body = content if isinstance(content, bytes) else content()
        extra: dict[str, Any] = {"timeout": library.httpx.Timeout(timeout, connect=10.0)} if timeout else {}
        async with self._stream("POST", path, content=body, **extra) as response:
            parts, size = [], 0
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if size > MAX_ANSWER:
                    raise self._not_the_portal("an endless answer")
                parts.append(chunk)
            return b"".join(parts)

    async def _lines(self, response: library.httpx.Response) -> AsyncIterator[bytes]:
        """Whole lines, without their ends; what comes after the last end is none."""
        pieces, size = list[bytes](), 0
        async for chunk in response.aiter_raw():
            *ended, begun = chunk.split(b"\n")
            for piece in ended:
                yield b"".join([*pieces, piece])
                pieces, size = [], 0
            pieces.append(begun)
            size += len(begun)
            if size > MAX_ANSWER:
                raise self._not_the_portal("an endless answer")

    async def _send(
        self, method: str, path: str, accept: Sequence[int] = (200,), **extra: Any
    ) -> library.httpx.Response:
        async with self._stream(method, path, accept=accept, **extra) as response:
            await response.aread()
            return response

    @contextlib.asynccontextmanager
    async def _stream(
        self,
        method: str,
        path: str,
        *,
        accept: Sequence[int] = (200,),
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> AsyncIterator[library.httpx.Response]:
        self.requests += 1
        head = {
            "Syncd-Lease": str(self._lease),
            "Syncd-Request": str(self._turn),
            "Accept-Encoding": "identity",
            **(headers or {}),
        }
        async with self._http.stream(method, path, headers=head, **extra) as response:
            if response.status_code not in accept:
                await self._fail(response)
            yield response

    async def _fail(self, response: library.httpx.Response) -> None:
        """Turn any other answer into the one error that says what it means."""
        body = b""
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > 100_000:
                break
        try:
            answer = decode(body, ErrorAnswer)
        except msgspec.MsgspecError:
            answer = None
        status = response.status_code
        if answer is None:
            if status in (429, 502, 503, 504):
                raise _Retry(f"it answers {status}")
            raise self._not_the_portal(f"status {status}")
        if status == 401:
            raise Refused(
                answer.code,
                f"The portal refuses the key: {answer.message}",
                mend="Put a valid key into [portal] token_file (syncd portal engine-token).",
            )
        if status == 409 and answer.code in ("held", "lease"):
            raise AlreadyRunning(answer.message)
        if status in (409, 503):
            raise _Retry(answer.message)
        raise SyncdError(f"The portal refuses the request ({answer.code}): {answer.message}")

    def _decode(self, data: bytes, type_: type[T]) -> T:
        try:
            return decode(data, type_)
        except msgspec.MsgspecError:
            raise self._not_the_portal("no answer of the protocol") from None

    def _not_the_portal(self, why: str) -> Unreachable:
        return Unreachable(
            f"What answers at {self._url} is not the portal ({why}).",
            mend="Check [portal] url, and any proxy or sign-in page in between: no document was touched.",
        )


def _passing() -> tuple[type[Exception], ...]:
    """What may be over in a moment."""
    return library.httpx.TransportError, _Retry


def _retryable(error: Exception) -> bool:
    if isinstance(error, library.httpx.ConnectError) and "CERTIFICATE" in str(error).upper():
        return False
    return isinstance(error, _passing())


def _reason(error: library.httpx.TransportError) -> str:
    return str(error) or type(error).__name__
