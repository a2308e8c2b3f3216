"""A pass that ends before the portal is asked for anything is told to it too: somebody may read its pages alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from syncd.core.errors import Unreachable
from syncd.core.folder_rules import FolderRule
from syncd.core.protocol import RunSummary
from syncd.core.run_result import RunResult
from syncd.engine.context import Ports
from syncd.engine.run import run_once
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    made = Lab(tmp_path, (FolderRule("Achats"),))
    made.run()
    made.write("Achats/a.pdf", b"a document")
    made.run()
    return made


def run(lab: Lab) -> RunResult:
    parts = Ports(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock)
    return asyncio.run(run_once(parts, lab.settings, lab.events.append))


def heard(lab: Lab) -> list[RunSummary]:
    found: list[RunSummary] = []
    real = lab.remote.summary

    async def hears(summary: RunSummary) -> None:
        found.append(summary)
        await real(summary)

    lab.remote.summary = hears  # type: ignore[method-assign]
    return found


def test_a_missing_disk_is_told_to_the_portal_once_and_its_end_too(lab: Lab) -> None:
    told, marker = heard(lab), lab.root / ".syncd"
    marker.rename(lab.root / "away")
    before = lab.online()
    assert [run(lab).reason for _ in range(3)] == ["stop_root_marker"] * 3
    assert [(s.verdict, s.exit_code, s.reason) for s in told] == [("abandoned", 1, "stop_root_marker")]
    assert lab.online() == before and (lab.dir() / "Achats" / "a.pdf").exists()
    (lab.root / "away").rename(marker)
    lab.deposit("Achats/b.pdf", b"deposited meanwhile")
    assert run(lab).exit_code == 0 and lab.here()["Achats/b.pdf"] == b"deposited meanwhile"
    assert told[-1].reason == "" and len(told) == 2
    marker.rename(lab.root / "away")
    run(lab)
    assert told[-1].reason == "stop_root_marker" and len(told) == 3


def test_an_answer_that_comes_with_it_is_taken(lab: Lab) -> None:
    """What was agreed to meanwhile holds once the disk is back."""
    marker = lab.root / ".syncd"
    marker.rename(lab.root / "away")
    lab.deposit("Achats/b.pdf", b"deposited before it is told")
    run(lab)
    (lab.root / "away").rename(marker)
    assert run(lab).exit_code == 0 and lab.here()["Achats/b.pdf"] == b"deposited before it is told"
    lab.check()


def test_a_portal_that_is_away_too_changes_nothing_of_what_is_said(lab: Lab, monkeypatch: Any) -> None:
    async def away(*_: object) -> None:
        raise Unreachable("The portal does not answer.")

    (lab.root / ".syncd").rename(lab.root / "away")
    with monkeypatch.context() as patch:
        patch.setattr(lab.remote, "hello", away)
        ended = run(lab)
        assert (ended.reason, ended.exit_code) == ("stop_root_marker", 1)
    told = heard(lab)
    assert run(lab).exit_code == 1 and len(told) == 1  # as soon as it is back
