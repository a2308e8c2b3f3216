"""What a disk can do is tried, and nothing of the trial stays."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.disk import rename, traits
from syncd.disk.directory import Directory
from syncd.disk.posix import open_beneath
from syncd.disk.posix import traits as tried


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Directory]:
    with Directory.at(str(tmp_path)) as directory:
        yield directory
    assert os.listdir(tmp_path) == []


def test_the_disk_of_these_tests_can_do_all_of_it(own: Directory) -> None:
    found = traits.measured(own, 5.0)
    assert found.no_replace and found.exchange and found.links and found.exclusive and found.inodes
    assert found.change_times and found.grain_ns <= 100 and found.case and found.forms and found.accents
    assert found.at == 5.0 and found.mounted == traits.mounted(own) and found.mounted.startswith(f"{found.name} ")
    assert traits.assumed(own).change_times and traits.assumed(own).at == 0.0


def _no_links(*args: Any, **kwargs: Any) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def test_what_is_missing_is_missed(own: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rename, "_call", lambda *args: False)
    found = traits.measured(own, 5.0)
    assert (found.no_replace, found.exchange, found.links) == (False, False, True)
    monkeypatch.setattr(os, "link", _no_links)
    found = traits.measured(own, 5.0)
    assert (found.links, found.exclusive, found.placeholder, found.refused) == (False, True, True, False)
    created = Directory.create
    monkeypatch.setattr(
        Directory, "create", lambda self, name: os.open(name, os.O_WRONLY, dir_fd=self._fd) if self.holds(name) else created(self, name)
    )  # fmt: skip
    assert traits.measured(own, 5.0).refused


def test_a_flag_that_is_taken_and_means_nothing_is_none(own: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(one_in: int, one: str, other_in: int, other: str, flag: int) -> bool:
        if flag == 2:
            return False
        os.rename(one, other, src_dir_fd=one_in, dst_dir_fd=other_in)
        return True

    monkeypatch.setattr(rename, "_call", careless)
    assert not traits.measured(own, 5.0).no_replace


def test_a_change_time_that_can_be_put_back_lies_and_the_grain_is_seen(
    own: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for grain in (2_000_000_000, 1_000_000_000, 10_000_000, 100):

        def fat(directory: int, name: str, grain: int = grain) -> tuple[int, int]:
            mtime, _ = open_beneath.times(directory, name)
            return mtime // grain * grain, mtime // grain * grain

        monkeypatch.setattr(tried, "times", fat)
        found = traits.measured(own, 5.0)
        assert (found.change_times, found.grain_ns) == (False, grain)


def test_what_a_killed_trial_left_goes_with_the_next(own: Directory, tmp_path: Path) -> None:
    (tmp_path / "probe-0123é").write_bytes(b"x")
    traits.measured(own, 5.0)


@pytest.fixture
def exfat(tmp_path: Path) -> Iterator[Path]:
    if os.getuid() or not shutil.which("mount.exfat-fuse") or not shutil.which("mkfs.exfat"):
        pytest.skip("needs root, exfat-fuse and mkfs.exfat: a real disk with neither flag nor links is not tried")
    image, at = tmp_path / "image", tmp_path / "disk"
    at.mkdir()
    image.touch()
    os.truncate(image, 8_000_000)
    subprocess.run(["mkfs.exfat", str(image)], check=True, capture_output=True)
    loop = subprocess.run(["losetup", "-f", "--show", str(image)], capture_output=True, text=True).stdout.strip()
    if not loop:
        pytest.skip("no loop device here: a real disk with neither flag nor links is not tried")
    try:
        done = subprocess.run(["mount.exfat-fuse", loop, str(at)], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"no exfat-fuse here: {done.stderr.strip()}")
        yield at
        subprocess.run(["umount", str(at)], check=True)
    finally:
        subprocess.run(["losetup", "-d", loop], check=True)


def test_a_real_disk_with_neither_flag_nor_links(exfat: Path) -> None:
    with Directory.at(str(exfat)) as own:
        found = traits.measured(own, 5.0)
        assert found.name == "exfat-fuse"
        assert found.placeholder and not found.refused and not found.exchange and not found.change_times
        assert found.grain_ns >= 1_000_000_000 and not found.case and found.accents and not own.sync_disk()
        os.close(own.create("a"))
        (exfat / "b").write_bytes(b"theirs")
        with pytest.raises(FileExistsError):
            own.move("a", own, "b")
        own.move("a", own, "c")
        assert sorted(own.names()) == ["b", "c"] and (exfat / "b").read_bytes() == b"theirs"


@pytest.mark.parametrize(
    ("mounted", "change_times", "inodes"),
    [
        ("ext4 /dev/sda1 rw", True, True),
        ("nfs4 server:/clients rw,vers=4.2", True, True),
        ("exfat /dev/sdb1 rw", False, False),  # this kernel holds what the disk does not, for a while
        ("fuse.sshfs server:/clients rw", False, False),
        ("cifs //server/clients rw", False, True),
        ("fuseblk /dev/sdb1 rw", False, False),
    ],
)
def test_what_no_trial_shows_is_known_by_name(
    own: Directory, monkeypatch: pytest.MonkeyPatch, mounted: str, change_times: bool, inodes: bool
) -> None:
    monkeypatch.setattr(tried, "mounted", lambda directory: mounted)
    by_name = traits.assumed(own)
    assert (by_name.change_times, by_name.inodes, by_name.at) == (change_times, inodes, 0.0)
    if mounted.startswith("exfat"):
        found = traits.measured(own, 5.0)
        assert (found.change_times, found.inodes, found.name) == (False, False, "exfat")
