"""The portal over HTTP, verb by verb."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from syncd.core.entry import RemoteDoc
from syncd.core.errors import Unreachable
from syncd.core.inventory import Kept
from syncd.core.protocol import (
    PROTOCOL,
    Caller,
    ChainHead,
    ClientTree,
    Coming,
    Cursor,
    FeedHead,
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
from syncd.disk.hashing import content_of
from syncd.ports.remote import NotGiven, Sink, Source, Take
from syncd.remote.bisection import BARRED, CUT, IN_VAIN, Bisection, alone, joined
from syncd.remote.passage import Passage
from syncd.remote.request import Again, Barred, Request, TooMuch
from syncd.remote.retry import GIVE_UP
from syncd.remote.session import MAX_ANSWER, Session
from syncd.wire import answers, endpoints, framing
from syncd.wire.endpoints import Endpoint, Q
from syncd.wire.messages import (
    ClientsRequest,
    GetRequest,
    HelloRequest,
    HistoryRequest,
    LookupRequest,
    MoveRequest,
    PollRequest,
    RemoveRequest,
    decode,
    encode,
)

T = TypeVar("T")
REREAD = 3600.0  # seconds: the portal reads a whole client before it begins to answer
FAILED = "portal_failed"
AWAY = (Unreachable.reason, FAILED, "proxy_alone")  # unless it answers something else meanwhile


async def _no_other_way(item: object) -> None:
    """What is cut has no other way to the portal."""


class HttpRemote:
    """What the engine asks of the portal, spoken in one session (syncd.remote.session says how, and what it raises)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._batches, self._pieces = Passage(), Passage()
        self._let_through = False  # whether a request with something of a client's in it reached the portal

    @property
    def requests(self) -> int:
        return self._session.requests

    async def close(self) -> None:
        await self._session.close()

    # -- what is asked -------------------------------------------------------------------------------------------------

    async def hello(self, caller: Caller, cursor: Cursor | None) -> Hello:
        return await self._hello(HelloRequest(PROTOCOL, caller, cursor))

    async def _hello(self, request: HelloRequest) -> Hello:
        data = await self._session.asked(endpoints.HELLO, request, begin=GIVE_UP + request.wait)
        hello = self._session.errors.decoded(data, answers.hello)
        if request.caller.lease:
            self._session.fence.lease = hello.lease
        return hello

    async def poll(self, caller: Caller, cursor: Cursor, wait: float) -> Cursor:
        request = PollRequest(PROTOCOL, caller.instance, cursor, wait)
        said = Request(endpoints.POLL, encode(request), accept=(200, 404), begin=GIVE_UP + wait)
        answer = await self._session.attempts(lambda: self._session.whole(said))
        if answer.status == 404:  # an older portal: there, whoever listens is told what changed as well
            hello = await self._hello(HelloRequest(PROTOCOL, replace(caller, lease=False), cursor, wait, brief=True))
            return hello.cursor
        return self._session.errors.decoded(answer.body, lambda data: decode(data, FeedHead)).cursor

    async def trees(self, clients: Sequence[str]) -> list[ClientTree | Unsound]:
        data = await self._session.asked(endpoints.TREES, ClientsRequest(list(clients)))
        found = self._session.errors.decoded(data, answers.trees)
        if any(tree.client not in clients for tree in found):
            raise self._session.errors.not_the_portal("a tree of another client")
        return found

    async def listings(self, clients: Sequence[str], take: Callable[[Listing | Unsound], None]) -> None:
        """Line by line; without the empty last line the answer was cut, and what has not come is asked for again."""
        wanted = dict.fromkeys(clients)

        async def rest() -> None:
            if not wanted:
                return
            whole = False
            request = Request(endpoints.LISTINGS, encode(ClientsRequest(list(wanted))))
            async with self._session.send(request) as answer:
                async for line in self._session.lines(answer):
                    if whole:
                        raise self._session.errors.not_the_portal("more than the list")
                    whole = not line
                    if whole:
                        continue
                    listing = self._session.errors.decoded(line, answers.listing)
                    if listing.client not in wanted:
                        raise self._session.errors.not_the_portal("a list of another client")
                    del wanted[listing.client]
                    take(listing)
            if not whole:
                raise Again("its list was cut")

        await self._session.attempts(rest)

    async def lookup(self, client: str, docs: Sequence[str]) -> list[RemoteDoc | None] | Unsound:
        found: list[RemoteDoc | None] = []
        for n in range(0, len(docs), 5000):
            part = list(docs[n : n + 5000])
            data = await self._session.asked(endpoints.LOOKUP, LookupRequest(client, part))
            answer = self._session.errors.decoded(data, lambda data: answers.lookup(client, data))
            if isinstance(answer, Unsound):
                return answer
            if [a.id if a else i for a, i in zip(answer, part, strict=False)] != part or len(answer) != len(part):
                raise self._session.errors.not_the_portal("what was not looked up")
            found += answer
        return found

    async def parity(self, clients: Sequence[str]) -> list[Parity]:
        return await self._session.ask(endpoints.PARITY, ClientsRequest(list(clients)))

    async def heads(self) -> list[ChainHead]:
        return await self._session.ask(endpoints.HEADS, ClientsRequest([]))

    async def tree_at(self, client: str, at: float) -> list[Former]:
        return await self._session.ask(endpoints.TREE_AT, HistoryRequest(client, at), most=MAX_ANSWER)

    async def versions(self, client: str) -> list[Former]:
        return await self._session.ask(endpoints.VERSIONS, ClientsRequest([client]), most=MAX_ANSWER)

    async def inventory(self, client: str) -> list[Kept]:
        return await self._session.ask(endpoints.INVENTORY, ClientsRequest([client]), most=MAX_ANSWER)

    async def rehash(self, client: str) -> list[Rotten]:
        return await self._session.ask(endpoints.REHASH, ClientsRequest([client]), most=MAX_ANSWER, begin=REREAD)

    # -- what is written -----------------------------------------------------------------------------------------------

    async def move(self, items: Sequence[MoveItem]) -> Written:
        def moved(part: Sequence[MoveItem]) -> Awaitable[Written]:
            return self._write(endpoints.MOVE, MoveRequest(list(part)), len(part))

        return await self._apart(items, moved, lambda item: item.client)

    async def remove(self, items: Sequence[RemoveItem]) -> Written:
        return await self._write(endpoints.REMOVE, RemoveRequest(list(items)), len(items))

    async def summary(self, summary: RunSummary) -> None:
        """What a name in it has barred or cut on its way is told without names: receipts and verdict arrive all the same."""
        try:
            await self._session.ask(endpoints.SUMMARY, summary)
        except Unreachable as e:
            named = [r.client for r in summary.reports or ()] + [w.client for w in summary.waiting]
            if not isinstance(e, Barred) and not (named and await self._is_there(named[0])):
                raise
            await self._session.ask(endpoints.SUMMARY, summary.nameless())

    async def _apart(
        self,
        items: Sequence[T],
        write: Callable[[Sequence[T]], Awaitable[Written]],
        client: Callable[[T], str],
        otherwise: Callable[[T], Awaitable[Written | None]] = _no_other_way,
        size: Callable[[T], int] | None = None,
    ) -> Written:
        """Where a request is barred in between, or cut every time, for what is in it, the rest goes (Bisection)."""

        async def blame(error: Unreachable, item: T) -> Result | None:
            if isinstance(error, Barred):
                return Result("refused", BARRED, str(error.status))
            if not await self._only_this(error, client(item)):
                return None
            failed = error.reason == FAILED  # the portal took it, and could not keep it
            return Result("refused", FAILED, error.cause) if failed else Result("refused", CUT)

        bisection = Bisection(items, write, blame, otherwise, through=self._let_through)
        try:
            written = await bisection()
        finally:
            self._let_through = bisection.through
        if (
            size is not None
            and bisection.divided
            and all(result.reason not in (CUT, FAILED) for result in written.results)
        ):
            # In smaller requests all of it crossed: what the line does not carry is their size.
            self._batches.refused(min(sum(map(size, (items[n] for n in part))) for part in bisection.divided))
        return written

    async def _only_this(self, error: Unreachable, client: str) -> bool:
        """Whether what failed every time is the matter of what was sent, since the portal answers something else."""
        return error.reason in AWAY and await self._is_there(client)

    async def put(self, items: Sequence[tuple[PutItem | FolderItem, bytes]]) -> Written:
        return await self._apart(items, self._put, lambda one: one[0].client, self._piecewise, lambda one: len(one[1]))

    async def _piecewise(self, one: tuple[PutItem | FolderItem, bytes]) -> Written | None:
        """A document that never crosses whole may do so in pieces, over a line that breaks."""
        item, data = one
        return await self.put_large(item, _Held(data)) if isinstance(item, PutItem) else None

    async def _put(self, items: Sequence[tuple[PutItem | FolderItem, bytes]]) -> Written:
        """Where something in between takes no body of that size, in several requests; a document beyond it in pieces."""
        size = sum(len(data) for _, data in items)
        if size < self._batches.most or not size:
            try:
                request = Request(endpoints.PUT, lambda: _frames(items))
                answer = await self._session.attempts(lambda: self._session.whole(request))
                self._batches.passed(size)
                return self._session.counted(answer.body, len(items))
            except TooMuch:
                self._batches.refused(size)
                if not size:  # folders alone: nothing smaller can be said
                    raise
        if len(items) == 1:
            item, data = items[0]
            assert isinstance(item, PutItem)
            return await self.put_large(item, _Held(data))
        half = len(items) // 2
        written = [await self._put(items[:half]), await self._put(items[half:])]
        return joined([result for part in written for result in part.results], written)

    async def heal(self, items: Sequence[tuple[GetItem, bytes]]) -> list[Result]:
        request = Request(endpoints.HEAL, lambda: _frames(items))
        answer = await self._session.attempts(lambda: self._session.whole(request))
        return self._session.errors.decoded(answer.body, lambda data: decode(data, list[Result]))

    async def _write(self, endpoint: Endpoint[Q, Written], request: Q, count: int) -> Written:
        return self._session.counted(await self._session.asked(endpoint, request), count)

    async def put_large(self, item: PutItem, source: Source) -> Written:
        """tus 1.0: what arrived before a cut, or a restart, is not sent again. Several may be under way together."""
        from syncd.remote.resumable_upload import ResumableUpload

        upload = ResumableUpload(self._session, self._pieces, item, source)
        with self._session.fence.together():
            try:
                return await upload()
            except Barred as e:  # of this document: the portal was greeted
                return alone(Result("refused", BARRED, str(e.status)))
            except Unreachable as e:
                if upload.advances or not await self._only_this(e, item.client):
                    raise
                return alone(Result("refused", CUT))

    # -- what is brought ---------------------------------------------------------------------------------------------------

    async def get(self, items: Sequence[GetItem], take: Take) -> None:
        """A repeat asks only for what has not come: each document proves itself, the trailer that none is missing.

        Where a request fails every time and the portal is there, one of its documents is why: it is found, and the others
        come.
        """
        why = dict[str, str]()
        waiting, barred = deque([{item.version_id: item for item in items}]), 0
        while waiting:
            wanted = waiting.popleft()
            try:
                await self._get(wanted, take)
            except Unreachable as e:
                at_fault = isinstance(e, Barred)
                barred += at_fault
                if at_fault and barred >= IN_VAIN and not self._let_through:
                    raise
                if not at_fault and not await self._only_this(e, items[0].client):
                    raise
                left = list(wanted.items())
                if len(left) == 1:
                    why[left[0][0]] = f"{BARRED} {e.status}" if isinstance(e, Barred) else "not_given"
                elif left:  # in the order in which they come: a line breaks at the first of those that have not
                    first = len(left) // 2 if at_fault else 1
                    waiting += (dict(left[:first]), dict(left[first:]))
            else:
                self._let_through = True
        if why:
            raise NotGiven(why)

    async def _is_there(self, client: str) -> bool:
        return await self._session.answers(endpoints.LOOKUP, LookupRequest(client, []))

    async def _get(self, wanted: dict[str, GetItem], take: Take) -> None:
        """Takes out of `wanted` what has come."""

        async def rest() -> None:
            asked = list(wanted.values())
            if not asked:
                return
            async with self._session.send(Request(endpoints.GET, encode(GetRequest(asked)))) as answer:
                try:
                    async for header, body in framing.read(answer.chunks, Coming, max_count=len(asked)):
                        item = wanted.get(header.version_id)
                        if item is not None and content_of(body) == item.content:
                            del wanted[header.version_id]
                            take(GetItem(item.client, item.doc, item.version_id, item.content, header.modified), body)
                except framing.Cut as e:
                    raise Again(str(e)) from None
                except framing.BadFrame as e:
                    raise self._session.errors.not_the_portal(str(e)) from None

        await self._session.attempts(rest)

    async def get_large(self, item: GetItem, sink: Sink) -> bool:
        """Ranged, from what the sink holds already; False when the portal cannot give it."""
        from syncd.remote.ranged_download import ranged_download

        before = await sink.offset()
        try:
            return await ranged_download(self._session, item, sink)
        except Barred as e:
            raise NotGiven({item.version_id: f"{BARRED} {e.status}"}) from None
        except Unreachable as e:
            if await sink.offset() > before:  # a line that breaks, and brings it piece by piece
                raise
            if not await self._only_this(e, item.client):
                raise
            return False  # this one alone; what came of it is kept, and gone on from


class _Held:
    """A document that is in memory, as a source."""

    def __init__(self, data: bytes) -> None:
        self.size, self._data = len(data), data

    async def chunks(self, offset: int) -> AsyncIterator[bytes]:
        yield self._data[offset:]


async def _frames(items: Sequence[tuple[object, bytes]]) -> AsyncIterator[bytes]:
    for part in framing.write(items):
        yield part
