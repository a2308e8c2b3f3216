"""The stair from a verb down to the line: transport, rate limit, fencing, and whole attempts around them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from msgspec.structs import replace

from syncd.core.errors import SyncdError
from syncd.core.protocol import Written
from syncd.remote.bandwidth_limit import RateLimited
from syncd.remote.fencing import Fencing
from syncd.remote.request import Again, Answered, Request, Response
from syncd.remote.retry import retry
from syncd.remote.transport import Transport
from syncd.wire import answers
from syncd.wire.endpoints import A, Endpoint, Q
from syncd.wire.messages import decode, encode

T = TypeVar("T")
SHORT = 64_000_000  # bytes of an answer that is about what was asked, or what changed
MAX_ANSWER = 256_000_000  # of one about all of a client


class Session:
    """`rate`: bytes per second that bodies of documents keep to, None for no limit."""

    def __init__(self, transport: Transport, rate: Callable[[], float | None] = lambda: None) -> None:
        self._transport, self.errors = transport, transport.errors
        self.fence = Fencing(RateLimited(transport, rate))

    @property
    def requests(self) -> int:
        return self._transport.requests

    async def close(self) -> None:
        await self._transport.close()

    def is_here(self, site: str) -> bool:
        return self._transport.is_here(site)

    async def attempts(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Every verb is idempotent; three more attempts, then the portal is unreachable. Certificates are not retried."""
        self.fence.turn()  # a repeat keeps its number
        try:
            return await retry(attempt, lambda e: isinstance(e, Again))
        except Again as e:
            raise self.errors.gave_up(e) from None

    def send(self, request: Request) -> AbstractAsyncContextManager[Response]:
        """One attempt, whose answer's body is still to be read."""
        return self.fence.send(request)

    async def whole(self, request: Request, *, most: int | None = None) -> Answered:
        """One attempt, and all of its answer: a short one, or (`most` above that) one that takes as long as its size does."""
        async with self.send(replace(request, short=most is None)) as answer:
            parts, size = list[bytes](), 0
            async for chunk in answer.chunks:
                size += len(chunk)
                if size > (SHORT if most is None else most):
                    raise self.errors.not_the_portal("an endless answer")
                parts.append(chunk)
            return Answered(answer.status, answer.headers, b"".join(parts))

    async def ask(
        self, endpoint: Endpoint[Q, A], request: Q, *, most: int | None = None, begin: float | None = None
    ) -> A:
        """The answer, as the table says it is; `begin`: seconds until it begins."""
        assert endpoint.answer is not None
        type_ = endpoint.answer
        return self.errors.decoded(
            await self.asked(endpoint, request, most=most, begin=begin), lambda data: decode(data, type_)
        )

    async def asked(
        self, endpoint: Endpoint[Q, A], request: Q, *, most: int | None = None, begin: float | None = None
    ) -> bytes:
        """The answer as it came."""
        said = Request(endpoint, encode(request), begin=begin)
        return (await self.attempts(lambda: self.whole(said, most=most))).body

    def counted(self, data: bytes, count: int) -> Written:
        """The answer to a write of so many items."""
        written = self.errors.decoded(data, answers.written)
        if len(written.results) != count:
            raise self.errors.not_the_portal(f"{len(written.results)} results for {count} items")
        return written

    async def answers(self, endpoint: Endpoint[Q, A], request: Q) -> bool:
        """Whether the portal still gives a list, asked once: what fails every time then is the matter of what was asked."""
        try:
            answer = await self.whole(Request(endpoint, encode(request)))
            self.errors.decoded(answer.body, lambda data: decode(data, list))
        except SyncdError as e:
            return e.reason == "portal_refuses"
        except Again:
            return False
        return True

    async def lines(self, answer: Response) -> AsyncIterator[bytes]:
        """Whole lines, without their ends; what comes after the last end is none."""
        pieces, size = list[bytes](), 0
        async for chunk in answer.chunks:
            *ended, begun = chunk.split(b"\n")
            for piece in ended:
                yield b"".join([*pieces, piece])
                pieces, size = [], 0
            pieces.append(begun)
            size += len(begun)
            if size > MAX_ANSWER:
                raise self.errors.not_the_portal("an endless answer")
