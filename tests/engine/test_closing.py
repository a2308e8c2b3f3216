"""While the portal takes the summary, what is told already is written; neither waits for the other, or hides its fault."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncd.core.errors import Unreachable
from syncd.core.folder_rules import FolderRule
from syncd.engine.context import Ports
from syncd.engine.run import Run
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab

MOST = 5.0  # seconds


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    made = Lab(tmp_path, (FolderRule("Achats"),), ("001",))
    made.converge()
    made.write("Achats/facture.pdf", b"an invoice")
    return made


def _run(lab: Lab, meanwhile: Callable[[int, float], None]) -> dict[str, Any]:
    parts = Ports(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock)
    return asyncio.run(Run(parts, lab.settings, lab.events.append, meanwhile=meanwhile)()).as_dict()


def test_all_that_a_run_told_can_be_written_before_the_portal_has_taken_it(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary, asked, written = lab.remote.summary, threading.Event(), asyncio.Event()
    told: list[list[str]] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def slow(*args: Any) -> Any:
        asked.set()
        await asyncio.wait_for(written.wait(), MOST)
        return await summary(*args)

    def meanwhile(run: int, started: float) -> None:
        row = lab.state.journal.find_run(run)
        assert asked.wait(MOST) and row is not None and started == row.started
        told.append([event.path for event in lab.state.journal.run_events(run) if event.action == "upload"])
        loops[0].call_soon_threadsafe(written.set)

    monkeypatch.setattr(lab.remote, "summary", slow)
    parts = Ports(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock)

    async def work() -> dict[str, Any]:
        loops.append(asyncio.get_running_loop())
        return (await Run(parts, lab.settings, lab.events.append, meanwhile=meanwhile)()).as_dict()

    assert asyncio.run(work())["verdict"] == "done"
    assert told == [["Achats/facture.pdf"]]


def test_a_portal_that_does_not_take_it_is_still_said_and_the_run_has_ended(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*args: Any) -> Any:
        raise Unreachable("nobody there")

    monkeypatch.setattr(lab.remote, "summary", away)
    called: list[int] = []
    summary = _run(lab, lambda run, started: called.append(run))
    assert called == [summary["run"]] and summary["message"] == "nobody there" and summary["exit_code"] != 0
    row = lab.state.journal.find_run(summary["run"])
    assert row is not None and row.ended
