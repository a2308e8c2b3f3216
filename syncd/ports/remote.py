"""The portal as the engine sees it. One contract suite holds every adapter to this (tests/contracts)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol

from syncd.core.content import Content
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


class NotGiven(Exception):
    """`why`, by version: a code of core.words of why the portal could not give it, and what fills it. All others came."""

    def __init__(self, why: Mapping[str, str]) -> None:
        super().__init__(", ".join(why.values()))
        self.why = why


class Sink(Protocol):
    """Where a large download goes: survives a restart, and says how much is already there."""

    async def offset(self) -> int: ...

    async def write(self, offset: int, *pieces: bytes) -> None:
        """One after the other from there. At 0: what was there before is gone."""
        ...

    def dated(self, modified: float | None) -> None:
        """The file's own date, put on it by whatever is written from now on. None: it is not known."""
        ...

    async def content(self) -> Content:
        """Of all that it holds now."""
        ...


class Source(Protocol):
    """Where a large upload comes from."""

    size: int

    def chunks(self, offset: int) -> AsyncIterator[bytes]: ...


Take = Callable[[GetItem, bytes], None]


class Remote(Protocol):
    """Raises Unreachable when the portal is away, or what answers is not the portal, Refused when the key is; a refused
    *item* is a Result, what no portal would say of one client is an Unsound in its place.

    Every verb is idempotent: repeating it after a lost answer changes nothing more and gives the same results.
    `ok` means durable: the portal would still hold it after losing power.
    """

    @property
    def requests(self) -> int:
        """Made so far."""
        ...

    async def hello(self, caller: Caller, cursor: Cursor | None) -> Hello:
        """What changed since the cursor."""
        ...

    async def poll(self, caller: Caller, cursor: Cursor, wait: float) -> Cursor:
        """Where the feed is: as soon as that is elsewhere than the cursor, or after `wait` seconds."""
        ...

    async def trees(self, clients: Sequence[str]) -> list[ClientTree | Unsound]: ...

    async def listings(self, clients: Sequence[str], take: Callable[[Listing | Unsound], None]) -> None:
        """`take` is given a listing for each client the portal knows, as they come, once. Each says its own count and
        digest, for the caller to check. Raises what a line that breaks for good raises, after what came before it.
        """
        ...

    async def lookup(self, client: str, docs: Sequence[str]) -> list[RemoteDoc | None] | Unsound:
        """Each document's state by id; None: the portal has no trace of it (missing)."""
        ...

    async def put(self, items: Sequence[tuple[PutItem | FolderItem, bytes]]) -> Written:
        """Documents with their bytes, and folders (without any) before what goes into them: a document's own are made
        with it in any case, but only an item's is named in the answer."""
        ...

    async def put_large(self, item: PutItem, source: Source) -> Written: ...

    async def get(self, items: Sequence[GetItem], take: Take) -> None:
        """`take` is given each item, with its date, and its very content, as they come, once; what the portal cannot give
        never comes.

        Raises what a line that breaks for good raises, after what came before it was taken; NotGiven where there is more
        to say of what never comes, after all the rest was taken.
        """
        ...

    async def get_large(self, item: GetItem, sink: Sink) -> bool:
        """False: the portal cannot give it. NotGiven: the same, and why."""
        ...

    async def move(self, items: Sequence[MoveItem]) -> Written: ...

    async def remove(self, items: Sequence[RemoveItem]) -> Written: ...

    async def summary(self, summary: RunSummary) -> None: ...

    async def parity(self, clients: Sequence[str]) -> list[Parity]: ...

    async def heads(self) -> list[ChainHead]:
        """What every summary left: a past that was rewritten since no longer leads to them (RULES 9)."""
        ...

    async def tree_at(self, client: str, at: float) -> list[Former]:
        """The client's live documents at a moment (seconds since 1970), each with the version it had then."""
        ...

    async def versions(self, client: str) -> list[Former]:
        """Every version of every document of the client, those in the bin too, at the document's place of now."""
        ...

    async def inventory(self, client: str) -> list[Kept]:
        """The same in one moment, without what the cabinet withdrew, and with what is known of each."""
        ...

    async def rehash(self, client: str) -> list[Rotten]:
        """The portal reads every version of the client again; those that are missing or not what they were."""
        ...

    async def heal(self, items: Sequence[tuple[GetItem, bytes]]) -> list[Result]:
        """Give such versions their bytes back; each is taken only if it is the version's very content."""
        ...

    async def close(self) -> None: ...
