"""`syncd portal serve`: binds, says where, serves until told to stop."""

from __future__ import annotations

import contextlib
import gc
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from filelock import FileLock, Timeout

from syncd.core.errors import UsageError


class Server(uvicorn.Server):
    """Says that it is ready once it really is; `stopping` is called first of all when it is asked to end."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready, self._stopping = ready, stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._stopping()
        super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _lock() -> FileLock:
    from django.conf import settings

    return FileLock(settings.DATA / "serve.lock", timeout=0)


def served() -> bool:
    """Whether a process serves this portal now."""
    held = _lock()
    try:
        held.acquire()
    except Timeout:
        return True
    held.release()
    return False


def serve(host: str, port: int, ready: Callable[[str], None], **tls: Any) -> None:
    """Blocks. `ready` gets the URL once the portal answers. Ends within 10 s of SIGTERM."""
    from syncd.portal.asgi import application
    from syncd.portal.services.rounds import PostRound

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
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=5, lifespan="off",
        timeout_keep_alive=75, h11_max_incomplete_event_size=64 * 1024, server_header=False, date_header=False, **tls,
    )  # fmt: skip
    held = _lock()
    with contextlib.suppress(Timeout):  # a second one may serve the same portal; the first says that it is served
        held.acquire()
    post = PostRound()
    post.start()
    gc.freeze()  # what was imported stays: not looked through again for cycles, batch after batch
    Server(config, lambda: ready(url), app.state.heads.stop).run(sockets=[sock])
    post.stop()
    held.release()
