"""tus 1.0 for browsers: a deposit survives a cut, a reload and an expired session. Session, CSRF token and Origin are
checked here with Django's own code, because its middleware does not see these requests."""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from django.contrib.auth import get_user
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.db import OperationalError
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from syncd.core import paths, untrusted_numbers
from syncd.core.content import Content
from syncd.core.wire_types import MOST
from syncd.disk.hashing import hash_stream
from syncd.portal.api.fair_queue import Room, asker
from syncd.portal.api.form_bodies import Refused
from syncd.portal.api.orm_threads import bound, in_reading_thread
from syncd.portal.api.upload_stream import Arriving, Beyond, alone, receive
from syncd.portal.clients.tree import rules_of
from syncd.portal.documents import deposit as deposits
from syncd.portal.documents.deposit import Incoming
from syncd.portal.language import COOKIE, reason, speaking
from syncd.portal.messages.requests import deposited
from syncd.portal.models import Client, DepositLine, User
from syncd.portal.models.ids import new_id
from syncd.portal.people import sessions, throttle
from syncd.portal.people.visibility import person_of, reached_clients
from syncd.portal.private_space import deposits as private_deposits
from syncd.portal.private_space.deposits import PRIVATE
from syncd.portal.refusals import Refusal
from syncd.portal.rights import Person
from syncd.portal.storage import disk_reserve, upload_store
from syncd.portal.storage.port import Elsewhere, Gone, NoRoom, TooMany
from syncd.portal.storage.write_errors import busy, full

LOG = logging.getLogger(__name__)
T = TypeVar("T")
TUS = {"Tus-Resumable": "1.0.0", "Cache-Control": "no-store"}
LARGEST = 5_000_000_000
THREADS = 5  # two of one person's questions at a time
AT_ONCE = 32  # uploads of one person that are being received at the same time
_UPLOAD = re.compile(r"[0-9a-f]{64}")  # whose, then which
_BATCH = re.compile(r"[A-Za-z0-9_-]{8,64}")
BUSY = noop("La plateforme est occupée : l'envoi reprend tout seul dans un instant.")
FULL = noop("La plateforme manque de place : prévenez votre cabinet. Ce document n'a pas été déposé.")
EXPIRED = noop(
    "Votre session a expiré. Reconnectez-vous dans un autre onglet, puis reprenez l'envoi : rien n'est perdu."
)


class Refuse(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True, slots=True)
class Upload:
    """What is written beside the bytes while they arrive."""

    user: str
    client: str
    batch: str
    folder: str
    name: str
    size: int
    modified: float | None = None
    over: str = ""
    base: int = 0
    item: str = ""  # of a request, that it answers
    private: bool = False

    @property
    def last(self) -> int:
        """Where the last byte begins."""
        return max(0, self.size - 1)


def who(request: Request) -> tuple[User, Person]:
    """The signed-in person, after the checks that a form would go through. Raises Refuse."""
    headers = {
        "HTTP_" + k.upper().replace("-", "_"): v for k, v in request.headers.items() if k not in ("content-length", "content-type")
    }  # fmt: skip
    asked = WSGIRequest(
        {
            **headers, "REQUEST_METHOD": "HEAD" if request.method == "HEAD" else "POST", "PATH_INFO": request.url.path, "wsgi.input": io.BytesIO(),
            "wsgi.url_scheme": request.url.scheme, "SERVER_NAME": request.url.hostname or "", "SERVER_PORT": str(request.url.port or 80),
        }
    )  # fmt: skip

    def nothing(_: Any) -> HttpResponse:
        return HttpResponse()

    try:
        asked.get_host()  # raises for a name the portal is not reached by
        SessionMiddleware(nothing).process_request(asked)
        user = get_user(asked)
        if not user.is_authenticated or not isinstance(user, User) or sessions.idle(asked.session):
            raise Refuse(401, _(EXPIRED))
        checks = CsrfViewMiddleware(nothing)
        checks.process_request(asked)
        if checks.process_view(asked, nothing, (), {}) is not None:
            raise Refuse(403, _("Cette page est périmée : rechargez-la, puis reprenez l'envoi."))
    except DisallowedHost:
        raise Refuse(400, _("Cette adresse n'est pas celle de la plateforme.")) from None
    return user, person_of(user)


