"""Endpoints of v1 but for the bodies of documents: observe, moves, removals, the closing summary."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator

import msgspec
from starlette.responses import Response, StreamingResponse

from syncd.core.client_cards import CardResult, Cards
from syncd.core.desk_tasks import TaskReport, Tasks
from syncd.core.entry import RemoteDoc
from syncd.core.inventory import Kept
from syncd.core.package_orders import PackageOrders, PackageReport
from syncd.core.protocol import (
    PROTOCOL,
    ChainHead,
    ClientTree,
    Cursor,
    FeedHead,
    Former,
    Hello,
    Parity,
    Rotten,
    RunSummary,
    Written,
)
from syncd.portal.api.auth import Call, Declined
from syncd.portal.api.key_limits import pause
from syncd.portal.api.long_poll import Heads
from syncd.portal.api.orm_threads import in_data_thread, in_long_thread, in_thread
from syncd.portal.clients import engine_cards
from syncd.portal.documents import integrity, lifecycle
from syncd.portal.documents import inventory as kept
from syncd.portal.documents import tree_at as history
from syncd.portal.exchange import engine_orders
from syncd.portal.storage import blob_store
from syncd.portal.sync import changes, engine_keys, planned_tasks, run_summaries
from syncd.portal.sync import listings as client_listings
from syncd.wire.messages import (
    ChangeCardsRequest,
    ClientsRequest,
    HelloRequest,
    HistoryRequest,
    LookupRequest,
    MoveRequest,
    PollRequest,
    RemoveRequest,
    Taken,
    decode,
    encode,
)

MAX_WAIT = 60.0
MOST_CLIENTS = 100_000  # of one request
MOST_CHANGES = 1000


def _clients(request: ClientsRequest, most: int = MOST_CLIENTS) -> list[str]:
    """Whom a request is about, each once. Malformed when they are more than `most`."""
    asked = list(dict.fromkeys(request.clients))
    if len(asked) > most:
        raise msgspec.ValidationError(f"{len(asked)} clients in one request: at most {most}")
    return asked


async def hello(call: Call, request: HelloRequest) -> Hello:
    _speaks(request.protocol)
    if request.cursor is not None:
        await _moved(call, request.cursor, request.wait)
    await call.again()
    if request.caller.lease:  # a dry run leaves "last seen" alone
        await in_thread(engine_keys.saw_engine, call.token)
    return await in_thread(changes.hello, call.engine, request.caller, request.cursor, request.brief)


async def poll(call: Call, request: PollRequest) -> FeedHead:
    _speaks(request.protocol)
    await _moved(call, request.cursor, request.wait)
    await call.again()
    return FeedHead(await in_thread(changes.listening, call.engine, request.instance))


def _speaks(protocol: int) -> None:
    if protocol != PROTOCOL:
        raise Declined(400, "protocol", f"This portal speaks version {PROTOCOL} of the protocol.")


async def _moved(call: Call, cursor: Cursor, wait: float) -> None:
    """Until the feed is elsewhere than the cursor, or it was waited so long, or for nobody any more."""
    heads: Heads = call.request.app.state.heads
    deadline = time.monotonic() + min(wait, MAX_WAIT)
    with heads.waits(call.cabinet.id) as may:
        if wait and not may:
            await pause()
            raise Declined(503, "busy", "Too many wait for this cabinet already.")
        while time.monotonic() < deadline and not heads.stopping and not await call.request.is_disconnected():
            if await heads.moved(call.cabinet.id, cursor, deadline):
                return


async def trees(call: Call, request: ClientsRequest) -> list[ClientTree]:
    return await in_thread(client_listings.trees, call.engine, _clients(request))


async def listings(call: Call) -> Response:
    """A JSON line per client, as each is read; an empty last line says that the answer is whole."""
    clients = _clients(decode(await call.json(), ClientsRequest))

    async def lines() -> AsyncIterator[bytes]:
        for client in clients:
            listing = await in_thread(client_listings.listing, call.engine, client)
            if listing is not None:
                yield encode(listing) + b"\n"
        yield b"\n"

    return StreamingResponse(call.parts(lines()), media_type="application/jsonl")


async def lookup(call: Call, request: LookupRequest) -> list[RemoteDoc | None]:
    return await in_thread(client_listings.lookup, call.engine, request.client, request.docs)


async def parity(call: Call, request: ClientsRequest) -> list[Parity]:
    return await in_thread(client_listings.parities, call.engine, _clients(request))


async def heads(call: Call, request: ClientsRequest) -> list[ChainHead]:
    return await in_thread(run_summaries.heads, call.engine)


async def tree_at(call: Call, request: HistoryRequest) -> list[Former]:
    return await in_thread(history.tree_at, call.engine, request.client, request.at)


async def versions(call: Call, request: ClientsRequest) -> list[Former]:
    (client,) = _clients(request, 1) or [""]
    return await in_thread(history.versions, call.engine, client)


async def inventory(call: Call, request: ClientsRequest) -> list[Kept]:
    (client,) = _clients(request, 1) or [""]
    return await in_thread(kept.inventory, call.engine, client)


async def rehash(call: Call, request: ClientsRequest) -> list[Rotten]:
    """Reads every version of one client: as long as somebody waits for it."""
    (client,) = _clients(request, 1) or [""]
    over = threading.Event()
    reading = asyncio.ensure_future(in_long_thread(integrity.rotten, call.engine, client, blob_store(), over.is_set))
    try:
        while not reading.done():
            await asyncio.wait([reading], timeout=1.0)
            if await call.request.is_disconnected():
                over.set()
        return reading.result()
    finally:
        over.set()
        with contextlib.suppress(Exception):
            await reading


async def move(call: Call, request: MoveRequest) -> Written:
    return await in_thread(lifecycle.move_many, call.engine, request.items)


async def remove(call: Call, request: RemoveRequest) -> Written:
    return await in_thread(lifecycle.remove_many, call.engine, request.items)


async def summary(call: Call, request: RunSummary) -> Taken:
    await in_thread(run_summaries.take_summary, call.engine, request)
    return Taken()


async def cards(call: Call, request: ClientsRequest) -> Cards:
    return await in_thread(engine_cards.cards, call.engine)


async def change_cards(call: Call, request: ChangeCardsRequest) -> list[CardResult]:
    if len(request.changes) > MOST_CHANGES:
        raise msgspec.ValidationError(f"{len(request.changes)} changes in one request: at most {MOST_CHANGES}")
    return await in_thread(engine_cards.change, call.engine, request.changes)


async def tasks(call: Call, request: TaskReport) -> Tasks:
    return await in_thread(planned_tasks.exchange, call.engine, request)


async def packages(call: Call, request: PackageReport) -> PackageOrders:
    return await in_data_thread(engine_orders.exchange, call.engine, request)
