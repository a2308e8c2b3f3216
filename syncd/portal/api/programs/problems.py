"""Whatever goes wrong, as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from syncd.core.errors import Refused, SyncdError
from syncd.portal.api.programs.table import PREFIX
from syncd.portal.api.programs.values import Fault, Problem
from syncd.portal.refusals import Code, Refusal
from syncd.portal.storage import disk_reserve
from syncd.portal.storage.port import Gone, NoRoom, TooMany
from syncd.portal.storage.write_errors import busy, full

TITLES: Mapping[int, str] = {
    400: "The request cannot be read", 401: "A key is needed", 403: "The key does not allow this", 404: "Not found",
    405: "This address does not answer that method", 408: "The request came too slowly", 409: "It contradicts what is there",
    410: "No longer known", 411: "The length is missing", 412: "It was changed meanwhile", 413: "Too large",
    416: "No such part", 422: "Something in the request is not possible", 423: "Somebody else is writing to it",
    428: "Say what you saw last", 429: "Too many requests", 500: "The portal failed", 503: "The portal is busy",
    507: "The portal's disk is full",
}  # fmt: skip
_ABSENT = {Code.NO_CLIENT, Code.DOCUMENT_UNKNOWN, Code.NO_VERSION}
_FORBIDDEN = {Code.NOT_ALLOWED_HERE, Code.SPACE_CLOSED, Code.NO_RIGHT}
_STATUS = {
    **dict.fromkeys(_ABSENT, 404),
    **dict.fromkeys(_FORBIDDEN, 403),
    Code.CURSOR_UNKNOWN: 410,
    Code.WORD_USED: 409,
    Code.CARD_CHANGED: 412,
}
_FIELD = re.compile(r"(?:`(?P<missing>[^`]+)`)?[^`]*?(?: - at `\$\.?(?P<at>[^`]*)`)?$", re.DOTALL)


class Declined(Exception):
    """An answer that is none of the endpoint's: its status, a stable code and a sentence."""

    def __init__(
        self, status: int, code: str, detail: str, faults: tuple[Fault, ...] = (), headers: Mapping[str, str] | None = None
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.status, self.code, self.detail, self.faults, self.headers = status, code, detail, faults, headers or {}


def problem(fault: Declined) -> Response:
    said = Problem(
        f"{PREFIX}/openapi.json#{fault.code}",
        TITLES[fault.status],
        fault.status,
        fault.code,
        fault.detail,
        fault.faults,
    )
    return Response(
        msgspec.json.encode(said), fault.status, {"Cache-Control": "no-store", **fault.headers}, "application/problem+json"
    )  # fmt: skip


def malformed(where: str, fault: Exception) -> Declined:
    """What does not fit its type, named by field. `where`: path, query, header or body."""
    said = str(fault)
    found = _FIELD.search(said)
    field = (found["at"] or found["missing"] or "") if found else ""
    return Declined(422, "malformed", f"In the {where}: {said}", (Fault(field, said),))


def declined(fault: Exception) -> Declined:
    """What any exception is answered with."""
    match fault:
        case Declined():
            return fault
        case Refused():
            return _refused(fault)
        case Refusal():
            return Declined(_STATUS.get(fault.code, 422), str(fault.code), str(fault))
        case Gone():
            return Declined(404, "upload", "There is no such upload, or none any more.")
        case NoRoom():
            return Declined(507, "full", "The portal's disk is full.")
        case TooMany():
            return Declined(
                429, "uploads", "Too many uploads were begun and not finished.", headers={"Retry-After": "3600"}
            )
        case ClientDisconnect():
            return Declined(400, "cut", "The request was cut.")
        case SyncdError():
            return Declined(422, "refused", str(fault))
    return _failed(fault)


def _refused(fault: Refused) -> Declined:
    if fault.reason == "network":
        return Declined(403, "network", str(fault))
    return Declined(
        401, fault.reason or "key", str(fault), headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}
    )


def _failed(fault: Exception) -> Declined:
    log = logging.getLogger(__name__)
    if busy(fault):
        log.warning("a request of a program waits: %s", fault)
        return Declined(503, "busy", "The portal is busy.", headers={"Retry-After": "5"})
    if full(fault):
        disk_reserve.help_out(fault)
        return Declined(507, "full", "The portal's disk is full.")
    log.error("a request of a program failed", exc_info=fault)
    return Declined(500, "failed", type(fault).__name__)
