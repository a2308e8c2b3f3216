"""Disks that do not tell case apart: a change of case alone is done, whatever stat says and the disk ignores (HAZARDS 12, 57)."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.core import paths
from syncd.core.paths import DiskPath
from syncd.disk.directory import Directory
from syncd.disk.hashing import stamp_of
from syncd.local.markers import init_root
from syncd.local.mirror import DiskMirror
from syncd.ports.local import ClientMarker, Stale

CLIENT = "001 - Client"


@pytest.fixture
def mirror(tmp_path: Path) -> DiskMirror:
    init_root(str(tmp_path), "c" * 32)
    mirror = DiskMirror(str(tmp_path), settle=0.0)
    mirror.make_client(CLIENT, ClientMarker("d" * 32, "c" * 32, "001"))
    (tmp_path / CLIENT / "Achats" / "dossier").mkdir(parents=True)
    (tmp_path / CLIENT / "Achats" / "facture.pdf").write_bytes(b"one")
    return mirror


def spelled(folder: Directory, name: str) -> str:
    """How the disk lists it."""
    return next((n for n in folder.names() if paths.key(n) == paths.key(name)), name)


def caseless(monkeypatch: pytest.MonkeyPatch, *, respells: str, refuses: bool = True, lies: bool = False) -> None:
    """`respells`: what such a disk does with a change of case alone: "follows", or "ignores" it. `refuses`: a name that is
    to be new is not given then; else it is said to have been. `lies`: stat invents an inode for each spelling."""
    move, stat, respell = Directory.move, Directory.stat, Directory.respell

    def moved(self: Directory, name: str, into: Directory, to: str) -> None:
        same = spelled(into, to)
        if same in into.names():
            if refuses:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), to)
            return
        move(self, spelled(self, name), into, to)

    def respelled(self: Directory, name: str, to: str) -> None:
        if respells == "follows":
            respell(self, spelled(self, name), to)

    def stated(self: Directory, name: str) -> Any:
        found = stat(self, spelled(self, name))
        if not lies:
            return found
        parts = list(found)
        parts[1] = found.st_ino + sum(name.encode())
        return os.stat_result(
            (*parts[:7], *found[7:10]), {"st_mtime_ns": found.st_mtime_ns, "st_ctime_ns": found.st_ctime_ns}
        )

    monkeypatch.setattr(Directory, "move", moved)
    monkeypatch.setattr(Directory, "respell", respelled)
    monkeypatch.setattr(Directory, "stat", stated)


def remembers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A share: once looked for, the other spelling is taken to be there until the server is asked."""
    caseless(monkeypatch, respells="ignores")
    seen: set[str] = set()
    move = Directory.move

    def moved(self: Directory, name: str, into: Directory, to: str) -> None:
        if to in seen:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), to)
        try:
            move(self, name, into, to)
        except FileExistsError:
            seen.add(to)
            raise

    monkeypatch.setattr(Directory, "move", moved)
    monkeypatch.setattr(Directory, "ask_anew", lambda self, name: seen.discard(name))


DISKS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "it follows": lambda patch: caseless(patch, respells="follows"),
    "it ignores it": lambda patch: caseless(patch, respells="ignores"),
    "it says that it did": lambda patch: caseless(patch, respells="ignores", refuses=False),
    "it remembers it": remembers,
    "it invents inodes": lambda patch: caseless(patch, respells="follows", lies=True),
}


@pytest.mark.parametrize("disk", DISKS)
def test_a_change_of_case_alone_is_done(
    mirror: DiskMirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disk: str
) -> None:
    achats = tmp_path / CLIENT / "Achats"
    DISKS[disk](monkeypatch)
    with Directory.at(str(achats)) as folder:
        stamp, inode = stamp_of(folder.stat("facture.pdf")), folder.stat("dossier").st_ino
    mirror.rename(CLIENT, DiskPath("Achats/facture.pdf"), DiskPath("Achats/Facture.PDF"), stamp)
    mirror.move_folder(CLIENT, DiskPath("Achats/dossier"), DiskPath("Achats/Dossier"), inode)
    assert sorted(os.listdir(achats)) == ["Dossier", "Facture.PDF"]
    assert (achats / "Facture.PDF").read_bytes() == b"one"


