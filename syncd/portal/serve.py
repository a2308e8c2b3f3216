"""`syncd portal serve`: binds, says where, serves until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn

from syncd.core.errors import AlreadyRunning, UsageError
from syncd.portal import environment
from syncd.portal.api.acceptor import Acceptor
from syncd.portal.api.address_shares import Seat, Shares
from syncd.portal.api.connection_limits import MOST, Connection
from syncd.portal.turn import Held, Serving


class Server(uvicorn.Server):
    """Says that it is ready once it really is; `stopping` is called first of all when it is asked to end.

    `most`: connections at a time; `each`: of one address.
    """

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None], most: int, each: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(config)
        self._ready, self._stopping = ready, stopping
        self._shares = Shares(config.forwarded_allow_ips, most, each)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping()
        super().handle_exit(sig, frame)

    def end(self) -> None:
        """By another thread: as if it had been asked to."""
        self._stopping()
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does for sockets, with connections of our own, and a deadline for what precedes them."""
        await self.lifespan.startup()
        config, loop, shares = self.config, asyncio.get_running_loop(), self._shares

        def connection(seat: Seat) -> Connection:
            return Connection(config, self.server_state, self.lifespan.state, loop, shares, seat)

        tls: dict[str, Any] = {}
        if config.ssl:
            tls = {"ssl": config.ssl, "ssl_handshake_timeout": 10.0, "ssl_shutdown_timeout": 10.0}
        self.servers = [Acceptor(s, connection, shares, config.backlog, tls) for s in sockets or ()]  # type: ignore[misc]
        self.started = True
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:  # every second
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                connection.look(now)  # type: ignore[union-attr]
            self._shares.look(now)
        return await super().on_tick(counter)


def _connections() -> int:
    """How many at a time: each may be reading a document, and the database has files too."""
    if sys.platform == "win32":
        return MOST
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * MOST if hard == resource.RLIM_INFINITY else min(hard, 4 * MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return MOST if soft == resource.RLIM_INFINITY else min(MOST, (soft - 100) // 2)


PATIENCE = 2.0  # seconds: whoever asks whether it is served (`served`) holds it for a moment


def serve(host: str, port: int, ready: Callable[[str], None], **tls: Any) -> None:
    """Blocks. `ready` gets the URL once the portal answers. Ends within 10 s of SIGTERM. Raises UsageError where it cannot
    listen, AlreadyRunning where another process serves this directory: one writer at a time of an upload, the turns of
    askers and the brakes on guessing are a process's own.
    """
    from syncd.portal.asgi import application
    from syncd.portal.operations.background import PostRound, TextRound
    from syncd.portal.operations.flow_round import FlowRound
    from syncd.portal.operations.invoice_round import InvoiceRound
    from syncd.portal.operations.moved import Watch
    from syncd.portal.readers import worker_client

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as e:
        raise UsageError(
            f"cannot listen on {host}:{port} ({e.strerror}).", mend="Choose another --port, or 0 to pick one."
        ) from None
    shown = f"[{host}]" if ":" in host else host
    url = f"{'https' if tls.get('ssl_certfile') else 'http'}://{shown}:{sock.getsockname()[1]}"
    app = application()
    config = uvicorn.Config(
        app, log_level="warning", log_config=None, access_log=False, timeout_graceful_shutdown=5, lifespan="off", ws="none",
        timeout_keep_alive=75, server_header=False, date_header=False, **tls,
    )  # fmt: skip
    held = Serving()
    try:
        held.acquire(PATIENCE)
    except Held:
        sock.close()
        raise AlreadyRunning(
            "Another process serves this portal's directory already.", mend="Stop it first: one serves it at a time."
        ) from None
    rounds = (PostRound(), TextRound(), InvoiceRound(), FlowRound())
    for turn in rounds:
        turn.start()
    gc.freeze()  # what was imported stays: not looked through again for cycles, batch after batch
    each = environment.connections_per_address()
    server = Server(config, lambda: ready(url), app.state.heads.stop, _connections(), each)
    watch = Watch(server.end)
    watch.start()
    server.run(sockets=[sock])
    watch.stop()
    for turn in rounds:
        turn.stop()
    worker_client.stop()
    held.release()
