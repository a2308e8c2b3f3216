"""A portal, or what stands in its place, that answers whatever it likes: not the portal, bounded in memory and in time."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import resource
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
import stamina

from syncd.core.client_cards import CardChange
from syncd.core.content import Content
from syncd.core.desk_tasks import TaskReport
from syncd.core.errors import Unreachable
from syncd.core.package_orders import PackageOrder, PackageReport
from syncd.core.protocol import Caller, Cursor, FolderItem, GetItem, MoveItem, PutItem, Receipt, RemoveItem, RunSummary
from syncd.disk.hashing import content_of
from syncd.remote.client_cards import HttpClientCards
from syncd.remote.http import HttpRemote
from syncd.remote.package_orders import HttpPackageOrders
from syncd.remote.session import Session
from syncd.remote.task_desk import HttpTaskDesk
from syncd.remote.transport import Patience, Transport
from syncd.wire.messages import encode

ID = "0123456789abcdef" * 2
DATA = b"twelve bytes" * 100
ITEM = PutItem(ID, "Achats/a.pdf", content_of(DATA))
GET = GetItem(ID, ID, ID, content_of(DATA))
CALLER = Caller(ID, "here", ID)
SUMMARY = RunSummary(1, 1.0, 2.0, "done", {}, 0, "", 1, receipts=(Receipt(ID, ID, 1, 1.0),))
QUICK = Patience(begin=0.4, grace=0.3, rate=1_000_000.0, end=0.6)


class Bytes:
    size = len(DATA)

    async def chunks(self, offset: int) -> AsyncIterator[bytes]:
        yield DATA[offset:]


class Nowhere:
    """Where a large download would go."""

    def __init__(self) -> None:
        self.held = 0

    async def offset(self) -> int:
        return self.held

    async def write(self, offset: int, *pieces: bytes) -> None:
        self.held = offset + sum(map(len, pieces))

    def dated(self, modified: float | None) -> None:
        pass

    async def content(self) -> Content:
        raise AssertionError


ORDER = PackageOrder(ID, 1, "make", ID)
VERBS: dict[str, Callable[[HttpRemote], Awaitable[Any]]] = {
    "hello": lambda r: r.hello(CALLER, None),
    "poll": lambda r: r.poll(CALLER, Cursor(ID, 1, ID), 0.0),
    "trees": lambda r: r.trees([ID]),
    "listings": lambda r: r.listings([ID], lambda listing: pytest.fail("taken")),
    "lookup": lambda r: r.lookup(ID, [ID]),
    "parity": lambda r: r.parity([ID]),
    "heads": lambda r: r.heads(),
    "tree_at": lambda r: r.tree_at(ID, 1.0),
    "versions": lambda r: r.versions(ID),
    "inventory": lambda r: r.inventory(ID),
    "rehash": lambda r: r.rehash(ID),
    "put": lambda r: r.put([(FolderItem(ID, "Achats/x"), b""), (ITEM, DATA)]),
    "heal": lambda r: r.heal([(GET, DATA)]),
    "move": lambda r: r.move([MoveItem(ID, "a", "b", ID)]),
    "remove": lambda r: r.remove([RemoveItem(ID, ID, 1)]),
    "summary": lambda r: r.summary(SUMMARY),
    "cards": lambda r: HttpClientCards(r._session).cards(),
    "change_cards": lambda r: HttpClientCards(r._session).change([CardChange("007868")]),
    "tasks": lambda r: HttpTaskDesk(r._session).exchange(TaskReport("me")),
    "packages": lambda r: HttpPackageOrders(r._session).exchange(PackageReport("me")),
    "package_bring": lambda r: HttpPackageOrders(r._session).bring(ORDER, Bytes()),
    "put_large": lambda r: r.put_large(ITEM, Bytes()),
    "get": lambda r: r.get([GET], lambda item, data: pytest.fail("taken")),
}
BOMB = gzip.compress(bytes(50_000_000), 1)
every = pytest.mark.parametrize("verb", VERBS)


@pytest.fixture(autouse=True)
def no_repeats() -> Any:
    with stamina.set_testing(True, attempts=1):
        yield


def ask(verb: str, answer: Callable[[httpx.Request], httpx.Response] | str, patience: Patience = QUICK) -> Any:
    """`answer`: what each request is answered with, or the address of who answers."""

    async def work() -> Any:
        mock = None if isinstance(answer, str) else httpx.MockTransport(lambda request: _streamed(answer(request)))
        url = answer if isinstance(answer, str) else "https://portal.example"
        remote = HttpRemote(Session(Transport(url, "the key", transport=mock, patience=patience)))
        try:
            return await VERBS[verb](remote)
        finally:
            await remote.close()

    return asyncio.run(work())


@every
@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Connectez-vous</html>", b"null", b"[[[", b"[" * 100_000, b'["results"]', b"\xff\xfe\x00", b"[1e999]",
     b'{"cabinet": "' + b"0" * 32],
    ids=range(9),
)  # fmt: skip
def test_what_is_no_answer_is_not_the_portal(verb: str, body: bytes) -> None:
    with pytest.raises(Unreachable) as told:
        ask(verb, lambda request: httpx.Response(200, content=body, headers={"Upload-Offset": "0"}))
    assert told.value.reason in ("not_the_portal", "portal_away") and told.value.exit_code == 6
    assert str(told.value).isprintable()


@every
def test_an_answer_that_is_packed_is_not_unpacked(verb: str) -> None:
    """1.4 MB that unpack to 1.4 GB: hardly more memory than the one."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Unreachable):
        ask(verb, lambda request: httpx.Response(201 if request.url.path.endswith("tus") else 200, content=_later(BOMB),
            headers={"Content-Encoding": "gzip", "Location": f"/api/v1/tus/{ID}", "Upload-Offset": "0"}))  # fmt: skip
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


