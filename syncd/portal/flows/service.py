"""The flow service of an approved platform (XP Z12-013, 1.3.0): search, and the two files of a flow. Nothing is sent to it."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from urllib.parse import quote, urlencode

import msgspec

from syncd.core import flows
from syncd.core.flows import Failure, Page
from syncd.portal.flows.transport import Answer, Failed, Line
from syncd.portal.models import FlowConnection

LISTING, TOKEN = 4_000_000, 100_000  # bytes of an answer
FILE, FILE_SECONDS = 50_000_000, 120.0
IN_MEMORY = 2_000_000
EARLY, USUAL = 30.0, 300.0  # seconds before its end that a token is not used any more; of one that says nothing


@dataclass(frozen=True, slots=True)
class Fetched:
    """`source`: at its beginning; `digest`: SHA-256, hexadecimal."""

    source: BinaryIO
    digest: str
    size: int


class FlowService:
    """That of one client, on one line."""

    def __init__(self, connection: FlowConnection, line: Line) -> None:
        self._of, self._line = connection, line

    def search(self, since: datetime | None, cursor: str = "") -> Page:
        """Raises Failed; CURSOR where the platform does not know the cursor any more."""
        answer = self._ask("POST", "/v1/flows/search", flows.asked(since, cursor))
        if cursor and answer.status in (400, 404, 410, 422):
            raise Failed(Failure.CURSOR)
        _check(answer.status, answer.headers)
        try:
            return flows.page(answer.body)
        except ValueError:
            raise Failed(Failure.ODD) from None

    @contextlib.contextmanager
    def file(self, flow_id: str, kind: str) -> Iterator[Fetched]:
        """`kind`: Original or ReadableView. Raises Failed; MISSING where there is none."""
        path = f"/v1/flows/{quote(flow_id, safe='')}?docType={kind}"
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as kept:
            for again in (True, False):
                asked = self._line.open("GET", self._of.address + path, self._headers(), most=FILE, seconds=FILE_SECONDS)  # fmt: skip
                with asked as (status, headers, pieces):
                    if status == 401 and again and self._forget():
                        continue
                    _check(status, headers)
                    digest, size = hashlib.sha256(), 0
                    for piece in pieces:
                        kept.write(piece)
                        digest.update(piece)
                        size += len(piece)
                break
            kept.seek(0)
            yield Fetched(kept, digest.hexdigest(), size)  # type: ignore[arg-type]

    def _ask(self, method: str, path: str, body: bytes) -> Answer:
        def once() -> Answer:
            headers = self._headers() | {"Content-Type": "application/json"}
            return self._line.ask(method, self._of.address + path, headers, body, most=LISTING)

        answer = once()
        return once() if answer.status == 401 and self._forget() else answer

    def _headers(self) -> dict[str, str]:
        more = {"Organization-Id": self._of.organization} if self._of.organization else {}
        return {"Authorization": f"Bearer {self._token()}", **more}

    def _forget(self) -> bool:
        """Whether another token may be had: the one that was used is old, by whatever clock."""
        return bool(self._of.token_address) and _tokens.forget(self._of)

    def _token(self) -> str:
        if not self._of.token_address:
            return self._of.secret
        if (known := _tokens.known(self._of)) is not None:
            return known
        pair = f"{quote(self._of.ident, safe='')}:{quote(self._of.secret, safe='')}"
        form = {"grant_type": "client_credentials"} | ({"scope": self._of.scope} if self._of.scope else {})
        headers = {
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json",
        }  # fmt: skip
        answer = self._line.ask("POST", self._of.token_address, headers, urlencode(form).encode(), most=TOKEN)
        if answer.status in (400, 401, 403):  # RFC 6749, 5.2
            raise Failed(Failure.CREDENTIALS)
        _check(answer.status, answer.headers)
        try:
            given = msgspec.json.decode(answer.body, type=_Given)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise Failed(Failure.ODD) from None
        if not given.access_token.isascii() or not given.access_token.isprintable() or not given.access_token:
            raise Failed(Failure.ODD)
        _tokens.keep(self._of, given.access_token, given.expires_in)
        return given.access_token


class _Given(msgspec.Struct):
    access_token: str
    expires_in: float | str | None = None


class _Tokens:
    """In memory alone, by this process's own clock; another secret needs another token."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, float, str]] = {}
        self._lock = threading.Lock()

    def known(self, of: FlowConnection) -> str | None:
        token, until, whose = self._held.get(of.pk, ("", 0.0, ""))
        return token if until > time.monotonic() and whose == _whose(of) else None

    def keep(self, of: FlowConnection, token: str, seconds: float | str | None) -> None:
        try:
            lasts = float(seconds) if seconds is not None else USUAL
        except ValueError:
            lasts = USUAL
        with self._lock:
            until = time.monotonic() + max(0.0, min(lasts, 86_400.0) - EARLY)
            self._held = {k: v for k, v in self._held.items() if v[1] > time.monotonic()} | {of.pk: (token, until, _whose(of))}  # fmt: skip

    def forget(self, of: FlowConnection) -> bool:
        with self._lock:
            self._held.pop(of.pk, None)
        return True


_tokens = _Tokens()


def _whose(of: FlowConnection) -> str:
    parts = (of.token_address, of.ident, of.secret, of.scope, of.organization)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _check(status: int, headers: Mapping[str, str]) -> None:
    if status != 200:
        raise Failed(flows.error_of(status), headers.get("retry-after", ""))
