"""Proxies that take little and firewalls that bar a document: what does not pass is named, the others go."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest
import stamina
from msgspec.structs import replace

from syncd.core.errors import SyncdError, Unreachable
from syncd.core.protocol import FolderItem, GetItem, MoveItem, PutItem
from syncd.disk.hashing import content_of
from syncd.ports.remote import NotGiven
from syncd.remote.http import HttpRemote, _Held
from syncd.remote.transport import Patience
from syncd.wire import framing
from syncd.wire.messages import GetRequest, decode, encode
from tests.remote.test_hostile_answers import ID, VERBS, ask, every


@pytest.fixture(autouse=True)
def no_repeats() -> Any:
    with stamina.set_testing(True, attempts=1):
        yield


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


@every
def test_a_proxy_that_takes_nothing_is_named(verb: str) -> None:
    try:
        ask(verb, Narrow(-1))
    except SyncdError as e:
        assert e.reason == "proxy_limit" and "413" in str(e)
    else:
        assert verb == "put_large"
