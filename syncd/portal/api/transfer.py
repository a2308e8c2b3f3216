"""Bodies of documents: framed batches both ways, tus uploads, ranged downloads. None passes through Django."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import BinaryIO

from msgspec.structs import replace
from starlette.responses import Response, StreamingResponse

from syncd.core import paths, untrusted_numbers
from syncd.core.content import Content
from syncd.core.protocol import FolderItem, GetItem, PutItem, Written
from syncd.disk.hashing import content_of
from syncd.portal.api.auth import Call, answer, error
from syncd.portal.api.orm_threads import in_data_thread, in_long_thread, in_reading_thread, in_thread
from syncd.portal.api.ranged_download import RangedDownload
from syncd.portal.api.upload_stream import Beyond, Hashed, alone, receive
from syncd.portal.clients.tree import rules_by_client, rules_of
from syncd.portal.documents import integrity, receipts
from syncd.portal.documents.deposit import Arrival, deposit, drop
from syncd.portal.documents.store import no_room, precheck
from syncd.portal.models import Client, Version
from syncd.portal.rights import Engine, Place, Verb, may
from syncd.portal.storage import blob_store, upload_store
from syncd.portal.storage.port import Away, Elsewhere, Gone, Staged
from syncd.wire import framing
from syncd.wire.endpoints import PREFIX, TUS_PATCH
from syncd.wire.messages import GetRequest, decode

log = logging.getLogger(__name__)
FLUSH = 2_000_000
LARGEST = 1_000_000_000
TUS = {"Tus-Resumable": "1.0.0"}


async def put(call: Call) -> Response:
    """write → sync → name → directory → commit → answer, for the whole batch."""
    batch = _Batch()
    frames: AsyncIterator[Piece] = framing.read(
        call.request.stream(), PutItem | FolderItem  # type: ignore[arg-type]
    )  # fmt: skip
    await batch.receive(frames)
    return answer(await in_data_thread(batch.commit, call.engine))


Piece = tuple[PutItem | FolderItem, bytes]


class _Batch:
    """A batch as it comes in: its bytes go into storage without a name, until all of it is there."""

    def __init__(self) -> None:
        self._arrivals: list[Arrival | FolderItem] = []

    async def receive(self, frames: AsyncIterator[Piece]) -> None:
        """While one piece is written, the next is received. Raises what `frames` raises; nothing of the batch is left then."""
        pending: list[Piece] = []
        size = 0
        writing: asyncio.Future[None] | None = None
        try:
            async for item, data in frames:
                pending.append((item, data))
                size += len(data)
                if size >= FLUSH:
                    if writing is not None:
                        await writing
                    writing = asyncio.ensure_future(in_data_thread(self._write, pending))
                    pending, size = [], 0
            if writing is not None:
                await writing
            writing = asyncio.ensure_future(in_data_thread(self._write, pending))
            await writing
        except BaseException:  # cut: nothing of it counts; what was written never had a name
            if writing is not None:
                await asyncio.wait([writing])
            drop(self._arrivals)
            raise

    def _write(self, pieces: Sequence[Piece]) -> None:
        blobs = blob_store()
        for item, data in pieces:
            if isinstance(item, FolderItem):
                self._arrivals.append(item)
                continue
            content = content_of(data)
            self._arrivals.append(Arrival(item, content, blobs.stage(data) if content == item.content else None))

    def commit(self, engine: Engine) -> Written:
        """What became of each; bytes that no version names are dropped."""
        try:
            return deposit(engine, self._arrivals)
        finally:
            drop(self._arrivals)


async def heal(call: Call) -> Response:
    """Bytes of versions that this portal no longer holds whole."""
    taken: list[tuple[GetItem, Content, Staged | None]] = []

    def keep(item: GetItem, data: bytes) -> None:
        held = content_of(data)
        taken.append((item, held, blob_store().stage(data) if held == item.content else None))

    try:
        async for item, data in framing.read(call.request.stream(), GetItem, max_body=LARGEST):
            await in_data_thread(keep, item, data)
        return answer(await in_long_thread(integrity.heal, call.engine, taken, blob_store()))
    finally:
        for _, _, one in taken:
            if one is not None:
                with contextlib.suppress(OSError):
                    blob_store().drop_staged(one)


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
                    except Away:  # the answer is cut, and asked for again
                        raise
                    except OSError as e:
                        log.error("the version %s of the document %s: %s", item.version_id, item.doc, e)
                        continue
                    out += head
                    out += raw
                    given.append(item.doc)
                return bytes(out)

            yield await in_data_thread(read, allowed[n : n + 64])
        await in_thread(receipts.fetched, call.engine, given)
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
        if may(Engine(cabinet), Verb.DOWNLOAD, Place(cabinet, rules[client], paths.parent(path)))
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
    source, held = await in_reading_thread(0, _opened, version.id, version.size)
    if source is None:  # said of this one version, and of no other
        log.error("the version %s of the document %s: %s", version.id, version.document_id, _fault(held, version.size))
        return error(404, "rotten", "The portal no longer holds this version as it was.")
    if call.request.headers.get("range", "bytes=0-").startswith("bytes=0-"):  # what goes on after a cut is the same one
        await in_thread(receipts.fetched, call.engine, [version.document_id])
    dated = {"Syncd-Modified": f"{version.modified_at.timestamp():.6f}"} if version.modified_at else {}
    return RangedDownload(call, source, version.size, dated)


def _opened(version_id: str, size: int) -> tuple[BinaryIO | None, int]:
    """The version's bytes, if they are so many; how many there are, -1 when that cannot be said."""
    try:
        held = blob_store().size(version_id)
        return (blob_store().open(version_id) if held == size else None), held
    except Away:
        raise
    except OSError:
        return None, -1


