"""One version's bytes, or a part of them from where a download was cut."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import BinaryIO, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from syncd.core.errors import Refused
from syncd.portal.api.orm_threads import in_data_thread

LARGEST, LEAST, TOGETHER = 1_000_000, 64_000, 32_000_000  # bytes of one piece; of all that are under way
_RANGE = re.compile(r"bytes=([0-9]{1,16})-([0-9]{0,16})")


class Reader(Protocol):
    """An authenticated request, of an engine or of another program."""

    @property
    def request(self) -> Request: ...

    async def again(self) -> None:
        """Raises Refused when the key was revoked meanwhile."""
        ...


class RangedDownload(Response):
    """Cut short when the key is revoked meanwhile. `source`: at its beginning, closed whatever comes of it. `part`: as `Range` says it,
    where that is not the request's own; `ended`: called when the last byte has gone.

    Read in large pieces, a thread's turn for each, while there are few: a reader who stalls has one in memory.
    """

    under_way = 0  # in this process, all of them together
    media_type = "application/octet-stream"

    def __init__(
        self, call: Reader, source: BinaryIO, size: int, headers: Mapping[str, str], *, part: str | None = None,
        ended: Callable[[], Awaitable[None]] | None = None,
    ) -> None:  # fmt: skip
        self._call, self._source, self._size, self._ended = call, source, size, ended
        self._begin, self._end = _asked(call.request.headers.get("range", "") if part is None else part, size)
        partial = (self._begin, self._end) != (0, size)
        status, more = 206 if partial else 200, {"Accept-Ranges": "bytes", **headers}
        if partial and self._begin >= size:
            status, more["Content-Range"] = 416, f"bytes */{size}"
        elif partial:
            more["Content-Range"] = f"bytes {self._begin}-{self._end - 1}/{size}"
        super().__init__(b"", status, {**more, "Content-Length": str(self._end - self._begin)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        RangedDownload.under_way += 1
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            with contextlib.suppress(Refused):
                await self._send(send, b"" if scope["method"] == "HEAD" else None)
        finally:
            RangedDownload.under_way -= 1
            self._source.close()

    async def _send(self, send: Send, instead: bytes | None) -> None:
        at, end = self._begin, self._end
        if instead is not None or at >= end:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        await in_data_thread(self._source.seek, at)
        while at < end:
            most = max(LEAST, min(LARGEST, TOGETHER // RangedDownload.under_way))
            piece = await in_data_thread(self._source.read, min(most, end - at))
            await self._call.again()
            at += len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": at < end and bool(piece)})
            if piece and at >= self._size and self._ended is not None:
                await self._ended()
            if not piece:  # less than was said: the line ends here, and the other side sees that it is cut
                return


def _asked(said: str, size: int) -> tuple[int, int]:
    """From where to where: all of it, unless it is one part that is asked for; nothing at all where it has ended by then."""
    found = _RANGE.fullmatch(said.strip())
    if found is None:
        return 0, size
    begin, last = int(found[1]), int(found[2]) + 1 if found[2] else size
    if begin >= size:
        return begin, begin
    return (begin, min(last, size)) if begin < last else (0, size)
