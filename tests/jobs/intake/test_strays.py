"""Scans that are nobody's: put aside once they are whole, named, and taken as soon as somebody says whose they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from syncd.jobs.intake.share import Share
from tests.jobs.intake.robot import ONE, Robot
from tests.support.scans import pdf


@pytest.fixture
def robot(tmp_path: Path) -> Robot:
    return Robot(tmp_path)


def test_a_scan_in_no_dossier_s_directory_waits_in_the_quarantine_and_is_named(robot: Robot) -> None:
    robot.scan("scan.pdf", pdf("one"))
    for _ in range(2):
        robot.look()
    robot.scan("scan.pdf", pdf("two"))  # a scanner always calls it the same
    robot.scan("Thumbs.db", b"of Windows")
    robot.look()
    assert robot.left() == [".quarantaine/scan (2).pdf", ".quarantaine/scan.pdf", "Thumbs.db"]
    open_ = [(r.path, r.reason) for r in robot.lab.state.journal.open_reports() if r.client == "-intake"]
    assert open_ == [("scan (2).pdf", "loose_scan"), ("scan.pdf", "loose_scan")]
    told = [e for _, e in robot.lab.state.journal.events(client="") if e.reason == "loose_scan"]
    assert len(told) == 2 and all(e.warning for e in told) and robot.online() == {}
    for n, name in enumerate(("scan.pdf", "scan (2).pdf")):  # somebody says whose they are
        (robot.share / ONE).mkdir(exist_ok=True)
        (robot.share / ".quarantaine" / name).rename(robot.share / ONE / f"{n}.pdf")
    robot.whole()
    assert set(robot.online().values()) == {pdf("one"), pdf("two")}
    assert not [r for r in robot.lab.state.journal.open_reports() if r.client == "-intake"]


def test_a_scan_in_no_directory_that_is_still_written_is_let_be(tmp_path: Path) -> None:
    robot = Robot(tmp_path, settle=2.0)
    robot.scan("scan.pdf", b"%PDF-")
    robot.look()
    assert robot.left() == ["scan.pdf"]


@pytest.mark.parametrize("top", ["scan.pdf", "009999/scan.pdf"])
def test_what_another_robot_quarantines_at_the_same_moment_is_no_trouble(robot: Robot, top: str) -> None:
    robot.scan(top, pdf())
    robot.scan(f"{ONE}/Achats/scan.pdf", pdf())
    real = Share.set_aside

    def late(self: Share, found: Any) -> str:
        real(self, found)
        return real(self, found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Share, "set_aside", late)
        robot.whole()
    assert robot.online() == {"Achats/scan.pdf": pdf()}
