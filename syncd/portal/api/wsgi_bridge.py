"""Django's pages behind ASGI: no thread waits for a stranger.

The body is there before a thread is taken (`bodies`); what the page answers is sent after the thread was given back,
documents and archives piece by piece as fast as their reader takes them.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from a2wsgi.wsgi import build_environ
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from starlette.requests import ClientDisconnect, cookie_parser
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from syncd.portal.api.fair_queue import Room, asker
from syncd.portal.api.form_bodies import Bodies, Body, Refused
from syncd.portal.api.orm_threads import in_archive_thread, in_data_thread, in_thread
from syncd.portal.language import COOKIE, speaking
from syncd.portal.models import Cabinet
from syncd.portal.people.visibility import STILL

PIECE = 128_000  # bytes of a document or an archive that one reader has in memory
EVERY = 3.0  # seconds between two questions whether a long answer may go on, while somebody reads
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[bytes, bytes]]
_OF_ASKER = {"pictures": 150}  # a list asks for its hundred at once, over one connection of HTTP/2


# The first that fits. Passwords are hashed in one thread, two where there are processors: nothing else waits for that.
_ROOMS = (
    ("entry", min(2, max(1, (os.cpu_count() or 1) // 2)), "POST", r"/connexion(/.*)?|/invitation(/.*)?|/premiere-connexion|/mot-de-passe-oublie|/compte/action"),
    ("archives", 1, "", r"/dossiers/[^/]+/archive\.zip"),
    ("documents", 3, "", r"/documents/[^/]+/(apercu|telecharger)"),
    ("pictures", 5, "", r"/vignette/.*|/documents/[^/]+/lecture"),  # most of their time they wait for who makes them
    ("deposits", 2, "POST", r"/dossiers/[^/]+/deposer/.*|/echanges/[^/]+/deposer|/clients/import"),
    ("pages", 8, "", r".*"),
)  # fmt: skip


@dataclass(slots=True)
class Answer:
    """What a page answered: `body`, or what is still to be read from `file` or `pieces`, until `close`.

    `still`: asked every few seconds of one that is long; False ends it where it is. `ended`: called when the last byte of
    `file` has gone to a reader who was still there. An empty one of `pieces` says that what was before it goes out before
    the next is asked for.
    """

    status: int
    headers: Headers
    body: bytes = b""
    file: BinaryIO | None = None
    pieces: Iterator[bytes] | None = None
    close: Callable[[], None] = lambda: None
    still: Callable[[], bool] = lambda: True
    ended: Callable[[], None] | None = None


class Ended(Exception):
    """What is being sent is no longer its reader's."""


