"""Takes connections from a listening socket: whoever may have none is refused before it costs anything.

A server's own acceptor makes a protocol, and over TLS a handshake, before anybody is asked; thousands of connections that
are opened anew as they are closed would take all of the process's time.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from typing import Any

from syncd.portal.api.address_shares import Seat, Shares

LOG = logging.getLogger(__name__)
TOGETHER = 64  # accepted in a row, before others have their turn,
ARRIVING = 10  # and of those that have a place: whoever comes next may make one of these give way
REST = 1.0  # seconds without accepting, where the system has no descriptor left
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
Make = Callable[[Seat], asyncio.Protocol]


class Acceptor:
    """As asyncio's Server is to who closes it. `make`: the protocol of a connection that has a place."""

    def __init__(self, sock: socket.socket, make: Make, shares: Shares, backlog: int, tls: dict[str, Any]) -> None:
        self._sock, self._make, self._shares, self._tls = sock, make, shares, tls
        self._loop = asyncio.get_running_loop()
        self._arriving = set[asyncio.Task[None]]()
        self._resting: asyncio.TimerHandle | None = None
        self._alone: asyncio.Task[None] | None = None
        sock.setblocking(False)
        sock.listen(backlog)
        try:
            self._loop.add_reader(sock.fileno(), self._accept)
        except NotImplementedError:  # Windows' loop hands connections over one by one
            self._alone = self._loop.create_task(self._one_by_one())

    def close(self) -> None:
        if self._alone is not None:
            self._alone.cancel()
        elif self._resting is not None:
            self._resting.cancel()
        else:
            self._loop.remove_reader(self._sock.fileno())
        for task in self._arriving:
            task.cancel()
        self._sock.close()

    async def wait_closed(self) -> None:
        """Nothing is left to wait for."""

    def _accept(self) -> None:
        for _ in range(TOGETHER):
            if not self._tls and len(self._arriving) >= ARRIVING:
                return  # in a moment they are connections; called again as long as somebody waits
            try:
                sock, address = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as e:
                if e.errno not in EXHAUSTED:
                    raise
                LOG.warning("no connection can be accepted: %s", e.strerror)
                self._rest()
                return
            self._take(sock, address)

    async def _one_by_one(self) -> None:
        while True:
            try:
                self._take(*await self._loop.sock_accept(self._sock))
            except OSError as e:
                LOG.warning("no connection can be accepted: %s", e.strerror)
                await asyncio.sleep(REST)

    def _take(self, sock: socket.socket, address: Any) -> None:
        host = str(address[0]) if isinstance(address, tuple) else ""
        if (seat := self._shares.accepted(host, self._loop.time())) is None:
            self._refuse(sock)
            return
        task = self._loop.create_task(self._arrive(sock, seat))
        self._arriving.add(task)
        task.add_done_callback(self._arriving.discard)

    def _refuse(self, sock: socket.socket) -> None:
        with sock:
            if not self._tls:
                try:
                    sock.setblocking(False)
                    sock.send(BUSY)
                except OSError:
                    return

    async def _arrive(self, sock: socket.socket, seat: Seat) -> None:
        """Until it is a connection; whoever does not shake hands has had a place for so long."""
        sock.setblocking(False)
        try:
            await self._loop.connect_accepted_socket(lambda: self._make(seat), sock, **self._tls)
        except (OSError, ssl.SSLError, TimeoutError):
            sock.close()
        finally:
            if seat.occupant is None:
                seat.leave()

    def _rest(self) -> None:
        self._loop.remove_reader(self._sock.fileno())
        self._resting = self._loop.call_later(REST, self._again)

    def _again(self) -> None:
        self._resting = None
        self._loop.add_reader(self._sock.fileno(), self._accept)