def _fault(held: int, size: int) -> str:
    return "its bytes are missing" if held < 0 else f"{held} of its {size} bytes are there"


# -- tus 1.0: creation, HEAD, PATCH ------------------------------------------------------------------------------


def _key(call: Call) -> str:
    return f"{call.cabinet.id}-{call.request.path_params['upload']}"


async def tus_create(call: Call) -> Response:
    """The upload's name follows from what it is: after a restart, the same creation finds what had arrived."""
    meta = dict(
        part.strip().split(" ", 1)
        for part in call.request.headers.get("upload-metadata", "").split(",")
        if " " in part.strip()
    )
    raw = base64.b64decode(meta.get("item", ""), validate=True)
    item = decode(raw, PutItem)
    if untrusted_numbers.number(call.request.headers.get("upload-length", "")) != item.content.size:
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
    begin = upload_store().begin
    offset = await in_thread(begin, f"{call.cabinet.id}-{upload}", "", item.client, item.content.size, raw)
    where = PREFIX + TUS_PATCH.at(upload=upload)
    return Response(status_code=201, headers={**TUS, "Location": where, "Upload-Offset": str(offset)})


async def tus_head(call: Call) -> Response:
    try:
        arrived = await in_thread(upload_store().arrived, _key(call))
    except Gone:
        return Response(status_code=404, headers=TUS)
    return Response(headers={**TUS, "Upload-Offset": str(arrived), "Cache-Control": "no-store"})


async def tus_patch(call: Call) -> Response:
    """Append from the offset both sides agree on; the last byte stores the document and answers its result."""
    key = _key(call)
    try:
        item = decode(await in_thread(upload_store().about, key), PutItem)
        with alone(call.request.app.state.writing, key) as own:
            if not own:
                return error(503, "busy", "This upload is being written to.")
            arriving = await receive(call.request, key, item.content.size, Hashed)
            if arriving.offset < item.content.size:
                return Response(status_code=204, headers={**TUS, "Upload-Offset": str(arriving.offset)})
            written = await in_data_thread(_commit, call, key, item, arriving)
            return answer(written) if written is not None else error(503, "busy", "Another process stores this upload.")
    except Gone:
        return Response(status_code=404, headers=TUS)
    except Elsewhere as e:
        return error(409, "offset", f"The upload is at {e.offset}.")
    except Beyond:
        return error(413, "too_large", "More bytes than announced.")


def _commit(call: Call, key: str, item: PutItem, arriving: Hashed) -> Written | None:
    """None: another process does so now."""
    uploads, held = upload_store(), arriving.content()
    with uploads.finishing(key) as own:
        if not own:
            return None
        arrival = Arrival(item, held, uploads.staged(key) if held == item.content else None)
        written = deposit(call.engine, [arrival])
        uploads.over(key)
        return written
