"""The numbers that every request bears: of the lease, and of its turn; what arrives after a later one is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager

from msgspec.structs import replace

from syncd.remote.request import Request, Response, Sender


class Fencing:
    """`lease`: the number that the portal gave. A repeat keeps its turn."""

    def __init__(self, inner: Sender) -> None:
        self._inner = inner
        self.lease = 0
        self._turn = self._together = 0

    def turn(self) -> None:
        """What is sent from now on is later than all before, unless it goes together with it."""
        if not self._together:
            self._turn += 1

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """For requests that go at the same time: they share a turn, none of them is later than another."""
        self.turn()
        self._together += 1
        try:
            yield
        finally:
            self._together -= 1

    def send(self, request: Request) -> AbstractAsyncContextManager[Response]:
        numbers = {"Syncd-Lease": str(self.lease), "Syncd-Request": str(self._turn)}
        return self._inner.send(replace(request, headers={**numbers, **request.headers}))
