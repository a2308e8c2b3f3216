"""Who calls, with what right, and how errors are answered: written once, around every endpoint."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from syncd.core import untrusted_numbers
from syncd.core.errors import AlreadyRunning, Refused, SyncdError
from syncd.portal.api.key_limits import KeyLimits, pause
from syncd.portal.api.orm_threads import in_thread
from syncd.portal.models import Cabinet, EngineToken
from syncd.portal.people import visibility
from syncd.portal.refusals import Refusal
from syncd.portal.rights import Engine
from syncd.portal.storage import blob_store, disk_reserve
from syncd.portal.storage.write_errors import busy, full
from syncd.portal.sync import engine_keys, lease
from syncd.wire.endpoints import A, Endpoint, Q
from syncd.wire.framing import BadFrame
from syncd.wire.messages import ErrorAnswer, decode, encode

MAX_JSON = 16_000_000
FRESH = 1.0  # seconds that a look at the key is good for


@dataclass(slots=True)
class Call:
    """An authenticated request of one cabinet's engine. `lease`: the number it writes under."""

    request: Request
    token: EngineToken
    lease: int | None = None
    asked: float = 0.0  # by the monotonic clock: when the key was looked at last

    @property
    def cabinet(self) -> Cabinet:
        return self.token.cabinet

    @property
    def engine(self) -> Engine:
        """For what is written: asked again, in that transaction, whether it still may."""
        return Engine(self.cabinet.id, key=self.token.id, lease=self.lease)

    async def again(self) -> None:
        """After waiting for anybody: raises Refused when the key was revoked meanwhile."""
        if time.monotonic() - self.asked > FRESH:
            await in_thread(visibility.again, Engine(self.cabinet.id, key=self.token.id))
            self.asked = time.monotonic()

    async def parts(self, whole: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """An answer in parts, which ends, cut short, when the key is revoked meanwhile."""
        async for part in whole:
            try:
                await self.again()
            except Refused:
                return
            yield part

    async def json(self) -> bytes:
        parts, size = [], 0
        async for chunk in self.request.stream():
            size += len(chunk)
            if size > MAX_JSON:
                raise TooLarge
            parts.append(chunk)
        await self.again()
        return b"".join(parts)


class TooLarge(Exception):
    pass


def failed(fault: Exception) -> Response:
    """No path and no name: what the system said, or of which kind it is."""
    logging.getLogger(__name__).error("a request of the engine failed", exc_info=fault)
    return error(500, "failed", getattr(fault, "strerror", None) or type(fault).__name__)


class Declined(Exception):
    """An answer that is none of the endpoint's: its status, code and sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def refused(fault: Exception) -> Response:
    """What an engine is answered when nothing else can be."""
    match fault:
        case Declined():
            return error(fault.status, fault.code, str(fault))
        case Refused():
            return error(401, fault.reason, str(fault))
        case AlreadyRunning():
            return error(409, "held", str(fault))
        case msgspec.MsgspecError() | BadFrame():
            return error(400, "malformed", f"The request cannot be read: {fault}")
        case OverflowError() | ValueError():  # a date, or a number, that no database holds
            logging.getLogger(__name__).warning("a request with an impossible value: %s", fault)
            return error(400, "malformed", "The request holds a value that is out of range.")
        case TooLarge():
            return error(413, "too_large", "The request is too large.")
        case Refusal() | SyncdError():
            return error(400, "refused", str(fault))
        case ClientDisconnect():
            return error(400, "cut", "The request was cut.")
    return postponed(fault) if busy(fault) or full(fault) else failed(fault)


def postponed(fault: Exception) -> Response:
    """The database is held by another, or the disk is full: the same request goes through later."""
    logging.getLogger(__name__).warning("a request of the engine waits: %s", fault)
    if busy(fault):
        return error(503, "busy", "The portal is busy.")
    disk_reserve.help_out(fault)
    return error(507, "full", "The portal's disk is full.")


Handler = Callable[[Request], Awaitable[Response]]


def answer(value: object, status: int = 200) -> Response:
    return Response(encode(value), status, media_type="application/json")


def error(status: int, code: str, message: str, holder: str = "") -> Response:
    return answer(ErrorAnswer(code, message, holder), status)


def spoken(endpoint: Endpoint[Q, A], handle: Callable[[Call, Q], Awaitable[A]]) -> Handler:
    """What is asked and answered as one JSON value each."""
    type_ = endpoint.request
    assert type_ is not None

    async def answered(call: Call) -> Response:
        return answer(await handle(call, decode(await call.json(), type_)))

    return guarded(endpoint, answered)


def guarded(endpoint: Endpoint[Any, Any], handle: Callable[[Call], Awaitable[Response]]) -> Handler:
    """Default deny: no key, no answer. A write needs the lease's current number as well."""

    async def answered(request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return error(401, "token", "A key is needed.")
        keys: KeyLimits = request.app.state.keys
        with keys.working(token, endpoint.path) as may:
            if may:
                return await _authenticated(request, token, endpoint, handle)
        await pause()
        return error(503, "busy", "Too many requests of this key are at work.")

    return answered


async def _authenticated(
    request: Request, token: str, endpoint: Endpoint[Any, Any], handle: Callable[[Call], Awaitable[Response]]
) -> Response:
    address = request.client.host if request.client else ""
    try:
        call = Call(request, await in_thread(engine_keys.engine_token, token, address), asked=time.monotonic())
        if not blob_store().available():
            return error(503, "storage", "The portal's storage is missing.")
        if endpoint.writes:
            number = untrusted_numbers.number(request.headers.get("syncd-lease", ""))
            turn = untrusted_numbers.number(request.headers.get("syncd-request", ""))
            if number is None or turn is None or not await in_thread(lease.holds_lease, call.cabinet, number, turn):
                return error(409, "lease", "Another engine has taken over.")
            call.lease = number
        return await handle(call)
    except Exception as e:
        return refused(e)
