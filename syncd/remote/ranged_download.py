"""A large document on its way down, by ranges, from what the sink holds already."""

from __future__ import annotations

import re

from msgspec.structs import replace

from syncd.core.protocol import GetItem
from syncd.ports.remote import Sink
from syncd.remote.request import Again, Request, Response
from syncd.remote.session import Session
from syncd.wire import endpoints
from syncd.wire.endpoints import Endpoint

CHUNK = 4_000_000
_MOMENT = re.compile(r"[0-9]{1,11}(\.[0-9]{1,9})?")


async def ranged_download(session: Session, item: GetItem, sink: Sink) -> bool:
    """False when the portal cannot give it."""
    path = endpoints.CONTENT.at(version=item.version_id)
    return await ranged(session, endpoints.CONTENT, path, item.content.size, sink)


async def ranged(session: Session, endpoint: Endpoint[None, bytes], path: str, size: int, sink: Sink) -> bool:
    """The same of whatever lies at `path`, `size` bytes of it."""
    return await session.attempts(lambda: _rest(session, Request(endpoint, path=path), size, sink))


async def _rest(session: Session, asked: Request, size: int, sink: Sink) -> bool:
    offset = await sink.offset()
    if offset > size:
        await sink.write(0, b"")
        offset = 0
    if offset == size:
        return True
    request = replace(asked, accept=(200, 206, 404, 410, 416), headers={"Range": f"bytes={offset}-"})
    async with session.send(request) as answer:
        if answer.status == 416:  # it holds less than it said
            await sink.write(0, b"")
        if answer.status >= 400:
            return False
        sink.dated(_date(answer.headers.get("syncd-modified", "")))
        came = await _into(sink, answer, 0 if answer.status == 200 else offset, size)
    if came > size:
        return False  # more than it said it holds
    if came != size:
        raise Again("cut")
    return True


async def _into(sink: Sink, answer: Response, offset: int, most: int) -> int:
    """Where the sink is at the end; beyond `most` nothing is kept."""
    pending, held = list[bytes](), 0
    try:
        async for chunk in answer.chunks:
            pending.append(chunk)
            held += len(chunk)
            if offset + held > most:
                offset, pending, held = offset + held, [], 0
                await sink.write(0, b"")
                return offset
            if held >= CHUNK:
                await sink.write(offset, *pending)
                offset, pending, held = offset + held, [], 0
    finally:
        if held:  # of a line that broke, too: else one that never carries a chunk would bring nothing
            await sink.write(offset, *pending)
            offset += held
    return offset


def _date(text: str) -> float | None:
    """A document's own date; None where it is none, or an older portal says nothing."""
    return float(text) if _MOMENT.fullmatch(text) else None
