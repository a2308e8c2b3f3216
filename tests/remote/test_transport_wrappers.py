"""Each step of the stair by itself, around a sender that only writes down what it is given."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import stamina

from syncd.core.errors import Unreachable
from syncd.remote import bandwidth_limit
from syncd.remote.bandwidth_limit import RateLimited
from syncd.remote.fencing import Fencing
from syncd.remote.request import Again, Request, Response
from syncd.remote.session import Session
from syncd.remote.transport import Transport
from syncd.wire import endpoints
from syncd.wire.endpoints import ENDPOINTS, Endpoint


class Line:
    """`sent`: each request, with the body that was read of it."""

    def __init__(self, answer: bytes = b"answered") -> None:
        self.sent: list[tuple[Request, bytes]] = []
        self._answer = answer

    @contextlib.asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[Response]:
        content = request.content
        body = content if isinstance(content, bytes) else b"".join([piece async for piece in content()])
        self.sent.append((request, body))
        yield Response(200, {}, pieces(self._answer))

    def numbers(self) -> list[tuple[str, str]]:
        return [(r.headers["Syncd-Lease"], r.headers["Syncd-Request"]) for r, _ in self.sent]


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def ask(sender: Any, request: Request) -> bytes:
    async with sender.send(request) as answer:
        return b"".join([piece async for piece in answer.chunks])


def test_every_request_bears_the_lease_and_its_turn() -> None:
    line = Line()
    fence = Fencing(line)

    async def work() -> None:
        await ask(fence, Request(endpoints.HELLO))
        fence.lease = 7
        fence.turn()
        for _ in range(2):  # a repeat
            await ask(fence, Request(endpoints.MOVE, headers={"X": "y"}))
        with fence.together():
            for _ in range(2):  # what goes at the same time begins by a turn each, and shares one
                fence.turn()
                await ask(fence, Request(endpoints.TUS_PATCH))
        fence.turn()
        await ask(fence, Request(endpoints.MOVE))

    asyncio.run(work())
    assert line.numbers() == [("0", "0"), ("7", "1"), ("7", "1"), ("7", "2"), ("7", "2"), ("7", "3")]
    assert line.sent[1][0].headers["X"] == "y"


DOCUMENTS_GO = {endpoints.PUT, endpoints.HEAL, endpoints.TUS_PATCH}
DOCUMENTS_COME = {endpoints.GET, endpoints.CONTENT, endpoints.PACKAGE}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.name)
def test_bodies_of_documents_keep_to_the_rate_and_nothing_else_waits(
    endpoint: Endpoint[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = list[int]()

    async def waited(self: Any, count: int) -> None:
        spent.append(count)

    monkeypatch.setattr(bandwidth_limit.RateLimit, "spent", waited)
    line = Line(b"a" * 70)
    paced = RateLimited(line, lambda: 1000.0)
    content: Any = (lambda: pieces(b"q" * 50)) if endpoint in DOCUMENTS_GO else b"q" * 50
    assert asyncio.run(ask(paced, Request(endpoint, content))) == b"a" * 70
    assert line.sent[0][1] == b"q" * 50
    assert spent == ([50] if endpoint in DOCUMENTS_GO else []) + ([70] if endpoint in DOCUMENTS_COME else [])


def session(answer: Any) -> Session:
    return Session(Transport("https://portal.example", "key", transport=httpx.MockTransport(answer)))


def test_a_repeat_keeps_its_turn_and_the_next_request_has_a_later_one() -> None:
    turns = list[str]()

    def answer(request: httpx.Request) -> httpx.Response:
        turns.append(request.headers["syncd-request"])
        return httpx.Response(503 if len(turns) == 1 else 200, content=pieces(b"[]"))

    async def work() -> None:
        line = session(answer)
        for _ in range(2):
            await line.attempts(lambda: line.whole(Request(endpoints.PARITY)))
        await line.close()

    with stamina.set_testing(True, attempts=3):
        asyncio.run(work())
    assert turns == ["1", "1", "2"]


def test_what_may_pass_is_one_error_whatever_the_library_calls_it() -> None:
    """And what never passed is the one that says so: nothing above the transport knows the library."""

    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset")

    async def work() -> None:
        line = session(broken)
        with pytest.raises(Again, match="reset"):
            await line.whole(Request(endpoints.PARITY))
        with pytest.raises(Unreachable, match="does not answer") as told:
            await line.attempts(lambda: line.whole(Request(endpoints.PARITY)))
        assert told.value.cause == "reset"
        await line.close()

    with stamina.set_testing(True, attempts=2):
        asyncio.run(work())
