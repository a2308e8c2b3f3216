"""What a browser sends to a page: taken in whole before any thread is, within a limit and in time.

A stranger may send what a sign-in form needs. More is for whoever is signed in, and large forms are written to a file
that has no name and goes with the request.
"""

from __future__ import annotations

import asyncio
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import BinaryIO

from django.contrib.auth import get_user
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.utils.translation import gettext_noop as noop
from starlette.requests import ClientDisconnect, cookie_parser
from starlette.types import Receive, Scope

from syncd.portal.api.orm_threads import in_data_thread, in_thread
from syncd.portal.storage import upload_store
from syncd.portal.storage.port import NoRoom, Spool

SMALL = 16_000  # bytes that anybody may send
FORM = 2_600_000  # of somebody signed in; a little more than Django takes, which says it in a page
SHEET = 25_000_000  # or a picture: what a person picks by mistake is refused by the page, in its own words
DEPOSIT = 1_000_000_000
HELD = 256_000  # bytes of one body in memory
AT_ONCE = 4  # larger ones of one person
GRACE, PACE = 20.0, 2_000  # seconds, and from then on bytes a second
_LARGER = (
    (re.compile(r"/clients/import|/reglages/action"), SHEET),
    (re.compile(r"/dossiers/[^/]+/deposer/.+|/echanges/[^/]+/deposer|/paquets/[^/]+/remettre"), DEPOSIT),
)


LARGE = noop(
    "Ce que vous envoyez est trop volumineux pour cette page, ou votre session a expiré : reconnectez-vous, puis recommencez."
)
SLOW = noop("L'envoi s'est interrompu : recommencez.")
FULL = noop("La plateforme manque de place : prévenez votre cabinet.")
BUSY = noop("Trop de demandes à la fois. Attendez une minute, puis réessayez : rien n'a été perdu.")


class Refused(Exception):
    """`status` 413: more than a page takes, or than somebody may send who is not signed in; 408: too slow; 429, 503:
    too many at once; 507: no room. `text`: a phrase of the portal's."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text


@dataclass(slots=True)
class Body:
    """At its beginning; whoever takes it closes it."""

    file: BinaryIO
    size: int


class Bodies:
    """Reads them; knows whose are under way. Made once per application."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()

    async def read(self, scope: Scope, receive: Receive) -> Body:
        """Raises Refused, ClientDisconnect."""
        announced = next((v for k, v in scope["headers"] if k == b"content-length"), b"")
        if announced.isdigit() and int(announced) > SMALL:
            return await self._large(scope, receive, _Taken(), int(announced))
        taken = _Taken()
        while taken.more:
            await taken.next(receive)
            if taken.size > SMALL:
                return await self._large(scope, receive, taken, taken.size)
        return taken.body()

    async def _large(self, scope: Scope, receive: Receive, taken: _Taken, known: int) -> Body:
        person = await in_thread(_whose, scope)
        most = next((size for path, size in _LARGER if path.fullmatch(scope["path"])), FORM)
        if not person or known > most:
            raise Refused(413, LARGE)
        if self._under_way[person] >= AT_ONCE:
            raise Refused(429, BUSY)
        self._under_way[person] += 1
        try:
            with upload_store().spool(known) as spool:
                while taken.more:
                    await taken.next(receive)
                    if taken.size > most:
                        raise Refused(413, LARGE)
                    if taken.held > HELD:
                        await in_data_thread(taken.put_down, spool)
            return taken.body()
        except NoRoom:
            taken.drop()
            raise Refused(507, FULL) from None
        except BaseException:
            taken.drop()
            raise
        finally:
            self._under_way[person] -= 1
            self._under_way += Counter()  # those at zero go


class _Taken:
    """What has come: in memory first, then in a file without a name."""

    def __init__(self) -> None:
        self.size, self.held, self.more = 0, 0, True
        self._pieces: list[bytes] = []
        self._spool: Spool | None = None
        self._since = asyncio.get_running_loop().time()

    async def next(self, receive: Receive) -> None:
        try:
            async with asyncio.timeout_at(self._since + GRACE + self.size / PACE):
                message = await receive()
        except TimeoutError:
            raise Refused(408, SLOW) from None
        if message["type"] != "http.request":
            raise ClientDisconnect
        data = message.get("body", b"")
        self._pieces.append(data)
        self.size += len(data)
        self.held += len(data)
        self.more = message.get("more_body", False)

    def put_down(self, spool: Spool) -> None:
        """What is in memory. Raises NoRoom."""
        self._spool = spool
        spool.write(self._pieces)
        self._pieces, self.held = [], 0

    def body(self) -> Body:
        if self._spool is None:
            return Body(io.BytesIO(b"".join(self._pieces)), self.size)
        self.put_down(self._spool)
        self._spool.file.seek(0)
        return Body(self._spool.file, self.size)

    def drop(self) -> None:
        self._pieces = []
        if self._spool is not None:
            self._spool.file.close()


def _whose(scope: Scope) -> str:
    """Who is signed in with these cookies: the account's id, '' when nobody is."""
    cookies = "; ".join(v.decode("latin-1") for k, v in scope["headers"] if k == b"cookie")
    asked = WSGIRequest({"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": io.BytesIO()})
    asked.COOKIES = cookie_parser(cookies)

    def nothing(_: object) -> HttpResponse:
        return HttpResponse()

    SessionMiddleware(nothing).process_request(asked)
    user = get_user(asked)
    return str(user.pk) if user.is_authenticated else ""
