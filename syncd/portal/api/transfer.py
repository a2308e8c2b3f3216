"""Bodies of documents: framed batches both ways, tus uploads, ranged downloads. None passes through Django."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from msgspec.structs import replace
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from syncd.core import bounded_input
from syncd.core.content import Content
from syncd.core.errors import Refused
from syncd.core.protocol import FolderItem, GetItem, PutItem, Written
from syncd.disk.hashing import content_of
from syncd.portal.api.auth import Call, answer, error
from syncd.portal.api.orm_threads import in_data_thread, in_long_thread, in_reading_thread, in_thread
from syncd.portal.api.upload_stream import Hashed
from syncd.portal.clients.tree import rules_by_client, rules_of
from syncd.portal.documents import integrity, receipts
from syncd.portal.documents.store import Body, keep, new_version_id, no_room, precheck
from syncd.portal.models import Client, Version
from syncd.portal.people import visibility
from syncd.portal.rights import Engine, Place, Verb, may
from syncd.portal.storage.local import store as blob_store
from syncd.portal.storage.uploads import ledger
from syncd.portal.storage.write_errors import full
from syncd.wire import framing
from syncd.wire.endpoints import PREFIX, TUS_PATCH
from syncd.wire.messages import GetRequest, decode

log = logging.getLogger(__name__)
FLUSH = 2_000_000
LARGEST = 1_000_000_000
TUS = {"Tus-Resumable": "1.0.0"}


async def put(call: Call) -> Response:
    """write → sync → name → directory → commit → answer, for the whole batch."""
    received: list[Body | FolderItem] = []
    temps: list[tuple[str, str]] = []
    pending: list[tuple[PutItem | FolderItem, bytes]] = []
    size = 0

    def flush(items: Sequence[tuple[PutItem | FolderItem, bytes]]) -> None:
        blobs = blob_store()
        for item, data in items:
            if isinstance(item, FolderItem):
                received.append(item)
                continue
            content = content_of(data)
            version_id = new_version_id()
            received.append(Body(item, content, version_id))
            if content == item.content:
                temps.append((blobs.temp(data), version_id))

    writing: asyncio.Future[None] | None = None  # while one piece is written, the next is received
    frames: AsyncIterator[tuple[PutItem | FolderItem, bytes]] = framing.read(
        call.request.stream(), PutItem | FolderItem  # type: ignore[arg-type]
    )  # fmt: skip
    try:
        async for item, data in frames:
            pending.append((item, data))
            size += len(data)
            if size >= FLUSH:
                if writing is not None:
                    await writing
                writing = asyncio.ensure_future(in_data_thread(flush, pending))
                pending, size = [], 0
        if writing is not None:
            await writing
        writing = asyncio.ensure_future(in_data_thread(flush, pending))
        await writing
    except BaseException:  # cut: nothing of it counts; what was written never had a name
        if writing is not None:
            await asyncio.wait([writing])
        for temp, _ in temps:
            with contextlib.suppress(OSError):
                os.unlink(temp)
        raise

    def commit() -> Written:
        try:
            return keep(call.engine, received, temps)
        finally:  # what became a document has its name by now
            for temp, _ in temps:
                blob_store().drop_temp(temp)

    return answer(await in_data_thread(commit))


async def heal(call: Call) -> Response:
    """Bytes of versions that this portal no longer holds whole."""
    taken: list[tuple[GetItem, Content, str]] = []

    def keep(item: GetItem, data: bytes) -> None:
        held = content_of(data)
        taken.append((item, held, blob_store().temp(data) if held == item.content else ""))

    try:
        async for item, data in framing.read(call.request.stream(), GetItem, max_body=LARGEST):
            await in_data_thread(keep, item, data)
        await in_thread(visibility.again, call.engine)
        return answer(await in_long_thread(integrity.heal, call.cabinet.id, taken, blob_store()))
    finally:
        for _, _, temp in taken:
            with contextlib.suppress(OSError):
                os.unlink(temp)


async def get(call: Call) -> Response:
    """Frames in the order asked; a version the engine may not have is left out."""
    request = decode(await call.json(), GetRequest)
    allowed = await in_thread(_allowed, call.cabinet.id, request.items)

    async def frames() -> AsyncIterator[bytes]:
        writer = framing.Writer()
        blobs, given = blob_store(), list[str]()
        for n in range(0, len(allowed), 64):

            def read(part: Sequence[GetItem]) -> bytes:
                out = bytearray()
                for item in part:
                    try:
                        head, raw = writer.frame(item, blobs.read(item.version_id))
                    except OSError as e:
                        log.error("the version %s of the document %s: %s", item.version_id, item.doc, e)
                        continue
                    out += head
                    out += raw
                    given.append(item.doc)
                return bytes(out)

            yield await in_data_thread(read, allowed[n : n + 64])
        await in_thread(receipts.fetched, given)
        yield writer.trailer()

    return StreamingResponse(call.parts(frames()), media_type="application/octet-stream")


def _allowed(cabinet: str, items: Sequence[GetItem]) -> list[GetItem]:
    """Those that the engine may have, each with its file's own date where it is known."""
    ids = [i.version_id for i in items]
    rows: list[tuple[str, str, str, str, datetime | None]] = []
    for n in range(0, len(ids), 500):
        there = Version.objects.filter(id__in=ids[n : n + 500], document__client__cabinet=cabinet)
        rows += there.values_list("id", "document_id", "document__client_id", "document__path", "modified_at")
    rules = rules_by_client(Client.objects.filter(id__in={client for _, _, client, _, _ in rows}))
    found = {
        version: (document, modified)
        for version, document, client, path, modified in rows
        if may(Engine(cabinet), Verb.DOWNLOAD, Place(cabinet, rules[client], os.path.dirname(path)))
    }
    mine = ((i, found[i.version_id]) for i in items if i.version_id in found)
    return [replace(i, modified=at and at.timestamp()) for i, (document, at) in mine if document == i.doc]