def _streamed(response: httpx.Response) -> httpx.Response:
    """As a socket would give it."""
    with contextlib.suppress(httpx.ResponseNotRead):
        response.headers.pop("content-length", None)
        return httpx.Response(response.status_code, headers=response.headers, content=_later(response.content))
    return response


async def _later(data: bytes) -> AsyncIterator[bytes]:
    yield data


@every
def test_an_endless_answer_is_ended(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for bound in ("session.MAX_ANSWER", "http.MAX_ANSWER", "client_cards.MAX_ANSWER", "session.SHORT"):
        monkeypatch.setattr(f"syncd.remote.{bound}", 3_000_000)
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while given < 200_000_000:
            given += 250_000
            yield b" " * 250_000

    with pytest.raises(Unreachable):
        ask(verb, lambda request: httpx.Response(200, content=endless()))
    assert given < 70_000_000  # a batch of documents: up to the largest of them


class Dripping:
    """Answers every request with these bytes, one after the other, a byte at a time; real sockets, a real clock."""

    def __init__(self, begin: bytes, drip: bytes, pause: float) -> None:
        self.begin, self.drip, self.pause = begin, drip, pause
        self.loop = asyncio.new_event_loop()
        started = threading.Event()

        def work() -> None:
            asyncio.set_event_loop(self.loop)
            self.server = self.loop.run_until_complete(asyncio.start_server(self._answer, "127.0.0.1", 0))
            started.set()
            self.loop.run_forever()
            self.server.close()
            answering = asyncio.all_tasks(self.loop)
            for task in answering:
                task.cancel()
            self.loop.run_until_complete(asyncio.gather(*answering, return_exceptions=True))
            self.loop.run_until_complete(asyncio.sleep(0))  # what was closed is let go of
            self.loop.close()

        self.thread = threading.Thread(target=work, daemon=True)
        self.thread.start()
        started.wait()
        self.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(self.begin)
            while not writer.is_closing():
                writer.write(self.drip)
                await writer.drain()
                await asyncio.sleep(self.pause)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


@pytest.mark.parametrize(
    "begin",
    [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"HTTP/1.1 500 No\r\nContent-Length: 100000000\r\n\r\n"],
    ids=["nothing", "in the headers", "in the body", "in chunks", "in an error"],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["hello", "listings", "put", "get", "put_large", "rehash"])
def test_a_byte_now_and_then_is_ended(verb: str, begin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a byte comes, and wherever."""
    monkeypatch.setattr("syncd.remote.http.GIVE_UP", 0.4)
    monkeypatch.setattr("syncd.remote.http.REREAD", 0.4)
    drip = b"1\r\n \r\n" if b"chunked" in begin else b"a" if b"X-Long" in begin else b" " if begin else b""
    portal = Dripping(begin, drip, 0.05)
    began = time.monotonic()
    try:
        with pytest.raises(Unreachable):
            ask(verb, portal.url)
    finally:
        portal.close()
    assert time.monotonic() - began < 2.5


def test_a_slow_line_that_goes_on_is_waited_for() -> None:
    """Ten times longer than the grace, at more than the least rate."""
    listing = encode({"client": ID, "seq": 1, "epoch": ID, "count": 0, "digest": "", "docs": [], "folders": []})
    body = listing[:-1] + b" " * 3000 + b"}\n\n"

    async def slowly() -> AsyncIterator[bytes]:
        for n in range(0, len(body), 300):
            await asyncio.sleep(0.03)
            yield body[n : n + 300]

    taken: list[Any] = []
    VERBS["slow"] = lambda r: r.listings([ID], taken.append)
    try:
        ask("slow", lambda request: httpx.Response(200, content=slowly()), Patience(grace=0.1, rate=3000.0))
    finally:
        del VERBS["slow"]
    assert len(taken) == 1


def test_a_large_download_goes_on_while_it_advances_and_ends_when_it_does_not() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield DATA[:600]
        await asyncio.sleep(5)

    sink = Nowhere()
    VERBS["large"] = lambda r: r.get_large(GET, sink)
    began = time.monotonic()
    try:
        with pytest.raises(Unreachable):
            ask("large", lambda request: httpx.Response(206, content=body()))
    finally:
        del VERBS["large"]
    assert sink.held == 600 and time.monotonic() - began < 2  # what came is kept


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:19999/api/v1/tus/" + ID, "https://portal.example:444/api/v1/tus/" + ID, "//evil/api/v1/tus/" + ID,
     "http://portal.example/api/v1/tus/" + ID, "/api/v1/tus/../../x", "/api/v1/tus/" + ID + "/..", "/elsewhere/" + ID, "",
     "https://portal.example@evil/api/v1/tus/" + ID, "/api/v1/tus/" + ID.upper()],
)  # fmt: skip
def test_an_upload_goes_nowhere_but_to_the_portal(location: str) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(201, headers={"Location": location, "Upload-Offset": "0"})

    with pytest.raises(Unreachable, match="not the portal"):
        ask("put_large", answer)
    assert asked == ["https://portal.example/api/v1/tus"]


@pytest.mark.parametrize("location", [f"/api/v1/tus/{ID}", f"HTTPS://Portal.example:443/api/v1/tus/{ID}"])
@pytest.mark.parametrize("offset", ["-1", "1201", "²", "", "9" * 5000, "0x1"])
def test_an_uploads_place_is_a_place_in_it(location: str, offset: str) -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.method == "POST":
            return httpx.Response(201, headers={"Location": location, "Upload-Offset": "0"})
        return httpx.Response(204, headers={"Upload-Offset": offset.encode()})  # type: ignore[arg-type]

    with pytest.raises(Unreachable, match="not the portal"):
        ask("put_large", answer)
    assert asked == ["/api/v1/tus", f"/api/v1/tus/{ID}"]


def test_a_look_up_answers_what_was_asked() -> None:
    other = {
        "id": "f" * 32,
        "path": "a",
        "content": {"size": 1, "sha256": encode(bytes(32)).decode().strip('"')},
        "version": 1,
    }
    with pytest.raises(Unreachable, match="not the portal"):
        ask("lookup", lambda request: httpx.Response(200, content=json.dumps([other]).encode()))


def _large(answer: Callable[[httpx.Request], httpx.Response], held: int = 0) -> tuple[Any, Nowhere]:
    sink = Nowhere()
    sink.held = held
    VERBS["large"] = lambda r: r.get_large(GET, sink)
    try:
        return ask("large", answer), sink
    finally:
        del VERBS["large"]


def _of_one_version(content: httpx.Response, there: bool = True) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/lookup"):
            return httpx.Response(200, content=b"[]") if there else httpx.Response(502, content=b"")
        if content.status_code == 206:  # from where it is asked
            start = int(request.headers["range"].removeprefix("bytes=").rstrip("-"))
            return httpx.Response(206 if start < len(content.content) else 416, content=content.content[start:])
        return httpx.Response(content.status_code, headers=content.headers, content=content.content)

    return answer


SAID = encode({"code": "storage", "message": "The portal's storage is missing this version."})
OF_ONE = {
    "gone": httpx.Response(404, content=encode({"code": "rotten", "message": "gone"})),
    "what an older portal says": httpx.Response(503, content=SAID),
    "less than it said": httpx.Response(206, content=DATA[:300]),
    "nothing beyond that": httpx.Response(416, content=b"Range Not Satisfiable"),
    "more than it said": httpx.Response(200, content=DATA + b"more"),
}


@pytest.mark.parametrize("what", OF_ONE)
def test_a_version_the_portal_cannot_give_is_that_documents_matter(what: str) -> None:
    held = 300 if what == "less than it said" else 0  # as long as more comes, it is the line that breaks
    given, _ = _large(_of_one_version(OF_ONE[what]), held)
    assert given is False


def test_a_portal_that_is_away_is_no_documents_matter() -> None:
    with pytest.raises(Unreachable):
        _large(_of_one_version(OF_ONE["what an older portal says"], there=False))


@pytest.mark.parametrize("share", [0, 1, 599])
def test_an_upload_of_which_little_is_taken_each_time_is_ended(share: int) -> None:
    """One byte to an answer went on for as many answers as the document has bytes."""
    asked, at = [], 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal at
        asked.append(request.method)
        if request.method == "POST":
            return httpx.Response(201, headers={"Location": f"/api/v1/tus/{ID}", "Upload-Offset": "0"})
        at += share
        return httpx.Response(204, headers={"Upload-Offset": str(at)})

    with pytest.raises(Unreachable, match="not the portal"):
        ask("put_large", answer)
    assert asked == ["POST", "PATCH"]
