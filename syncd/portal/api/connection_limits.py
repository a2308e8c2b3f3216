"""Connections of strangers: what each may hold, and for how long.

A head has a size and a deadline; a body must go on coming, an answer must go on being taken; what is asked for in vain
is not listened to for ever. When there are as many connections as the process can have, or as one address may have
(`address_shares`), those that wait for nothing make way. Nothing here cuts what progresses, however slowly: a large document over a slow line takes its time.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import PlainTextResponse
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from syncd.portal.api.address_shares import Seat, Shares

HEAD = 64_000  # bytes of a request that are no body, in one go
LINES = 200  # of a head, or of what follows a body in pieces
PIECES, CRUMB = (
    1_000,
    16,
)  # of a body, so many come in pieces however small; then so many bytes each at least, on average
HEAD_SECONDS = 15.0  # from the connection, or the first byte of a further request, until the head is whole
BODY_SECONDS = 60.0  # without a byte of it, while somebody waits for it
TAKEN_SECONDS = 60.0  # without a byte taken of what was answered
ENGINE_SECONDS = 600.0  # for both, of an engine: it may have been told to be slow, and sends and takes large pieces
VAIN = 1_000_000  # bytes of a body nobody wants any more
VAIN_ENGINE = 32_000_000  # an engine sends its whole batch before it reads what was answered
TOGETHER = 20  # requests that wait for the one before them
MOST = 2_000
WITHHELD = 5.0  # seconds without progress after which a connection may make way
PACE = 1_000  # bytes a second: a person's body that comes more slowly may make way too
BUSY = PlainTextResponse("busy\n", 503, {"Retry-After": "5", "Connection": "close"})


class Connection(HttpToolsProtocol):
    """uvicorn's, with limits. `seat`: its place among all connections, and its address's."""

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], loop: asyncio.AbstractEventLoop,
        shares: Shares, seat: Seat,
    ) -> None:  # fmt: skip
        super().__init__(config, server_state, app_state, loop)
        self._shares, self._seat, self._application = shares, seat, self.app
        self._visit: Seat | None = None  # of whom a proxy brings, while its request lasts
        self._in_head, self._whole = False, True  # where the parser is; `_whole`: between two requests
        self._head_since: float | None = None  # a head is awaited, or the end of what nobody wants
        self._heard = self._taken = 0.0
        self._apart = self._vain = 0  # bytes since the last one of a body; of bodies nobody wants
        self._unsent, self._pauses = (0, 0), 0
        self._body_since, self._body_bytes, self._pieces = 0.0, 0, 0
        self._lines = 0

    # -- what asyncio calls --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        super().connection_made(transport)
        self._seat.occupant = self
        self._heard = self._taken = self._head_since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._heard = self.loop.time()
        if self._head_since is None and self._whole and self._resting:
            self._head_since = self._heard
        self._apart += len(data)
        super().data_received(data)
        if self._apart > HEAD and self._in_head:
            self.transport.write(b"HTTP/1.1 431 \r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()
        elif self._apart > HEAD or self._vain > (VAIN_ENGINE if self._for("/api/") else VAIN):
            self.transport.abort()

    def pause_writing(self) -> None:
        self._pauses += 1
        super().pause_writing()

    # -- what the parser calls -----------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        self._in_head, self._whole, self._lines = True, False, 0
        if self._head_since is None:
            self._head_since = self._heard
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._lines += 1
        if self._lines > LINES:
            raise ValueError("lines without end")  # 400, and the end of it
        if self._in_head:  # not what comes after a body
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head, self._head_since, self._vain = False, None, 0
        self._body_since, self._body_bytes, self._pieces, self._lines = self._heard, 0, 0, 0
        self.app = self._application if self._visited() else BUSY
        super().on_headers_complete()
        if len(self.pipeline) > TOGETHER:
            raise ValueError("requests sent together")  # 400, and the end of it

    def on_body(self, body: bytes) -> None:
        self._apart = 0
        self._body_bytes += len(body)
        self._pieces += 1
        if self._pieces > PIECES and self._body_bytes < CRUMB * self._pieces:
            raise ValueError("a body in crumbs")  # each costs as much as a whole piece
        if self.cycle.response_complete:
            self._vain += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._whole, self._apart, self._head_since = True, 0, None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if self._visit is not None:
            self._visit.leave()
        if not self._whole and not self._for(
            "/api/"
        ):  # an engine sends its batch to the end, over whatever line it has
            self._head_since = self.loop.time()
        super().on_response_complete()

    # -- what the server asks every second -----------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """Ends it when it has had its time."""
        unsent = (self.transport.get_write_buffer_size(), self._pauses)
        if unsent[0] == 0 or unsent != self._unsent:
            self._unsent, self._taken = unsent, now
        engine = self._for("/api/")
        if self._head_since is not None:
            late = now - self._head_since > HEAD_SECONDS
        else:
            late = self._awaits_body and now - self._heard > (ENGINE_SECONDS if engine else BODY_SECONDS)
        if late or now - self._taken > (ENGINE_SECONDS if engine else TAKEN_SECONDS):
            self.transport.abort()

    def expendable(self, now: float) -> tuple[int, float] | None:
        """How readily it makes way: what waits for nothing first, longest first. None: it is being served."""
        if self._resting and self._unsent[0] == 0:
            return 0, self._heard
        if self._awaits_body and self._dribbles(now) and not self._for("/api/", "/deposit/tus/"):
            return 1, self._body_since
        return (2, self._taken) if now - self._taken > WITHHELD else None

    def make_way(self) -> None:
        self._leave()
        self.connections.discard(self)
        self.transport.abort()

    def _leave(self) -> None:
        self._seat.leave()
        if self._visit is not None:
            self._visit.leave()

    def _visited(self) -> bool:
        """Whether whom a proxy brings may have one more request."""
        if self._visit is not None:
            self._visit.leave()
            self._visit = None
        if not (host := self._shares.visitor(self._seat.host, self.headers)):
            return True
        self._visit = self._shares.visits(host, self, self._heard)
        return self._visit is not None

    def _dribbles(self, now: float) -> bool:
        """Nothing has come of its body for a while, or so little that it is the same."""
        lasted = now - self._body_since
        return now - self._heard > WITHHELD or (lasted > WITHHELD and self._body_bytes < PACE * lasted)

    @property
    def _resting(self) -> bool:
        return self.cycle is None or bool(self.cycle.response_complete)

    @property
    def _awaits_body(self) -> bool:
        return not self._whole and not self._in_head and not self.flow.read_paused

    def _for(self, *where: str) -> bool:
        return self.scope is not None and str(self.scope.get("path", "")).startswith(where)
