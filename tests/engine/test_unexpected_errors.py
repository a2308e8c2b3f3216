"""What nobody expected: a sentence for people, and its traceback in the log; never the end of anybody else's pass."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.core.folder_rules import FolderRule
from syncd.core.outcomes import Outcome
from syncd.engine import Ports
from syncd.engine.apply.local import LocalWork
from syncd.engine.apply.work import ClientWork
from syncd.engine.context import Context
from syncd.engine.decide import review
from syncd.engine.run import Run
from syncd.engine.scheduler import Pass, Scheduler, Why
from syncd.engine.stages import ClientPlan, ClientScan
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab

CODES = ("001", "002")


@pytest.fixture
def log() -> Iterator[list[str]]:
    told: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(logging.Formatter().format(record))

    kept = Kept()
    logging.getLogger("syncd").addHandler(kept)
    yield told
    logging.getLogger("syncd").removeHandler(kept)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path / "lab", (FolderRule("Achats"),), CODES)
    lab.run()
    for code in CODES:
        lab.deposit("Achats/a.pdf", code.encode(), code)
    return lab


@pytest.mark.parametrize(
    "error", [KeyError("x"), UnicodeEncodeError("utf-8", "é", 0, 1, "no"), ZeroDivisionError(), Exception("?")]
)
def test_a_plan_that_trips_is_its_clients_and_its_traceback_is_in_the_log(
    lab: Lab, log: list[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    real = review.plan_client

    def trips(ctx: Context, seen: ClientScan, stamp: str) -> ClientPlan:
        if seen.code == "001":
            raise error
        return real(ctx, seen, stamp)

    monkeypatch.setattr(review, "plan_client", trips)
    summary = lab.run()
    assert (summary["exit_code"], summary["downloaded"], lab.here("002")) == (3, 1, {"Achats/a.pdf": b"002"})
    (told,) = [e for e in lab.events if e.reason]
    assert (told.client, told.reason) == ("001", "failed") and "Traceback" not in told.detail
    assert "Traceback" in log[0] and type(error).__name__ in log[0] and "plan of 001" in log[0]
    monkeypatch.undo()
    lab.check()


def test_local_work_that_trips_is_its_clients(lab: Lab, log: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lab.converge()
    for code in CODES:
        client = lab.clients[code]
        stored = lab.portal.spaces[client].live("Achats/a.pdf")
        assert stored is not None
        lab.portal.move_doc(client, stored.doc.id, "Achats/b.pdf")
    real = LocalWork._move

    def trips(self: LocalWork, work: ClientWork, action: Any) -> Outcome:
        if work.code == "001":
            raise TypeError("nobody thought of it")
        return real(self, work, action)

    monkeypatch.setattr(LocalWork, "_move", trips)
    summary = lab.run()
    assert (summary["exit_code"], summary["moved"]) == (3, 1) and lab.here("002") == {"Achats/b.pdf": b"002"}
    assert {(e.client, e.reason) for e in lab.events if e.reason} == {("001", "failed")} and "Traceback" in log[0]
    monkeypatch.undo()
    lab.check()


def test_a_run_that_trips_is_an_abandon_in_words(lab: Lab, log: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def trips(*_: object) -> None:
        raise RuntimeError("nobody thought of it")

    monkeypatch.setattr(lab.remote, "get", trips)
    parts = Ports(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock)
    summary = asyncio.run(Run(parts, lab.settings, lambda event: None)()).as_dict()
    assert (summary["verdict"], summary["exit_code"], summary["reason"]) == ("abandoned", 1, "unexpected")
    assert "Traceback" not in summary["message"] and "Traceback" in log[0]
    monkeypatch.undo()
    lab.check()


def test_a_service_goes_on_after_a_pass_that_trips(lab: Lab, log: list[str]) -> None:
    """Here in what is done after the pass: reports, mail, the answer to whoever asked for it."""
    parts = Ports(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock)
    said: list[str] = []

    def trips(*_: object) -> None:
        raise RuntimeError("nobody thought of it")

    events = SimpleNamespace(follow=lambda directories: None, how="events")
    watch = Scheduler(
        parts, lab.settings, events, SimpleNamespace(next=lambda now: None), 900.0, trips,
        lambda event, **fields: said.append(f"{event} {fields}"),
    )  # fmt: skip

    async def one() -> None:
        await watch._pass_alone(Pass(Why.FULL))

    asyncio.run(one())
    assert "pass_failed" in said[0] and "Traceback" not in said[0] and "Traceback" in log[0]
    assert lab.here() == {"Achats/a.pdf": b"001"} and watch.run is None
