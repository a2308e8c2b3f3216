"""What doctor says of a disk: what it can do, by its name, and each rule that is weaker there."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from syncd.core.disk_traits import DiskTraits
from syncd.doctor import disk
from syncd.doctor.file_system import _all, _weaker
from syncd.doctor.finding import Level

VFAT = DiskTraits(
    name="vfat", at=1.0, links=False, inodes=False, grain_ns=2_000_000_000, change_times=False, case=False
)
DISKS = {
    "ext4": (DiskTraits(name="ext4", at=1.0), set()),
    "ntfs-3g": (DiskTraits(name="ntfs-3g", at=1.0, no_replace=False, exchange=False, grain_ns=100), set()),
    "vfat": (VFAT, {"disk_changes", "disk_inodes"}),
    "exfat-fuse": (
        DiskTraits(name="exfat-fuse", at=1.0, no_replace=False, exchange=False, links=False, inodes=False, change_times=False),
        {"disk_names", "disk_changes", "disk_inodes"},
    ),
    "cifs": (DiskTraits(name="cifs", at=1.0, exchange=False, change_times=False, accents=False), {"disk_changes", "disk_accents"}),
}  # fmt: skip


@pytest.mark.parametrize("name", DISKS)
def test_each_weaker_rule_is_said_with_the_name_of_the_disk(name: str) -> None:
    traits, weaker = DISKS[name]
    said = list(_weaker(traits, "fr"))
    assert {f.about for f in said} == weaker
    assert all(f.level is Level.WARNING and name in f.text and f.mend for f in said)
    assert _all(traits, "fr").level is Level.OK and name in _all(traits, "fr").text


def test_what_it_can_and_cannot_do_is_one_sentence() -> None:
    assert _all(VFAT, "fr").text == (
        "Ce disque (vfat) sait renommer sans écraser, échanger deux documents ; il ne sait pas lier, garder les numéros de ses "
        "fichiers, dater un changement pour de bon. Ses dates valent à 2 s près."
    )


def test_a_disk_that_keeps_no_name_is_refused() -> None:
    found = _all(DiskTraits(name="oddfs", at=1.0, no_replace=False, links=False, exclusive=False), "fr")
    assert (found.level, found.code) == (Level.BAD, 1) and "oddfs" in found.text


def test_a_disk_is_told_in_english_too() -> None:
    assert _all(VFAT, "en").text == (
        "This disk (vfat) can rename without replacing, exchange two documents; it cannot link, keep its files' numbers, date a "
        "change for good. Its dates hold to 2 s."
    )


@pytest.mark.parametrize(
    ("fault", "mend"),
    [(errno.ENOSPC, "Faites de la place"), (errno.EROFS, "lecture seule"), (errno.EACCES, "le droit")],
)
def test_what_is_to_be_done_is_about_what_is_wrong(
    fault: int, mend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk was told as a right that is missing."""

    def refused(*_: object) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(Path, "write_bytes", refused)
    found = disk._writable("rights_state", tmp_path, "Donnez au compte le droit d'écrire.", "fr")
    assert found.level is Level.BAD and mend in found.mend and not list(tmp_path.iterdir())
