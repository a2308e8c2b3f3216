"""A portal, or what stands in its place, that answers whatever it likes: not the portal, bounded in memory and in time."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import resource
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import httpx
import pytest
import stamina
from msgspec.structs import replace

from syncd.core.card_changes import CardChange
from syncd.core.content import Content
from syncd.core.desk_tasks import TaskReport
from syncd.core.errors import SyncdError, Unreachable
from syncd.core.protocol import Caller, Cursor, FolderItem, GetItem, MoveItem, PutItem, Receipt, RemoveItem, RunSummary
from syncd.disk.hashing import content_of
from syncd.ports.remote import NotGiven
from syncd.remote.client_cards import HttpClientCards
from syncd.remote.http import HttpRemote, _Held
from syncd.remote.session import Session
from syncd.remote.task_desk import HttpTaskDesk
from syncd.remote.transport import Patience, Transport
from syncd.wire import framing
from syncd.wire.messages import GetRequest, decode, encode

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


class Narrow:
    """A proxy that takes no body over `limit` bytes, and behind it a portal that stores what it is sent."""

    def __init__(self, limit: int) -> None:
        self.limit, self.largest, self.refused = limit, 0, 0
        self.stored: list[PutItem | FolderItem] = []
        self.parts: dict[str, bytearray] = {}
        self.items: dict[str, PutItem] = {}
        self.seq = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if len(request.content) > self.limit:
            self.refused += 1
            return httpx.Response(413, content=b"<html>413 Request Entity Too Large</html>")
        self.largest = max(self.largest, len(request.content))
        path = request.url.path.removeprefix("/api/v1")
        if path == "/put":
            reader: framing.Reader[Any] = framing.Reader(PutItem | FolderItem)  # type: ignore[arg-type]
            return self._written([item for item, _ in reader.feed(request.content)])
        if path == "/tus":
            import base64

            from syncd.wire.messages import decode

            raw = base64.b64decode(request.headers["upload-metadata"].split(" ")[1])
            upload = content_of(raw).hex[:32]
            self.items[upload] = decode(raw, PutItem)
            held = self.parts.setdefault(upload, bytearray())
            return httpx.Response(201, headers={"Location": f"/api/v1/tus/{upload}", "Upload-Offset": str(len(held))})
        upload = path.removeprefix("/tus/")
        held = self.parts[upload]
        if request.method == "PATCH":
            assert int(request.headers["upload-offset"]) == len(held)
            held += request.content
            item = self.items[upload]
            if len(held) == item.content.size:
                assert content_of(bytes(held)) == item.content
                return self._written([item])
        return httpx.Response(204 if request.method == "PATCH" else 200, headers={"Upload-Offset": str(len(held))})

    def _written(self, items: list[PutItem | FolderItem]) -> httpx.Response:
        self.stored += items
        before = {"epoch": ID, "seq": self.seq, "tag": ID}
        self.seq += 1
        results = [{"status": "ok", "detail": i.path} for i in items]
        return httpx.Response(
            200, content=encode({"results": results, "before": before, "after": {**before, "seq": self.seq}})
        )


def _documents(*sizes: int) -> list[tuple[PutItem | FolderItem, bytes]]:
    out: list[tuple[PutItem | FolderItem, bytes]] = [(FolderItem(ID, "Achats/x"), b"")]
    for n, size in enumerate(sizes):
        data = bytes([n]) * size
        out.append((PutItem(ID, f"Achats/x/{n}.pdf", content_of(data)), data))
    return out


def _put(proxy: Narrow, items: list[tuple[PutItem | FolderItem, bytes]]) -> Any:
    VERBS["these"] = lambda r: r.put(items)
    try:
        return ask("these", proxy, Patience())
    finally:
        del VERBS["these"]


def test_a_proxy_that_takes_a_megabyte_lets_everything_through_in_smaller_requests() -> None:
    proxy, items = Narrow(1_000_000), _documents(600_000, 600_000, 3_000_000, 10, 20)
    written = _put(proxy, items)
    assert [r.detail for r in written.results] == [i.path for i, _ in items]
    assert proxy.largest <= 1_000_000 and len(proxy.stored) == len(items)
    assert (written.before.seq, written.after.seq) == (0, proxy.seq)


def test_a_proxy_that_takes_hardly_anything_is_the_matter_of_what_does_not_pass() -> None:
    proxy, items = Narrow(30_000), _documents(100, 200_000, 200)
    written = _put(proxy, items)
    assert [(r.status, r.reason) for r in written.results] == [
        ("ok", ""),
        ("ok", ""),
        ("refused", "proxy_limit"),
        ("ok", ""),
    ]
    assert written.before.epoch == ""  # the cursor stays: the feed says what came meanwhile


def test_a_limit_in_between_that_was_raised_is_found_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that was not costs one refused request after pauses that double, none in between."""
    now = [1000.0]
    monkeypatch.setattr("syncd.remote.passage.time.monotonic", lambda: now[0])
    proxy = Narrow(1_000_000)

    async def days(remote: HttpRemote) -> list[tuple[int, int]]:
        """Refused requests, and the size of the largest that passed, of each round."""
        told = []
        for n, (later, limit) in enumerate([(0, 1), (60, 1), (600, 1), (600, 1), (600, 1), (2400, 9), (1, 9)]):
            now[0] += later
            proxy.limit, proxy.largest, proxy.refused = limit * 1_000_000, 0, 0
            item = PutItem(ID, f"Achats/{n}.pdf", content_of(b"x" * 3_000_000))
            await remote.put([(item, b"x" * 3_000_000)])
            told.append((proxy.refused, proxy.largest // 1_000_000))
        return told

    VERBS["days"] = days
    try:
        told = ask("days", proxy, Patience())
    finally:
        del VERBS["days"]
    assert told == [(2, 0), (0, 0), (2, 0), (0, 0), (2, 0), (0, 3), (0, 3)]


class Guarding(Narrow):
    """A firewall that answers in the portal's place, with a page of its own, whatever holds `word`; counts what it saw."""

    def __init__(self, word: bytes, answer: Callable[[], httpx.Response]) -> None:
        super().__init__(10**9)
        self.word, self.barring, self.barred = word, answer, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.word in request.content:
            self.barred += 1
            return self.barring()
        return super().__call__(request)


def page(status: int, kind: str = "text/html") -> Callable[[], httpx.Response]:
    head = {"Location": "https://gateway.example/blocked", "Content-Type": kind}
    return lambda: httpx.Response(status, content=b"<html>Blocked</html>", headers=head)


PAGES = {s: page(s, "text/plain") for s in (302, 400, 403, 406, 418, 451)} | {200: page(200)}


@pytest.mark.parametrize("status", PAGES)
@pytest.mark.parametrize("bad", [(0,), (3,), (1, 6), range(8)], ids=["first", "one", "two", "all"])
def test_what_a_firewall_bars_is_the_matter_of_that_document(status: int, bad: Sequence[int]) -> None:
    firewall, items = Guarding(b"EICAR", PAGES[status]), _documents(*[1000] * 8)
    for n in bad:
        item = items[n + 1][0]
        assert isinstance(item, PutItem)
        items[n + 1] = replace(item, content=content_of(b"EICAR %d" % n)), b"EICAR %d" % n
    written = _put(firewall, items)
    assert [(r.reason, r.detail) for n, r in enumerate(written.results) if n - 1 in bad] == [
        ("proxy_barred", str(status)) for _ in bad
    ]
    assert [r.status for n, r in enumerate(written.results) if n - 1 not in bad] == ["ok"] * (9 - len(bad))
    assert len(firewall.stored) == 9 - len(bad) and firewall.barred < 20


def test_a_large_document_and_a_move_are_barred_by_themselves() -> None:
    firewall = Guarding(b"EICAR", page(403))
    data = b"EICAR" + bytes(2000)
    item = PutItem(ID, "Achats/large.pdf", content_of(data))

    async def both(remote: HttpRemote) -> Any:
        moved = await remote.move([MoveItem(ID, "a", "b", ID), MoveItem(ID, "a", "EICAR", ID)])
        return [moved, await remote.put_large(item, _Held(data))]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/move") and b"EICAR" not in request.content:
            count = len(json.loads(request.content)["items"])
            cursor = {"epoch": ID, "seq": 0, "tag": ID}
            return httpx.Response(
                200, content=encode({"results": [{"status": "ok"}] * count, "before": cursor, "after": cursor})
            )
        return firewall(request)

    VERBS["both"] = both
    try:
        moved, large = ask("both", answer, Patience())
    finally:
        del VERBS["both"]
    assert [r.reason for r in moved.results] == ["", "proxy_barred"]
    assert [r.reason for r in large.results] == ["proxy_barred"]


def test_a_firewall_that_bars_everything_is_not_tried_without_end() -> None:
    firewall, items = Guarding(b"", page(403)), _documents(*[100] * 250)
    with pytest.raises(Unreachable, match="not the portal"):
        _put(firewall, items)
    assert firewall.barred <= 64


@pytest.mark.parametrize("verb", ["hello", "trees", "listings", "lookup", "summary"])
def test_what_carries_no_document_and_is_barred_is_not_the_portal(verb: str) -> None:
    with pytest.raises(Unreachable) as told:
        ask(verb, lambda request: page(403)())
    assert told.value.reason == "not_the_portal" and "403" in str(told.value)


def test_a_document_barred_on_its_way_here_is_named_and_the_others_come() -> None:
    items = [GetItem(ID, f"{n:032}", f"{n:032}", content_of(b"body %d" % n)) for n in range(9)]

    def answer(request: httpx.Request) -> httpx.Response:
        asked = decode(request.content, GetRequest).items
        if any(i.doc == items[4].doc for i in asked):
            return page(403)()
        return httpx.Response(200, content=b"".join(framing.write([(i, b"body %d" % int(i.doc)) for i in asked])))

    came: list[bytes] = []
    VERBS["these"] = lambda r: r.get(items, lambda item, data: came.append(data))
    try:
        with pytest.raises(NotGiven) as told:
            ask("these", answer, Patience())
    finally:
        del VERBS["these"]
    assert sorted(came) == [b"body %d" % n for n in range(9) if n != 4]
    assert told.value.why == {items[4].version_id: "proxy_barred 403"}


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


@every
def test_a_proxy_that_takes_nothing_is_named(verb: str) -> None:
    try:
        ask(verb, Narrow(-1))
    except SyncdError as e:
        assert e.reason == "proxy_limit" and "413" in str(e)
    else:
        assert verb == "put_large"
