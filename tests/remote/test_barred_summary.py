"""A firewall that bars a name bars whatever tells of it: the run's summary arrives without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import stamina

from syncd.core.errors import Unreachable
from syncd.core.protocol import LeftNote, OpenReport, Receipt, RunSummary, WaitingLines, WaitingPlan
from syncd.remote.http import HttpRemote
from syncd.remote.session import Session
from syncd.remote.transport import Transport
from syncd.wire.messages import decode

CLIENT, DOC = "c" * 32, "d" * 32


def _page(request: httpx.Request) -> httpx.Response:
    return httpx.Response(403, content=_given(b"<html>blocked</html>"), headers={"content-type": "text/html"})


def _reset(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("Connection reset by peer", request=request)


async def _given(data: bytes) -> AsyncIterator[bytes]:
    yield data


@pytest.mark.parametrize("bars", [_page, _reset])
def test_a_barred_name_costs_the_name_and_nothing_else(bars: Callable[[httpx.Request], httpx.Response]) -> None:
    taken: list[RunSummary] = []

    def firewall(request: httpx.Request) -> httpx.Response:
        if b"EICAR" in request.content:
            return bars(request)
        if request.url.path.endswith("lookup"):
            return httpx.Response(200, content=_given(b"[]"), headers={"content-type": "application/json"})
        taken.append(decode(request.content, RunSummary))
        return httpx.Response(200, content=_given(b"{}"), headers={"content-type": "application/json"})

    line: dict[str, object] = {"action": "upload", "path": "Achats/EICAR.pdf"}
    said = RunSummary(
        7, 1.0, 2.0, "error", {"refused": 2}, 3, "ab" * 32, 4,
        waiting=(WaitingPlan(CLIENT, "first_publication", "12", (line,)),),
        receipts=(Receipt(CLIENT, DOC, 1, 2.0),), left=(LeftNote(CLIENT, DOC, True),),
        reports=tuple(OpenReport(CLIENT, f"Achats/EICAR{n}.pdf", "proxy_barred", 1.0, f"EICAR{n}") for n in range(2)),
        lines=(WaitingLines(CLIENT, "12", 1, (line,)),),
    )  # fmt: skip

    async def work() -> None:
        remote = HttpRemote(Session(Transport("http://127.0.0.1:1", "key", transport=httpx.MockTransport(firewall))))
        try:
            await remote.summary(said)
        finally:
            await remote.close()

    with stamina.set_testing(True, attempts=1):
        asyncio.run(work())
    (told,) = taken
    assert (told.receipts, told.left, told.verdict, told.counts) == (said.receipts, said.left, "error", {"refused": 2})
    assert told.reports == (OpenReport(CLIENT, "", "proxy_barred", 1.0),) and not told.lines
    assert [(w.digest, w.actions) for w in told.waiting] == [("12", ())]


def test_a_portal_that_is_away_is_not_told_without_names() -> None:
    asked: list[str] = []

    def away(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        raise httpx.ConnectError("All connection attempts failed", request=request)

    said = RunSummary(
        7, 1.0, 2.0, "error", {}, 3, "ab" * 32, 4, reports=(OpenReport(CLIENT, "Achats/a.pdf", "unreadable", 1.0),)
    )

    async def work() -> None:
        remote = HttpRemote(Session(Transport("http://127.0.0.1:1", "key", transport=httpx.MockTransport(away))))
        try:
            with pytest.raises(Unreachable):
                await remote.summary(said)
        finally:
            await remote.close()

    with stamina.set_testing(True, attempts=1):
        asyncio.run(work())
    assert len([path for path in asked if path.endswith("summary")]) == 1