def test_two_that_differ_by_case_alone_are_two_where_the_disk_lists_both(mirror: DiskMirror, tmp_path: Path) -> None:
    achats = tmp_path / CLIENT / "Achats"
    (achats / "Facture.PDF").write_bytes(b"another")
    stamp = stamp_of((achats / "facture.pdf").stat())
    with pytest.raises(Stale, match="taken"):
        mirror.rename(CLIENT, DiskPath("Achats/facture.pdf"), DiskPath("Achats/Facture.PDF"), stamp)
    assert {p.name: p.read_bytes() for p in achats.iterdir() if p.is_file()} == {
        "facture.pdf": b"one",
        "Facture.PDF": b"another",
    }


def test_one_name_with_two_links_is_not_one_thing(mirror: DiskMirror, tmp_path: Path) -> None:
    """Sameness of inodes alone made a second link's name be renamed over: POSIX takes that for no change at all."""
    achats = tmp_path / CLIENT / "Achats"
    os.link(achats / "facture.pdf", achats / "FACTURE.pdf")
    stamp = stamp_of((achats / "facture.pdf").stat())
    with pytest.raises(Stale, match="taken"):
        mirror.rename(CLIENT, DiskPath("Achats/facture.pdf"), DiskPath("Achats/FACTURE.pdf"), stamp)
    assert replace(stamp, inode=0) != stamp  # and nothing was touched
    assert sorted(p.name for p in achats.iterdir()) == ["FACTURE.pdf", "dossier", "facture.pdf"]


def test_names_whose_disk_is_away_and_cannot_be_synced_are_not_counted_as_made(
    mirror: DiskMirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / CLIENT / "Achats").rename(tmp_path / "elsewhere")
    mirror.sync_names([(CLIENT, DiskPath("Achats/facture.pdf"))])  # the whole disk is synced, then
    monkeypatch.setattr(Directory, "sync_disk", lambda self: False)
    with pytest.raises(Stale, match="durable"):
        mirror.sync_names([(CLIENT, DiskPath("Achats/facture.pdf"))])


def test_an_engines_directory_that_was_never_made_is_not_away(
    mirror: DiskMirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one call does not sync the whole disk, a rename alone needs nothing of `.syncd/tmp`; what was named there does."""
    monkeypatch.setattr(Directory, "sync_disk", lambda self: False)
    achats = tmp_path / CLIENT / "Achats"
    mirror.rename(
        CLIENT, DiskPath("Achats/facture.pdf"), DiskPath("Achats/b.pdf"), stamp_of((achats / "facture.pdf").stat())
    )
    mirror.sync_names([(CLIENT, DiskPath("Achats/facture.pdf")), (CLIENT, DiskPath("Achats/b.pdf"))])
    assert not (tmp_path / CLIENT / ".syncd" / "tmp").exists()
    temp = mirror.temp(CLIENT, b"two")
    mirror.sync_temps([(CLIENT, temp)])
    mirror.place(CLIENT, temp, DiskPath("Achats/c.pdf"))
    mirror.rest()
    temp = mirror.temp(CLIENT, b"three")
    mirror.sync_temps([(CLIENT, temp)])
    mirror.place(CLIENT, temp, DiskPath("Achats/d.pdf"))
    mirror._rooms.forget()
    (tmp_path / CLIENT / ".syncd" / "tmp").rename(tmp_path / "carried away")
    with pytest.raises(Stale, match="durable"):
        mirror.sync_names([(CLIENT, DiskPath("Achats/d.pdf"))])
