"""A document comes in from a program: as one body, or as a tus upload that survives a cut. Both end in the one use case."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from starlette.responses import Response

from syncd.core import paths
from syncd.disk.hashing import hash_stream
from syncd.portal.api.orm_threads import in_data_thread, in_reading_thread, in_thread
from syncd.portal.api.programs import values as v
from syncd.portal.api.programs.documents import answer
from syncd.portal.api.programs.guard import Call
from syncd.portal.api.programs.problems import Declined
from syncd.portal.api.programs.table import PREFIX
from syncd.portal.api.upload_stream import Arriving, Beyond, alone, receive
from syncd.portal.documents.deposit import Incoming
from syncd.portal.language import reason
from syncd.portal.models.ids import new_id
from syncd.portal.programs import deposits
from syncd.portal.programs.deposits import Taken, Wanted
from syncd.portal.records.mail_queue import address
from syncd.portal.rights import Program
from syncd.portal.storage import upload_store
from syncd.portal.storage.port import Elsewhere, Gone

TUS = {"Tus-Resumable": "1.0.0", "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Upload:
    """What is written beside the bytes while they arrive."""

    program: str
    code: str
    folder: str
    name: str
    emitter: str
    word: str
    size: int

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.code, Incoming(self.folder, self.name, self.size), self.word, self.emitter)


async def deposit(call: Call) -> Response:
    size = call.headers.content_length
    key, about = await _begun(call, size)
    with alone(call.request.app.state.writing, key):
        try:
            arriving = await in_data_thread(Arriving, upload_store(), key)
            whole = await arriving.take(call.request.stream(), size)
            if not whole or arriving.offset != size:
                raise Declined(400, "cut", "The body is not as long as was announced.")
            said = await in_reading_thread(size, _finish, call.program, key, about)
        finally:
            await in_thread(upload_store().over, key)
    return answer(said, 201 if said.outcome == "stored" and not said.repeated else 200)


async def begin(call: Call) -> Response:
    key, _ = await _begun(call, call.headers.upload_length)
    where = f"{PREFIX}/uploads/{key.removeprefix('program-')}"
    return Response(status_code=201, headers={**TUS, "Location": where, "Upload-Offset": "0"})


async def _begun(call: Call, size: int) -> tuple[str, Upload]:
    """Refused before a byte is taken where the rules say so."""
    query: v.Deposit = call.query
    about = Upload(
        call.program.id, call.place.code, query.folder, query.name, query.emitter, call.headers.idempotency_key, size
    )

    def begun() -> str:
        client, (why, detail) = deposits.check(call.program, about.wanted)
        if why and not deposits.asked_before(call.program, about.word):
            raise Declined(422, why, reason(why, detail))
        key = f"program-{call.program.id}{new_id()}"
        upload_store().begin(key, call.program.id, client.id, size, json.dumps(asdict(about)).encode())
        return key

    return await call.ask(begun), about


def _load(program: Program, upload: str) -> tuple[str, Upload]:
    """Only for the key it was begun with. Raises Gone."""
    key = f"program-{upload}"
    about = Upload(**json.loads(upload_store().about(key)))
    if about.program != program.id:
        raise Gone
    return key, about


async def uploaded(call: Call) -> Response:
    key, about = await call.ask(_load, call.program, call.place.upload)
    with alone(call.request.app.state.writing, key) as own:
        if not own:
            raise _held()
        arrived = await call.ask(upload_store().arrived, key)
        if arrived >= about.size:  # whole and never stored: without a byte to send, nobody would ask for it
            arrived = about.size - 1
            await call.ask(_at_its_end, key, upload_store().cut, key, arrived)
    return Response(headers={**TUS, "Upload-Offset": str(arrived), "Upload-Length": str(about.size)})


async def more(call: Call) -> Response:
    key, about = await call.ask(_load, call.program, call.place.upload)
    with alone(call.request.app.state.writing, key) as own:
        if not own:
            raise _held()
        try:
            arriving = await receive(call.request, key, about.size, Arriving)
        except Elsewhere as e:
            raise Declined(
                409, "offset", f"The upload is at {e.offset}.", headers={"Upload-Offset": str(e.offset)}
            ) from None
        except Beyond:
            raise Declined(413, "too_large", "More bytes than were announced.") from None
        headers = {**TUS, "Upload-Offset": str(arriving.offset)}
        if arriving.offset == about.size:
            said = await in_reading_thread(about.size, _at_its_end, key, _finish, call.program, key, about)
            headers |= {"Syncd-Document": said.document, "Syncd-Outcome": said.outcome, "Syncd-Receipt": said.receipt}
    return Response(status_code=204, headers=headers)


async def give_up(call: Call) -> Response:
    key, _ = await call.ask(_load, call.program, call.place.upload)
    with alone(call.request.app.state.writing, key) as own:
        if not own:
            raise _held()
        await call.ask(upload_store().over, key)
    return Response(status_code=204, headers=TUS)


def _held() -> Declined:
    return Declined(423, "held", "Another request is writing to this upload.")


def _at_its_end(key: str, function: Any, *args: Any) -> Any:
    """Alone, of all processes."""
    with upload_store().finishing(key) as own:
        if not own:
            raise _held()
        return function(*args)


def _finish(program: Program, key: str, about: Upload) -> v.Deposited:
    """The key is asked again: it may have been revoked, or lost the folder, while the bytes arrived."""
    uploads = upload_store()
    with uploads.open(key) as f:
        content = hash_stream(f)
    if content.size != about.size:
        raise Declined(409, "offset", "This upload is not the one that was announced: begin it anew.")
    with deposits.alone_with(program, about.word) as own:
        if not own:
            raise Declined(503, "busy", "The same is being deposited.", headers={"Retry-After": "1"})
        taken = deposits.take(program, about.wanted, uploads.staged(key), content)
    uploads.over(key)
    return _said(taken)


def _said(taken: Taken) -> v.Deposited:
    line = taken.line
    if line.document is None:
        raise Declined(422, line.reason, reason(line.reason, line.detail))
    folder, name = (paths.parent(taken.path), paths.name(taken.path)) if taken.path else ("", "")
    sha256 = bytes(line.document.sha256).hex() if line.document.version_id == line.version_id else ""
    return v.Deposited(
        line.document.id, line.outcome, folder, name, sha256, line.deposit.number, address(f"/d/{line.document.id}"), taken.repeated
    )  # fmt: skip