async def content(call: Call) -> Response:
    """One version, by ranges."""
    version_id = call.request.path_params["version"]
    version = await in_thread(
        lambda: Version.objects.filter(id=version_id, document__client__cabinet=call.cabinet).first()
    )
    if version is None:
        return error(404, "unknown", "No such version.")
    item = GetItem("", version.document_id, version.id, Content(version.size, b""))
    if not await in_thread(_allowed, call.cabinet.id, [item]):
        return error(404, "unknown", "No such version.")
    path = blob_store().path(version.id)
    if (held := await in_reading_thread(0, _size, path)) != version.size:  # said of this one version, and of no other
        log.error("the version %s of the document %s: %s", version.id, version.document_id, _fault(held, version.size))
        return error(404, "rotten", "The portal no longer holds this version as it was.")
    if call.request.headers.get("range", "bytes=0-").startswith("bytes=0-"):  # what goes on after a cut is the same one
        await in_thread(receipts.fetched, [version.document_id])
    dated = {"Syncd-Modified": f"{version.modified_at.timestamp():.6f}"} if version.modified_at else {}
    return _Ranged(call, path, media_type="application/octet-stream", headers=dated)


def _size(path: str) -> int:
    """In bytes; -1 when it cannot be said."""
    try:
        return os.stat(path).st_size
    except OSError:
        return -1


def _fault(held: int, size: int) -> str:
    return "its bytes are missing" if held < 0 else f"{held} of its {size} bytes are there"


