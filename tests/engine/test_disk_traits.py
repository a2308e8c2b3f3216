"""A mirror on a disk whose change times lie, or on one where nothing can be placed safely (HAZARDS 57, RULES 6)."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.core.content import Stamp
from syncd.core.disk_traits import DiskTraits
from syncd.core.events import Event
from syncd.core.folder_rules import ClientRules, FolderRule
from syncd.disk import hashing, traits
from syncd.disk.directory import Directory
from syncd.engine import Ports, run_once
from syncd.local import scan
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab

FOLDERS = (FolderRule("Achats"),)
FAT = DiskTraits(mounted="fat", name="vfat", at=1.0, change_times=False, grain_ns=2_000_000_000)
DAY = 86_400 * 10**9


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path / "lab", FOLDERS)
    yield lab
    lab.close()


@pytest.fixture
def fat(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stamps as such a disk gives them, known for what they are."""
    real = hashing.stamp_of

    def stamp_of(status: Any) -> Stamp:
        found = real(status)
        mtime = found.mtime_ns // FAT.grain_ns * FAT.grain_ns
        return replace(found, mtime_ns=mtime, ctime_ns=mtime)

    for module in (hashing, scan):
        monkeypatch.setattr(module, "stamp_of", stamp_of)
    monkeypatch.setattr(traits, "mounted", lambda directory: FAT.mounted)
    monkeypatch.setattr(traits, "measured", lambda own, at: replace(FAT, at=at))


def hidden_edit(lab: Lab, data: bytes) -> None:
    target = lab.dir() / "Achats/a.pdf"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(data)
    os.utime(target, (1_700_000_000, 1_700_000_000))


def test_an_edit_that_does_not_show_is_found_within_the_week(
    lab: Lab, fat: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.run()
    hidden_edit(lab, b"content one")
    lab.run()
    lab.run()
    hidden_edit(lab, b"content two")
    lab.run()
    assert lab.online() == {"Achats/a.pdf": b"content one"}
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 7 * DAY)
    lab.run()
    assert lab.online() == {"Achats/a.pdf": b"content two"}
    lab.run()
    assert not lab.changes


def test_how_a_directory_looked_before_its_disk_was_known_to_lie_says_nothing(
    lab: Lab, request: pytest.FixtureRequest
) -> None:
    lab.run()
    hidden_edit(lab, b"content one")
    lab.converge()
    lab.run()
    assert lab.state.clients.looks()
    request.getfixturevalue("fat")
    lab.run()
    lab.run()
    assert not lab.state.clients.looks()


def test_what_changed_is_seen_twice_whatever_its_times_say(tmp_path: Path) -> None:
    """A copier that keeps the times of what it copies, half way through."""
    folder = tmp_path / "client" / "Achats"
    folder.mkdir(parents=True)
    (folder / "copied.pdf").write_bytes(b"half of it")
    os.utime(folder / "copied.pdf", (1_700_000_000, 1_700_000_000))
    mirror = DiskMirror(str(tmp_path), settle=2.0)
    mirror._disk = FAT
    found = mirror.scan("client", ClientRules("1", FOLDERS), {})
    assert [young.path for young in found.young] == ["Achats/copied.pdf"] and not found.docs
    (folder / "copied.pdf").write_bytes(b"half of it, and the rest")
    mirror.settle("client", found)
    assert [p.reason for p in found.problems] == ["unstable"]


def test_a_disk_is_measured_once_and_again_when_it_is_another_or_a_week_has_passed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[float] = []
    mounts = ["ext4 /dev/sda1 rw"]
    monkeypatch.setattr(traits, "mounted", lambda directory: mounts[-1])
    monkeypatch.setattr(
        traits, "measured", lambda own, at: (tried.append(at), DiskTraits(mounted=mounts[-1], name="ext4", at=at))[1]
    )
    lab.run()
    lab.run()
    assert len(tried) == 1
    mounts.append("cifs //server/share rw")
    lab.run()
    lab.run()
    assert len(tried) == 2
    lab.clock.time += 8 * 86_400
    lab.run()
    lab.run()
    assert len(tried) == 3
    parts = Ports(lab.remote, DiskMirror(str(lab.root)), lab.state, lab.clock)
    assert parts.state.progress.read().disk == DiskTraits(mounted=mounts[-1], name="ext4", at=tried[-1])