def guarded(
    endpoint: Callable[[Request, User, Person], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        said = request.cookies.get(COOKIE, "")
        try:
            with speaking(said):
                user, person = await _asked(request, who, request)
            with speaking(user.language or said):
                return await endpoint(request, user, person)
        except Refuse as e:
            return JSONResponse({"message": e.message}, e.status, headers=TUS)
        except ClientDisconnect:
            return Response(status_code=400, headers=TUS)
        except Gone:
            with speaking(said):
                return JSONResponse({"message": _("Cet envoi n'existe plus : recommencez-le.")}, 404, headers=TUS)
        except (OSError, OperationalError) as e:
            if not (busy(e) or full(e)):
                raise
            logging.getLogger(__name__).warning("a deposit waits: %s", e)
            disk_reserve.help_out(e)
            with speaking(said):
                return JSONResponse({"message": _(BUSY if busy(e) else FULL)}, 503 if busy(e) else 507, headers=TUS)

    return answer


async def _asked(request: Request, function: Callable[..., T], *args: Any) -> T:
    """In a thread of the uploads', each person's in turn: whoever announces hundreds holds up nobody else, and no engine.

    Raises Refuse when too many of one person wait.
    """
    room: Room[Any] = request.app.state.uploads
    try:
        done: T = await room.run(asker(request.scope), bound(function, *args), asyncio.Event().wait)
    except Refused:
        raise Refuse(503, _(BUSY)) from None
    return done


def _meta(request: Request) -> dict[str, str]:
    found = {}
    for part in request.headers.get("upload-metadata", "").split(","):
        name, value = [*part.strip().split(" ", 1), ""][:2]
        try:
            found[name] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise Refuse(400, _("La demande est illisible.")) from None
    if any("\0" in value for value in found.values()):
        raise Refuse(400, _("La demande est illisible."))
    return found


def _key(upload: str) -> str:
    if not _UPLOAD.fullmatch(upload):
        raise Gone
    return f"browser-{upload}"


async def create(request: Request, user: User, person: Person) -> Response:
    """Refused before a byte is sent where the rules say so."""
    meta = _meta(request)
    length = untrusted_numbers.number(request.headers.get("upload-length", ""), LARGEST)
    if length is None or not _BATCH.fullmatch(meta.get("batch", "")):
        raise Refuse(400, _("La demande est illisible."))
    milliseconds = untrusted_numbers.number(meta.get("modified", ""), MOST)  # as browsers say it; older pages do not
    modified = milliseconds / 1000 if milliseconds else None
    base = untrusted_numbers.number(meta.get("base", ""), MOST) or 0
    incoming = Incoming(meta.get("folder", ""), meta.get("name", ""), length, modified, meta.get("over", "")[:32], base)

    code = meta.get("client", "")
    private, into = (True, private_deposits) if code.startswith(PRIVATE) else (False, deposits)

    def begin() -> str:
        client = Client.objects.filter(reached_clients(person), code=code.removeprefix(PRIVATE)).first()
        if client is None:
            raise Refuse(404, _("Ce dossier n'existe pas, ou vous n'y avez pas accès."))
        why, detail = _refusal(person, client, incoming, private)
        if why:
            raise Refuse(422, reason(why, detail))
        if throttle.beyond("deposits", user.id, 10_000, 600):
            raise Refuse(429, _("Trop d'envois à la fois : attendez quelques minutes, puis reprenez."))
        upload = f"{user.id}{new_id()}"
        seen = into.base_of(person, client, incoming)
        about = Upload(
            user.id, client.id, meta["batch"], incoming.folder, incoming.name, incoming.size, modified, incoming.over, seen,
            meta.get("item", "")[:32], private,
        )  # fmt: skip
        try:
            said = json.dumps(asdict(about)).encode()
            upload_store().begin(_key(upload), user.id, client.id, incoming.size, said)
        except NoRoom:
            raise Refuse(
                507, _("La plateforme manque de place : prévenez votre cabinet. Rien n'a été envoyé.")
            ) from None
        except TooMany:
            raise Refuse(
                429, _("Trop d'envois commencés et non terminés : terminez-les, ou réessayez dans une heure.")
            ) from None
        return upload

    upload = await _asked(request, begin)
    return Response(status_code=201, headers={**TUS, "Location": f"/deposit/tus/{upload}", "Upload-Offset": "0"})


def _refusal(person: Person, client: Client, incoming: Incoming, private: bool) -> tuple[str, str]:
    if private:
        return private_deposits.refusal(person, client, incoming)
    return deposits.refusal(person, client, rules_of(client), incoming)


def _load(upload: str, user: User) -> tuple[str, Upload]:
    """Only for whoever began it, of whatever version. Raises Gone."""
    key = _key(upload)
    kept = json.loads(upload_store().about(key))
    about = Upload(**{name: value for name, value in kept.items() if name in Upload.__dataclass_fields__})
    if about.user != user.id:
        raise Gone
    return key, about


async def head(request: Request, user: User, person: Person) -> Response:
    key, about = await _asked(request, _load, request.path_params["upload"], user)
    store = upload_store()
    with alone(request.app.state.writing, key) as own:
        if not own:
            return Response(status_code=423, headers=TUS)
        arrived = await _asked(request, store.arrived, key)
        if arrived >= about.size > 0:  # whole and never stored: without a byte to send, nobody would ask for it
            arrived = about.last
            await _asked(request, _at_its_end, key, store.cut, key, arrived)
    return Response(headers={**TUS, "Upload-Offset": str(arrived), "Upload-Length": str(about.size)})


def _at_its_end(key: str, function: Callable[..., T], *args: Any) -> T:
    """Alone, of all processes. Raises Refuse."""
    with upload_store().finishing(key) as own:
        if not own:
            raise Refuse(423, "")
        return function(*args)


async def patch(request: Request, user: User, person: Person) -> Response:
    """Append; the last byte stores the document, and the answer says how: `Syncd-Deposit`, a line of JSON."""
    key, about = await _asked(request, _load, request.path_params["upload"], user)
    writing: set[str] = request.app.state.writing
    if sum(other.startswith(f"browser-{user.id}") for other in writing) >= AT_ONCE:  # browsers ask again
        return Response(status_code=423, headers=TUS)
    with alone(writing, key) as own:
        if not own:
            return Response(status_code=423, headers=TUS)
        try:
            arriving = await receive(request, key, about.size, Arriving)
        except Elsewhere as e:
            raise Refuse(409, _("L'envoi en est à {offset}.").format(offset=e.offset)) from None
        except Beyond:
            raise Refuse(413, _("Plus d'octets qu'annoncé : recommencez cet envoi.")) from None
        headers = {**TUS, "Upload-Offset": str(arriving.offset)}
        if arriving.offset == about.size:
            line = await in_reading_thread(about.size, _at_its_end, key, _finish, key, about, request)
            headers["Syncd-Deposit"] = quote(json.dumps(line, ensure_ascii=False))
        return Response(status_code=204, headers=headers)


def _finish(key: str, about: Upload, request: Request) -> dict[str, str]:
    """Rights are asked again: whoever began it may have been signed out, or lost the folder, while it arrived."""
    uploads = upload_store()
    with uploads.open(key) as f:
        content = hash_stream(f)
    person = who(request)[1]
    client = Client.objects.filter(reached_clients(person), id=about.client).first()
    if client is None:
        raise Refuse(404, _("Ce dossier n'existe pas, ou vous n'y avez plus accès."))
    incoming = Incoming(about.folder, about.name, about.size, about.modified, about.over, about.base, item=about.item)
    if content.size != about.size:
        raise Refuse(409, _("Cet envoi n'est pas celui qui était annoncé : recommencez-le."))
    if about.private:
        return _finish_private(person, client, incoming, content, key)
    deposit = deposits.begin(person, client, about.batch)
    line = deposits.take(person, deposit, incoming, uploads.staged(key), content)
    uploads.over(key)
    return _answered(person, line)


def _answered(person: Person, line: DepositLine) -> dict[str, str]:
    said = _said(line.outcome, paths.name(line.path), line.reason, line.detail)
    try:
        deposited.answer(person, line)
    except Refusal as e:
        said = str(e)
    except OperationalError:  # the database is held: the next round answers
        LOG.info("what line %s was sent for is answered by the next round", line.pk)
    return {"number": line.deposit.number, "outcome": line.outcome, "path": line.path, "message": said}


def _finish_private(person: Person, client: Client, incoming: Incoming, content: Content, key: str) -> dict[str, str]:
    """There is no receipt: nobody received it."""
    uploads = upload_store()
    try:
        taken = private_deposits.take(person, client, incoming, uploads.staged(key), content)
    except Refusal:
        raise Refuse(404, _("Ce dossier n'existe pas, ou vous n'y avez plus accès.")) from None
    uploads.over(key)
    said = _said(taken.outcome, taken.name, taken.reason, taken.detail)
    return {"number": "", "outcome": taken.outcome, "path": taken.name, "message": said}


def _said(outcome: str, name: str, why: str, detail: str) -> str:
    if outcome == "beside":
        said = _("Un autre a remplacé ce document entre-temps : le vôtre est gardé à côté, « {name} ».")
        return said.format(name=name)
    return reason(why, detail) if why else ""


async def terminate(request: Request, user: User, person: Person) -> Response:
    """The person took it back before its end."""
    key, _about = await _asked(request, _load, request.path_params["upload"], user)
    with alone(request.app.state.writing, key) as own:
        if not own:
            return Response(status_code=423, headers=TUS)
        await _asked(request, _at_its_end, key, upload_store().over, key)
    return Response(status_code=204, headers=TUS)


async def options(request: Request) -> Response:
    return Response(
        status_code=204,
        headers={**TUS, "Tus-Version": "1.0.0", "Tus-Extension": "creation,termination", "Tus-Max-Size": str(LARGEST)},
    )
