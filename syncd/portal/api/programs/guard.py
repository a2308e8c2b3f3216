"""Who asks, with what right, how often; the request checked by its row of the table; whatever goes wrong, answered."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from syncd.core.errors import Refused
from syncd.portal.api.fair_queue import Room
from syncd.portal.api.form_bodies import Refused as Crowded
from syncd.portal.api.orm_threads import bound, in_thread
from syncd.portal.api.programs.problems import Declined, declined, malformed, problem
from syncd.portal.api.programs.rate_limit import WRONG_A_SECOND, WRONG_AT_ONCE, RateLimit
from syncd.portal.api.programs.table import Endpoint
from syncd.portal.language import ENGLISH, FRENCH, speaking
from syncd.portal.people import visibility
from syncd.portal.programs import keys
from syncd.portal.rights import Program
from syncd.portal.storage import blob_store

T = TypeVar("T")
FRESH = 1.0  # seconds that a look at the key is good for
MOST_RIGHT = 10_000
MOST_JSON = 1_000_000
THREADS = 3  # of all programs together; one key has one of them at a time


@dataclass(slots=True)
class Door:
    """What all requests share. Made once per application."""

    rate: RateLimit
    wrong: RateLimit
    room: Room[Any]
    right: set[bytes] = field(
        default_factory=set
    )  # digests of keys that opened: whoever tries others beside them harms them not

    @classmethod
    def opened(cls) -> Door:
        return cls(RateLimit(), RateLimit(WRONG_A_SECOND, WRONG_AT_ONCE), Room[Any]("programs", THREADS))


@dataclass(slots=True)
class Call:
    """A request that fits its row of the table. `place`, `query`, `headers`, `body`: as values of that row's types."""

    request: Request
    door: Door
    program: Program
    place: Any = None
    query: Any = None
    headers: Any = None
    body: Any = None
    asked: float = 0.0  # by the monotonic clock: when the key was looked at last

    async def ask(self, function: Callable[..., T], *args: Any) -> T:
        """In a thread of the programs', each key's in turn. Raises Declined when too many of one key wait."""
        return await _in_room(self.door, f"key:{self.program.id}", self.program.address, function, *args)

    async def again(self) -> None:
        """Raises Refused when the key was revoked, or ended, meanwhile."""
        if time.monotonic() - self.asked > FRESH:
            self.program = await in_thread(visibility.again, self.program)
            self.asked = time.monotonic()


async def _in_room(door: Door, who: str, address: str, function: Callable[..., T], *args: Any) -> T:
    try:
        done: T = await door.room.run((who, address), bound(function, *args), asyncio.Event().wait)
    except Crowded:
        raise Declined(503, "busy", "Too many requests of this key wait.", headers={"Retry-After": "1"}) from None
    return done


Handler = Callable[[Call], Awaitable[Response]]


class Guarded:
    """One address, with what each method of it is answered by. Default deny: no key, no answer."""

    def __init__(self, rows: Mapping[str, tuple[Endpoint, Handler]]) -> None:
        self._rows = rows

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        key, rate = request.headers.get("authorization", "").partition(" ")[2], request.app.state.programs.rate
        with speaking(_language(request)), rate.at_work(key) as may:
            try:
                if not may:
                    await rate.pause(key)
                    raise Declined(
                        429, "rate", "Too many requests of this key are at work.", headers={"Retry-After": "1"}
                    )
                answer = await self._answered(request)
            except Exception as e:
                answer = problem(declined(e))
            await answer(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        door: Door = request.app.state.programs
        program = await _whose(door, request)
        method = "GET" if request.method == "HEAD" and "HEAD" not in self._rows else request.method
        if method not in self._rows:
            allowed = ", ".join(sorted(self._rows))
            raise Declined(405, "method", f"It answers {allowed}.", headers={"Allow": allowed})
        endpoint, handle = self._rows[method]
        if endpoint.scopes and not endpoint.scopes & program.scopes:
            needed = " or ".join(sorted(endpoint.scopes))
            raise Declined(403, "scope", f"The key needs the scope {needed}.")
        if not blob_store().available():
            raise Declined(503, "storage", "The portal's storage is missing.", headers={"Retry-After": "60"})
        call = Call(request, door, program, asked=time.monotonic())
        call.place = _converted("path", request.path_params, endpoint.place)
        call.query = _converted("query", _query(request), endpoint.query)
        call.headers = _converted("header", _headers(request, endpoint), endpoint.headers)
        if endpoint.body not in (None, bytes):
            call.body = _decoded(await _body(request), endpoint.body)
        return await handle(call)


async def nobody(scope: AsgiScope, receive: Receive, send: Send) -> None:
    """Of an address that is nobody's: a key is asked for all the same."""
    request = Request(scope, receive, send)
    try:
        await _whose(request.app.state.programs, request)
        raise Declined(404, "endpoint", f"There is no {request.url.path} here.")
    except Exception as e:
        await problem(declined(e))(scope, receive, send)


async def _whose(door: Door, request: Request) -> Program:
    """The program whose key is shown in `Authorization`, and nowhere else. Raises Declined, Refused."""
    if any(value.startswith("syncd_") for _, value in request.query_params.multi_items()):
        raise Declined(
            400, "key_in_address", "A key never stands in an address, which is written down on its way: revoke it."
        )
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    address = request.client.host if request.client else ""
    if scheme.lower() != "bearer" or not key:
        raise Declined(401, "key", "A key is needed: Authorization: Bearer …", headers={"WWW-Authenticate": "Bearer"})
    shown = hashlib.sha256(key.encode()).digest()
    wait = door.rate.take(key) or (0 if shown in door.right or door.wrong.left(address) else 1)
    if wait:
        await door.rate.pause(key)
        raise Declined(429, "rate", f"Come back in {wait} s.", headers={"Retry-After": str(wait)})
    try:
        program: Program = await _in_room(door, f"address:{address}", address, keys.program_with, key, address)
    except Refused:
        door.right.discard(shown)
        door.wrong.take(address)
        raise
    if len(door.right) >= MOST_RIGHT:
        door.right.clear()
    door.right.add(shown)
    return program


def _language(request: Request) -> str:
    """Of sentences for people; French where nobody says."""
    wanted = request.headers.get("accept-language", "").strip().lower()
    return ENGLISH if wanted.startswith("en") else FRENCH


def _query(request: Request) -> dict[str, str]:
    found = dict[str, str]()
    for name, value in request.query_params.multi_items():
        if name in found:
            raise Declined(422, "malformed", f"In the query: `{name}` stands there twice.")
        if "\0" in value:
            raise Declined(422, "malformed", f"In the query: `{name}` holds a NUL.")
        found[name] = value
    return found


def _headers(request: Request, endpoint: Endpoint) -> dict[str, str]:
    """Those the row names."""
    named = [f.encode_name for f in msgspec.structs.fields(endpoint.headers)]
    return {name: request.headers[name] for name in named if name in request.headers}


def _converted(where: str, given: Mapping[str, Any], type_: type[T]) -> T:
    try:
        return msgspec.convert(dict(given), type_, strict=False)
    except (msgspec.ValidationError, ValueError) as e:
        raise malformed(where, e) from None


def _decoded(body: bytes, type_: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=type_)
    except msgspec.ValidationError as e:
        raise malformed("body", e) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as e:
        raise Declined(400, "unreadable", f"The body is no JSON: {e}") from None


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_JSON:
            raise Declined(413, "too_large", "The body is too large.")
        parts.append(chunk)
    return b"".join(parts)