def test_a_disk_without_any_way_to_keep_a_name_is_refused_by_name(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.run()
    lab.deposit("Achats/a.pdf", b"online")
    lab.write("Achats/b.pdf", b"here")
    poor = DiskTraits(mounted="oddfs x", name="oddfs", at=1.0, no_replace=False, links=False, exclusive=False)
    monkeypatch.setattr(traits, "mounted", lambda directory: poor.mounted)
    monkeypatch.setattr(traits, "measured", lambda own, at: replace(poor, at=at))
    events: list[Event] = []
    parts = Ports(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock)
    summary = asyncio.run(run_once(parts, lab.settings, events.append)).as_dict()
    assert (summary["verdict"], summary["exit_code"], summary["reason"]) == ("abandoned", 1, "stop_disk")
    assert "oddfs" in summary["message"] and [e.reason for e in events] == ["stop_disk"]
    assert lab.here() == {"Achats/b.pdf": b"here"} and lab.online() == {"Achats/a.pdf": b"online"}


def test_keep_both_takes_one_run_where_there_are_no_links(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_links)
    lab.run()
    lab.write("Achats/a.pdf", b"one")
    lab.converge()
    lab.write("Achats/a.pdf", b"the cabinet's")
    lab.deposit("Achats/a.pdf", b"the company's")
    assert lab.run()["kept_both"] == 1 and not [e for e in lab.events if e.action == "problem"]
    assert sorted(lab.here().values()) == [b"the cabinet's", b"the company's"]
    lab.check()


def test_what_arrives_gets_its_name_where_that_changes_its_inode(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """As sshfs does: each name has an inode of its own, as long as it is remembered."""
    move = Directory.move

    def moved(self: Directory, name: str, into: Directory, to: str) -> None:
        move(self, name, into, to)
        held = into.stat(to)
        if stat.S_ISREG(held.st_mode):
            data = (Path(into.where) / to).read_bytes()
            (Path(into.where) / f"{to}~").write_bytes(data)
            os.utime(Path(into.where) / f"{to}~", ns=(held.st_mtime_ns, held.st_mtime_ns))
            os.replace(Path(into.where) / f"{to}~", Path(into.where) / to)

    monkeypatch.setattr(Directory, "move", moved)
    monkeypatch.setattr(Directory, "exchange", lambda *args: False)
    invents = DiskTraits(mounted="sshfs x", name="sshfs", at=1.0, inodes=False)
    monkeypatch.setattr(traits, "mounted", lambda directory: invents.mounted)
    monkeypatch.setattr(traits, "measured", lambda own, at: replace(invents, at=at))
    lab.run()
    lab.deposit("Achats/a.pdf", b"online")
    lab.run()
    assert lab.here() == {"Achats/a.pdf": b"online"} and not [e for e in lab.events if e.action == "problem"]
    lab.deposit("Achats/a.pdf", b"online, again")
    lab.run()
    assert lab.here() == {"Achats/a.pdf": b"online, again"}
    lab.check()


def test_an_edit_within_the_grain_that_shortens_is_an_edit(lab: Lab, fat: None) -> None:
    lab.run()
    lab.deposit("Achats/a.pdf", b"long, and online")
    lab.run()
    target = lab.dir() / "Achats/a.pdf"
    placed = target.stat().st_mtime_ns
    target.write_bytes(b"short")
    os.utime(target, ns=(placed, placed))  # its time did not move: the disk counts in two seconds
    lab.run()
    assert lab.online() == {"Achats/a.pdf": b"short"} and {e.reason for e in lab.events} == {""}
