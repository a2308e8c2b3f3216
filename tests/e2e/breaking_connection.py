"""A line between engine and portal that breaks every so many bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class BreakingLine:
    """`after`: bytes that a connection carries one way before it breaks; None: it holds. `breaks`: how often it did."""

    def __init__(self, target: str, after: int | None) -> None:
        self.after, self.breaks = after, 0
        self._target = (urlsplit(target).hostname, urlsplit(target).port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                here, _ = self._listening.accept()
                there = socket.create_connection(self._target)
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        carried = 0
        with contextlib.suppress(OSError):  # the other way broke
            while data := one.recv(65536):
                other.sendall(data)
                carried += len(data)
                if self.after is not None and carried > self.after:
                    self.breaks += 1
                    break
        for each in (one, other):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def close(self) -> None:
        self._listening.close()