class Pages:
    """The ASGI application around a WSGI one. Made once per application."""

    def __init__(self, app: Wsgi) -> None:
        self._app, self._bodies = app, Bodies()
        self._rooms = [
            (Room[Answer](name, n, of_asker=_OF_ASKER.get(name, 0)), method, re.compile(path))
            for name, n, method, path in _ROOMS
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            answer = await self._answer(scope, receive)
        except ClientDisconnect:
            return
        except Refused as e:
            await (await _sorry(scope, e))(scope, receive, send)
            return
        if answer.file is None and answer.pieces is None:
            await _response(answer)(scope, receive, send)
            return
        gone = asyncio.ensure_future(_hung_up(receive))
        following = _Following(_asking(answer.still, send), gone)
        try:
            with contextlib.suppress(Ended):  # with less than was announced: the server cuts the connection
                await _response(answer, gone)(scope, lambda: asyncio.shield(gone), following)
            if answer.ended is not None and following.last_byte:
                await in_thread(answer.ended)
        finally:
            gone.cancel()
            answer.close()

    async def answers(self) -> None:
        """Returns once a page's thread has asked the database. Raises whatever it raises."""

        def ask() -> Answer:
            Cabinet.objects.exists()
            return Answer(200, [])

        await self._rooms[-1][0].run(("", ""), ask, asyncio.Event().wait)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        body = await self._bodies.read(scope, receive)
        fits = (
            r for r, method, path in self._rooms if method in ("", scope["method"]) and path.fullmatch(scope["path"])
        )
        try:
            return await next(fits, self._rooms[-1][0]).run(asker(scope), lambda: self._page(scope, body), receive)
        except (ClientDisconnect, Refused):
            body.file.close()
            raise

    def _page(self, scope: Scope, body: Body) -> Answer:
        with contextlib.closing(body.file):
            return _ask(self._app, _environ(scope, body))


def _asking(still: Callable[[], bool], send: Send) -> Send:
    """Rights may be taken back while somebody reads: a large document, or a slow line, takes hours."""
    asked = time.monotonic()

    async def going(message: Message) -> None:
        nonlocal asked
        if message["type"] == "http.response.body" and time.monotonic() - asked >= EVERY:
            if not await in_thread(still):
                raise Ended
            asked = time.monotonic()
        await send(message)

    return going


async def _hung_up(receive: Receive) -> Message:
    """When nobody reads any more. The body of the request has come."""
    while (message := await receive())["type"] != "http.disconnect":
        pass
    return message


class _Following:
    """Follows what is sent of a document. `last_byte`: it went, and its reader was still there."""

    def __init__(self, send: Send, gone: asyncio.Future[Message]) -> None:
        self._send, self._gone, self._to_the_end = send, gone, False
        self.last_byte = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._to_the_end = _to_the_end(message)
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if last:
            await asyncio.sleep(0)  # whoever hung up meanwhile is known to have
            if self._gone.done():
                raise Ended
        await self._send(message)
        self.last_byte = last and self._to_the_end


def _to_the_end(start: Message) -> bool:
    """Whether the answer holds the last byte: all of it, or one part that reaches there."""
    if start["status"] == 200:
        return True
    said = re.fullmatch(rb"bytes [0-9]+-([0-9]+)/([0-9]+)", dict(start["headers"]).get(b"content-range", b""))
    return start["status"] == 206 and said is not None and int(said[1]) + 1 == int(said[2])


def _environ(scope: Scope, body: Body) -> dict[str, Any]:
    """Headers with `_` are left out: they would look like those a proxy sets with `-`."""
    headers = [
        (k, v) for k, v in scope["headers"] if b"_" not in k and k not in (b"content-length", b"transfer-encoding")
    ]
    plain = {
        **scope,
        "headers": headers,
        "query_string": scope["query_string"].decode("latin-1").encode("ascii", "replace"),
    }
    environ: dict[str, Any] = dict(build_environ(plain, body.file))  # type: ignore[arg-type]
    del environ["asgi.scope"]
    return environ | {"CONTENT_LENGTH": str(body.size), "wsgi.file_wrapper": _Wrapped}


class _Wrapped:
    """WSGI's way to hand a file over (PEP 3333, `wsgi.file_wrapper`): whoever sends it reads and closes it."""

    def __init__(self, file: BinaryIO, size: int = PIECE) -> None:
        self.file, self.size, self.close = file, size, file.close


def _ask(app: Wsgi, environ: dict[str, Any]) -> Answer:
    status, headers = 500, Headers()

    def start(line: str, given: list[tuple[str, str]], failed: Any = None) -> None:
        nonlocal status, headers
        status = int(line.split(" ", 1)[0])
        headers = [(k.strip().lower().encode("latin-1"), v.strip().encode("latin-1")) for k, v in given]

    result: Any = app(environ, start)
    long = {"close": getattr(result, "close", lambda: None), "still": environ.get(STILL, lambda: True)}
    if isinstance(result, _Wrapped):
        return Answer(status, headers, file=result.file, ended=getattr(result.file, "ended", None), **long)
    if getattr(result, "streaming", False):
        return Answer(status, headers, pieces=iter(result), **long)
    try:
        return Answer(status, headers, b"".join(result))
    finally:
        if hasattr(result, "close"):
            result.close()


def _response(answer: Answer, gone: asyncio.Future[Message] | None = None) -> Response:
    response: Response
    if answer.file is not None and (b"accept-ranges", b"bytes") in answer.headers and answer.status == 200:
        kind = dict(answer.headers).get(b"content-type", b"").decode("latin-1")
        response = _Document(answer.file.name, media_type=kind, stat_result=os.fstat(answer.file.fileno()))
        answer.headers += [(k, v) for k, v in response.raw_headers if k in (b"etag", b"last-modified")]
    elif answer.file is not None:
        response = StreamingResponse(_pieces(in_data_thread, answer.file.read, PIECE, gone))
    elif answer.pieces is not None:
        response = StreamingResponse(_pieces(in_archive_thread, _joined, answer.pieces, gone))
    else:
        response = Response(answer.body)
    response.status_code, response.raw_headers = answer.status, answer.headers
    return response


class _Document(FileResponse):
    chunk_size = PIECE


async def _pieces(
    there: Callable[..., Awaitable[bytes]], read: Callable[..., bytes], of: Any, gone: asyncio.Future[Message] | None
) -> AsyncIterator[bytes]:
    while data := await there(read, of):
        yield data
        await asyncio.sleep(0)
        if gone is not None and gone.done():
            return


def _joined(pieces: Iterator[bytes]) -> bytes:
    """The next of an archive: many small ones together, as far as an empty one. b'' at the end."""
    out = bytearray()
    while len(out) < PIECE // 2 and (piece := next(pieces, None)) is not None:
        if not piece and out:
            break
        out += piece
    return bytes(out)


@functools.lru_cache(maxsize=64)
def _refused_page(language: str, text: str) -> str:
    """Made once: whoever is refused by the thousand costs no thread of a page."""
    with speaking(language):
        return render_to_string("body_refused.html", {"text": _(text)})


async def _sorry(scope: Scope, refused: Refused) -> Response:
    cookies = "; ".join(v.decode("latin-1") for k, v in scope["headers"] if k == b"cookie")
    page = _refused_page(cookie_parser(cookies).get(COOKIE, ""), refused.text)
    headers = {"Cache-Control": "no-store", "Retry-After": "60"}
    if refused.status == 408:
        headers["Connection"] = "close"
    return Response(page, refused.status, headers, "text/html")
