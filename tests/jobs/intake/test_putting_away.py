"""Many scans are put away at once: one that stays holds up no other, and what a power cut leaves half done is done again."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from syncd.core.errors import SyncdError
from syncd.disk.directory import Directory
from syncd.jobs.intake import intake
from syncd.jobs.intake.share import Share
from tests.jobs.intake.robot import ONE, Robot
from tests.support.scans import pdf

MANY = 12


def _online(robot: Robot) -> list[str]:
    """So many scans that are online, whose sources wait to be put away."""
    names = [f"{n:02}.pdf" for n in range(MANY)]
    for n, name in enumerate(names):
        robot.scan(f"{ONE}/Achats/{name}", pdf(str(n)))
    robot.look()
    robot.lab.run()
    return names


def _treated(names: list[str]) -> list[str]:
    return [f".traites/2026-11/{ONE}/Achats/{name}" for name in names]


@pytest.mark.parametrize("whole_disk", [True, False], ids=["one call syncs the disk", "folder by folder"])
def test_directories_are_synced_for_all_and_not_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole_disk: bool
) -> None:
    robot = Robot(tmp_path)
    names = _online(robot)
    synced: list[str] = []
    folder, disk = Directory.sync, Directory.sync_disk

    def sync(self: Directory) -> None:
        synced.append("folder")
        folder(self)

    def sync_disk(self: Directory) -> bool:
        synced.append("disk")
        return whole_disk and disk(self)

    monkeypatch.setattr(Directory, "sync", sync)
    monkeypatch.setattr(Directory, "sync_disk", sync_disk)
    robot.look()
    assert robot.left() == _treated(names)
    assert 0 < len(synced) < MANY


def test_one_that_a_program_holds_is_said_and_the_others_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    robot = Robot(tmp_path)
    names = _online(robot)
    real = Directory.move

    def move(self: Directory, name: str, to: Directory, new: str) -> Any:
        if new == "03.pdf":
            raise OSError(errno.EBUSY, "in use")
        return real(self, name, to, new)

    with monkeypatch.context() as held:
        held.setattr(Directory, "move", move)
        robot.look()
    assert robot.said() == [("problem", "Achats/03.pdf", "locked")]
    assert robot.claims() and set(robot.left()) - set(robot.claims()) == set(_treated(names)) - set(
        _treated(["03.pdf"])
    )
    robot.look()
    assert robot.left() == _treated(names)


def test_a_disk_that_cannot_be_synced_is_no_fault_of_the_last_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot = Robot(tmp_path)
    _online(robot)

    def denied(self: Share, folders: object) -> None:
        raise PermissionError(errno.EACCES, "denied")

    monkeypatch.setattr(intake, "MOST", MANY)
    monkeypatch.setattr(Share, "_sync_folders", denied)
    with pytest.raises(SyncdError):
        robot.look()
    assert [reason for _, _, reason in robot.said()] == ["share_away"]


def test_a_power_cut_before_they_count_as_done_leaves_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot = Robot(tmp_path)
    names = _online(robot)

    def cut(self: Share, folders: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Share, "_sync_folders", cut)
        robot.look()
    robot.anew()
    robot.look()
    assert robot.left() == _treated(names) and robot.said() == []
    assert robot.online() == {f"Achats/{name}": pdf(str(n)) for n, name in enumerate(names)}


def test_the_same_paper_scanned_again_after_a_power_cut_goes_online_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cut came when the source was put away, before that was written down; since then the document was deleted."""
    robot = Robot(tmp_path)
    _online(robot)

    def cut(self: Share, folders: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Share, "_sync_folders", cut)
        robot.look()
    robot.anew()
    robot.lab.unlink("Achats/03.pdf", ONE)
    robot.lab.portal.remove(robot.lab.clients[ONE], "Achats/03.pdf")
    robot.lab.run()
    assert "Achats/03.pdf" not in robot.online()
    robot.scan(f"{ONE}/Achats/again.pdf", pdf("3"))
    robot.look()
    robot.lab.run()
    robot.look()
    assert robot.online()["Achats/again.pdf"] == pdf("3")
    assert f".traites/2026-11/{ONE}/Achats/again.pdf" in robot.left()
