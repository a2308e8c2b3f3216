"""An upload that is cut every time is that document's matter, as long as the portal answers anything else: all others go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest
import stamina
from msgspec.structs import replace

from syncd.core.errors import Unreachable
from syncd.core.protocol import FolderItem, MoveItem, PutItem
from syncd.disk.hashing import content_of
from syncd.remote.bisection import CUTS, ENOUGH
from syncd.remote.http import HttpRemote, _Held
from syncd.remote.transport import Patience
from tests.remote.test_barred_documents import Narrow, _documents, _put
from tests.remote.test_hostile_answers import ID, VERBS, ask

WORD = b"EICAR"
Item = tuple[PutItem | FolderItem, bytes]


class Cutting(Narrow):
    """Resets the connection of whatever `cuts` says; the portal behind it answers everything else."""

    def __init__(self, cuts: Callable[[httpx.Request], bool], *, there: bool = True) -> None:
        super().__init__(10**9)
        self.cuts, self.there, self.cut = cuts, there, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.cuts(request):
            self.cut += 1
            raise httpx.ReadError("[Errno 104] Connection reset by peer")
        if request.url.path.endswith("/lookup"):
            if not self.there:
                raise httpx.ConnectError("All connection attempts failed")
            return httpx.Response(200, content=b"[]")
        return super().__call__(request)


@pytest.fixture(autouse=True)
def no_repeats() -> Any:
    with stamina.set_testing(True, attempts=1):
        yield


def holds(word: bytes) -> Callable[[httpx.Request], bool]:
    return lambda request: word in request.content


def documents(count: int, bad: Sequence[int]) -> list[Item]:
    items = _documents(*[1000] * count)
    for n in bad:
        item = items[n + 1][0]
        assert isinstance(item, PutItem)
        data = WORD + b" %d" % n
        items[n + 1] = replace(item, content=content_of(data)), data
    return items


def put_large(line: Narrow, data: bytes) -> Any:
    item = PutItem(ID, "Achats/large.pdf", content_of(data))
    VERBS["this"] = lambda r: r.put_large(item, _Held(data))
    try:
        return ask("this", line, Patience())
    finally:
        del VERBS["this"]


@pytest.mark.parametrize("bad", [(0,), (3,), (1, 6), (0, 1, 2, 3, 4, 5, 6, 7)], ids=["first", "one", "two", "all"])
def test_what_is_cut_every_time_is_refused_by_itself_and_the_others_go(bad: Sequence[int]) -> None:
    line, items = Cutting(holds(WORD)), documents(8, bad)
    written = _put(line, items)
    assert [(r.status, r.reason) for r in written.results] == [
        ("refused", "line_cut") if n - 1 in bad else ("ok", "") for n in range(9)
    ]
    assert len(line.stored) == 9 - len(bad)


def test_one_alone_that_is_cut_is_refused() -> None:
    line, (_, one) = Cutting(holds(WORD)), documents(1, [0])
    (result,) = _put(line, [one]).results
    assert (result.status, result.reason) == ("refused", "line_cut")


def test_a_portal_that_is_away_is_no_documents_matter() -> None:
    line = Cutting(holds(WORD), there=False)
    with pytest.raises(Unreachable) as told:
        _put(line, documents(8, [3]))
    assert told.value.reason == "portal_away" and "Connection reset" in told.value.cause and line.cut == 1
    with pytest.raises(Unreachable):
        put_large(Cutting(holds(WORD), there=False), WORD)


def test_where_nothing_goes_through_the_run_ends_and_soon() -> None:
    line = Cutting(lambda request: request.method != "GET" and not request.url.path.endswith("/lookup"))
    with pytest.raises(Unreachable):
        _put(line, documents(250, []))
    assert line.cut == CUTS


def test_so_many_are_cut_that_the_rest_waits_for_the_next_run() -> None:
    line, items = Cutting(holds(WORD)), documents(250, range(100))
    results = _put(line, items).results
    assert {r.reason for r in results} == {"", "line_cut"} and len(results) == 251
    assert line.cut < 2 * ENOUGH + 20


def test_a_document_that_crosses_in_pieces_alone_does() -> None:
    """Over a line that carries so much of a body and no more, a batch never arrives, nor does a document in one piece."""
    line = Cutting(lambda request: len(request.content) > 1200 and request.method == "POST")
    written = _put(line, _documents(1500, 500, 500))
    assert [r.status for r in written.results] == ["ok"] * 4 and len(line.stored) == 4


def test_what_crosses_in_smaller_requests_alone_is_sent_so_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch anew would be cut, several times, before it is halved."""
    now = [1000.0]
    monkeypatch.setattr("syncd.remote.passage.time.monotonic", lambda: now[0])
    line = Cutting(lambda request: len(request.content) > 5000)
    cuts = list[int]()

    async def batches(remote: HttpRemote) -> None:
        for later in (0, 1, 1, 700):
            now[0] += later
            line.cut = 0
            assert all(r.ok for r in (await remote.put(_documents(*[1000] * 12))).results)
            cuts.append(line.cut)

    VERBS["these"] = batches
    try:
        ask("these", line, Patience())
    finally:
        del VERBS["these"]
    assert cuts[0] > 1 and cuts[1] < cuts[0] and cuts[2] == 0 and cuts[3] > 0


def test_a_large_one_that_never_advances_is_refused_and_one_that_does_goes_on_next_time() -> None:
    stuck = Cutting(lambda request: request.method == "PATCH")
    (result,) = put_large(stuck, b"x" * 2000).results
    assert (result.status, result.reason) == ("refused", "line_cut")

    class Slow(Cutting):
        """Each time a little of it arrives."""

        def __call__(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PATCH":
                self.parts[request.url.path.rpartition("/")[2]] += request.content[:100]
            return super().__call__(request)

    advancing = Slow(lambda request: request.method == "PATCH")
    with pytest.raises(Unreachable):
        put_large(advancing, b"x" * 2000)
    advancing.cuts = lambda request: False
    (upload,) = advancing.parts
    assert bytes(advancing.parts[upload]) == b"x" * 100


def test_one_that_advances_is_not_refused_because_the_portal_tells_it_late() -> None:
    """It may still write what came before the cut when it is asked how much there is."""
    told = iter((700, 700, 1400, 1400))

    class Late(Cutting):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            if request.method == "HEAD":
                return httpx.Response(200, headers={"upload-offset": str(next(told))})
            return super().__call__(request)

    with stamina.set_testing(True, attempts=4), pytest.raises(Unreachable):
        put_large(Late(lambda request: request.method == "PATCH"), b"x" * 2000)
    assert next(told, None) is None


def test_a_move_that_is_cut_is_refused_by_itself() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if WORD in request.content:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return behind(request)

    behind = Cutting(lambda request: False)

    async def both(remote: HttpRemote) -> Any:
        return await remote.move([MoveItem(ID, "a", "b", ID), MoveItem(ID, "a", "EICAR", ID)])

    def moved(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/move") and WORD not in request.content:
            return behind._written([FolderItem(ID, "b")])
        return answer(request)

    VERBS["both"] = both
    try:
        results = ask("both", moved, Patience()).results
    finally:
        del VERBS["both"]
    assert [(r.status, r.reason) for r in results] == [("ok", ""), ("refused", "line_cut")]
