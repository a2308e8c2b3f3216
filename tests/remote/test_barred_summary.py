"""A firewall that bars a name bars whatever tells of it: the run's summary arrives without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import stamina

from syncd.core.protocol import LeftNote, OpenReport, Receipt, RunSummary, WaitingLines, WaitingPlan
from syncd.remote.http import HttpRemote
from syncd.remote.session import Session
from syncd.remote.transport import Transport
from syncd.wire.messages import decode

CLIENT, DOC = "c" * 32, "d" * 32


def test_a_barred_name_costs_the_name_and_nothing_else() -> None:
    taken: list[RunSummary] = []

    async def given(data: bytes) -> AsyncIterator[bytes]:
        yield data

    def firewall(request: httpx.Request) -> httpx.Response:
        if b"EICAR" in request.content:
            return httpx.Response(403, content=given(b"<html>blocked</html>"), headers={"content-type": "text/html"})
        taken.append(decode(request.content, RunSummary))
        return httpx.Response(200, content=given(b"{}"), headers={"content-type": "application/json"})

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
