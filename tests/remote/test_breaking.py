"""What comes over a line that breaks: each is taken once, and only what has not come is asked for again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import pytest
import stamina

from syncd.core import tree_digests
from syncd.core.errors import Unreachable
from syncd.core.protocol import GetItem, Listing, Unsound
from syncd.disk.hashing import content_of
from syncd.ports.remote import NotGiven
from syncd.remote.http import HttpRemote
from syncd.remote.retry import ATTEMPTS
from syncd.remote.session import Session
from syncd.remote.transport import Transport
from syncd.wire import framing
from syncd.wire.messages import ClientsRequest, GetRequest, decode, encode

BODIES = {f"{n:032}": data for n, data in enumerate((b"one", b"two", b"three"), 1)}
ONE, TWO, THREE = BODIES
ITEMS = [GetItem("c" * 32, n, n, content_of(body)) for n, body in BODIES.items()]


def _streamed(data: bytes) -> httpx.Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield data

    return httpx.Response(200, content=pieces())


class Cut:
    """Answers as a portal would, and cuts each answer off behind so many documents, the second of them damaged."""

    def __init__(self, *behind: int) -> None:
        self.behind, self.asked = list(behind), list[list[str]]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/lookup"):
            return _streamed(b"")
        items = decode(request.content, GetRequest).items
        self.asked.append([i.version_id for i in items])
        if not self.behind:
            frames = [(i, BODIES[i.version_id]) for i in items]
            return _streamed(b"".join(framing.write(frames)))
        writer, out = framing.Writer(), b""
        for n, item in enumerate(items[: self.behind.pop(0)]):
            out += b"".join(writer.frame(item, b"wrong" if n == 1 else BODIES[item.version_id]))
        return _streamed(out)


@pytest.fixture(autouse=True)
def without_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


def _ask(line: Callable[[httpx.Request], httpx.Response], verb: Callable[[HttpRemote], Awaitable[None]]) -> None:
    async def work() -> None:
        remote = HttpRemote(Session(Transport("http://127.0.0.1:1", "key", transport=httpx.MockTransport(line))))
        try:
            await verb(remote)
        finally:
            await remote.close()

    asyncio.run(work())


def _get(line: Cut, taken: list[tuple[str, bytes]]) -> None:
    _ask(line, lambda remote: remote.get(ITEMS, lambda item, data: taken.append((item.version_id, data))))


def test_a_repeat_asks_for_what_has_not_come() -> None:
    line, taken = Cut(2, 1), list[tuple[str, bytes]]()
    _get(line, taken)
    assert line.asked == [[ONE, TWO, THREE], [TWO, THREE], [THREE]]
    assert taken == [(ONE, b"one"), (TWO, b"two"), (THREE, b"three")]


def test_when_only_the_trailer_was_lost_nothing_is_asked_again() -> None:
    line, taken = Cut(1, 1, 1), list[tuple[str, bytes]]()
    _get(line, taken)
    assert line.asked == [[ONE, TWO, THREE], [TWO, THREE], [THREE]] and len(taken) == 3


def test_a_line_that_stays_broken_gives_what_came() -> None:
    line, taken = Cut(1, 0, 0, 0), list[tuple[str, bytes]]()
    with pytest.raises(Unreachable):
        _get(line, taken)
    assert taken == [(ONE, b"one")]


def test_a_document_at_which_every_answer_breaks_is_named_and_the_others_come() -> None:
    """The portal is there all the same: one document is why, and it alone does not come."""

    def line(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/lookup"):
            return _streamed(b"[]")
        writer, out = framing.Writer(), b""
        for item in decode(request.content, GetRequest).items:
            if item.version_id == TWO:
                return _streamed(out)
            out += b"".join(writer.frame(item, BODIES[item.version_id]))
        return _streamed(out + writer.trailer())

    taken = list[bytes]()
    with pytest.raises(NotGiven) as told:
        _ask(line, lambda remote: remote.get(ITEMS, lambda item, data: taken.append(data)))
    assert taken == [b"one", b"three"] and told.value.why == {TWO: "not_given"}


CLIENTS = [c * 32 for c in "abc"]
A = CLIENTS[0]


def _listing(client: str) -> bytes:
    return encode(Listing(client, 1, "e" * 32, *tree_digests.listing((), ()), (), ()))


class Listed:
    """Answers requests for listings with these bytes, one after the other."""

    def __init__(self, *answers: bytes) -> None:
        self.answers, self.asked = list(answers), list[list[str]]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(decode(request.content, ClientsRequest).clients)
        return _streamed(self.answers.pop(0))


def test_listings_that_came_are_not_asked_for_again() -> None:
    a, b, c = (_listing(client) for client in CLIENTS)
    line, taken = Listed(a + b"\n" + b[:20], b + b"\n", c + b"\n\n"), list[Listing | Unsound]()
    _ask(line, lambda remote: remote.listings(CLIENTS, taken.append))
    assert line.asked == [CLIENTS, CLIENTS[1:], CLIENTS[2:]] and [x.client for x in taken] == CLIENTS


def test_a_client_the_portal_does_not_know_is_in_no_list() -> None:
    line, taken = Listed(_listing(A) + b"\n\n"), list[Listing | Unsound]()
    _ask(line, lambda remote: remote.listings([A, "b" * 32], taken.append))
    assert len(line.asked) == 1 and [x.client for x in taken] == [A]


@pytest.mark.parametrize(
    "answer", [b"<html>\n\n", _listing("0" * 32) + b"\n\n", b"\n\n\n", _listing(A) + b"\n" + _listing(A) + b"\n\n"]
)
def test_what_no_portal_would_list_is_not_believed(answer: bytes) -> None:
    with pytest.raises(Unreachable, match="is not the portal"):
        _ask(Listed(answer), lambda remote: remote.listings([A], lambda listing: None))
