"""A rate that bodies of documents keep to, in both directions together."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator

from msgspec.structs import replace

from syncd.remote.request import Body, Request, Response, Sender
from syncd.wire.endpoints import Framed


class RateLimit:
    """`rate`: asked each time, in bytes per second; None: as fast as it goes."""

    def __init__(self, rate: Callable[[], float | None]) -> None:
        self._rate, self._free = rate, 0.0

    async def spent(self, count: int) -> None:
        """Wait until `count` more bytes are within the rate."""
        rate, now = self._rate(), time.monotonic()
        if not rate:
            return
        self._free = max(self._free, now) + count / rate
        await asyncio.sleep(self._free - now)

    def parts(self, data: bytes) -> Iterator[bytes]:
        """A large piece at a low rate, in parts of a second each: a line that is silent for minutes is given up."""
        rate = self._rate()
        if not rate or len(data) <= rate:
            yield data
            return
        size = max(1, int(rate))
        for n in range(0, len(data), size):
            yield data[n : n + size]

    async def kept(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            for part in self.parts(chunk):
                await self.spent(len(part))
                yield part


class RateLimited:
    """Which bodies are documents, the table of endpoints says."""

    def __init__(self, inner: Sender, rate: Callable[[], float | None]) -> None:
        self._inner, self._limit = inner, RateLimit(rate)

    @contextlib.asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[Response]:
        endpoint, content = request.endpoint, request.content
        if not isinstance(content, bytes) and (endpoint.framed is Framed.REQUEST or endpoint.request is bytes):
            request = replace(request, content=self._paced(content))
        async with self._inner.send(request) as answer:
            if endpoint.framed is Framed.ANSWER or endpoint.answer is bytes:
                answer = replace(answer, chunks=self._limit.kept(answer.chunks))
            yield answer

    def _paced(self, content: Body) -> Body:
        return lambda: self._limit.kept(content())