class _Ranged(FileResponse):
    """Cut short when the key is revoked meanwhile.

    Read in large pieces, a thread's turn for each, while there are few: a reader who stalls has one in memory.
    """

    under_way = 0  # in this process, all of them together

    def __init__(self, call: Call, path: str, **values: Any) -> None:
        super().__init__(path, **values)
        self._call = call

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def checked(message: Message) -> None:
            if message["type"] == "http.response.body":
                await self._call.again()
            await send(message)

        _Ranged.under_way += 1
        self.chunk_size = max(64_000, min(1_000_000, 32_000_000 // _Ranged.under_way))
        try:
            with contextlib.suppress(Refused):
                await super().__call__(scope, receive, checked)
        finally:
            _Ranged.under_way -= 1


# -- tus 1.0: creation, HEAD, PATCH ------------------------------------------------------------------------------


def _part(cabinet: str, upload: str) -> str:
    name = f"{cabinet}-{upload}"
    if not upload.isalnum():
        name = f"{cabinet}-invalid"
    return os.path.join(settings.UPLOADS, name)


async def tus_create(call: Call) -> Response:
    """The upload's name follows from what it is: after a restart, the same creation finds what had arrived."""
    meta = dict(
        part.strip().split(" ", 1)
        for part in call.request.headers.get("upload-metadata", "").split(",")
        if " " in part.strip()
    )
    raw = base64.b64decode(meta.get("item", ""), validate=True)
    item = decode(raw, PutItem)
    if bounded_input.number(call.request.headers.get("upload-length", "")) != item.content.size:
        return error(400, "malformed", "Upload-Length is missing or is not the document's size.")

    def check() -> object:
        client = Client.objects.filter(cabinet=call.cabinet, id=item.client).first()
        engine = Engine(call.cabinet.id)
        refused = None if item.doc else precheck(engine, client, rules_of(client) if client else None, item)
        return refused or (no_room(client, item) if client else None)

    refused = await in_thread(check)
    if refused is not None:
        return answer(refused, 422)
    upload = content_of(raw).hex[:32]
    path = _part(call.cabinet.id, upload)

    offset = await in_thread(ledger().begin, path, "", item.client, item.content.size, raw)
    where = PREFIX + TUS_PATCH.at(upload=upload)
    return Response(status_code=201, headers={**TUS, "Location": where, "Upload-Offset": str(offset)})


async def tus_head(call: Call) -> Response:
    path = _part(call.cabinet.id, call.request.path_params["upload"])
    if not os.path.exists(path):
        return Response(status_code=404, headers=TUS)
    return Response(headers={**TUS, "Upload-Offset": str(os.path.getsize(path)), "Cache-Control": "no-store"})


async def tus_patch(call: Call) -> Response:
    """Append from the offset both sides agree on; the last byte stores the document and answers its result."""
    path = _part(call.cabinet.id, call.request.path_params["upload"])
    if not os.path.exists(path):
        return Response(status_code=404, headers=TUS)

    def load() -> PutItem:
        with open(path + ".json", "rb") as f:
            return decode(f.read(), PutItem)

    item = await in_thread(load)
    writing: set[str] = call.request.app.state.writing
    if path in writing:  # a connection that was cut may still be writing what it had
        return error(503, "busy", "This upload is being written to.")
    writing.add(path)
    try:
        arriving = await in_reading_thread(os.path.getsize(path), Hashed, path)
        if call.request.headers.get("upload-offset") != str(arriving.offset):
            return error(409, "offset", f"The upload is at {arriving.offset}.")
        try:
            await in_thread(ledger().take_up, path)
            whole = await arriving.take(call.request.stream(), item.content.size)
        except FileNotFoundError:
            return Response(status_code=404, headers=TUS)
        except OSError as e:
            if full(e):  # the reserve is reached: what had come gives its room back
                await in_thread(ledger().over, path)
            raise
        if not whole:
            return error(413, "too_large", "More bytes than announced.")
        if arriving.offset < item.content.size:
            return Response(status_code=204, headers={**TUS, "Upload-Offset": str(arriving.offset)})
        return answer(await in_data_thread(_commit, call, path, item, arriving))
    finally:
        writing.discard(path)


def _commit(call: Call, path: str, item: PutItem, arriving: Hashed) -> Written:
    held, version_id = arriving.content(), new_version_id()
    temps = [(path, version_id)] if held == item.content else []
    written = keep(call.engine, [Body(item, held, version_id)], temps)
    ledger().over(path)
    return written
