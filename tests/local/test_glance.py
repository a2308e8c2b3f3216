"""A glance says "the same" only of what a full walk would find nothing in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncd.core.folder_rules import ClientRules, Direction, FolderRule
from syncd.local.mirror import DiskMirror

RULES = ClientRules(
    "000001", (FolderRule("Achats"), FolderRule("Interne", direction=Direction.NONE), FolderRule("Ventes"))
)


def client(root: Path) -> Path:
    here = root / "c"
    (here / "Achats" / "2026").mkdir(parents=True)
    (here / "Ventes").mkdir()
    (here / "Interne").mkdir()
    (here / "Achats" / "facture.pdf").write_bytes(b"one")
    (here / "Achats" / "2026" / "été.pdf").write_bytes(b"two")
    (here / "Interne" / "note.txt").write_bytes(b"ours")
    return here


def remembered(root: Path):
    mirror = DiskMirror(str(root), ["*.bak"], 0)
    scan = mirror.scan("c", RULES, {})
    stats = {d: (k.stamp.size, k.stamp.mtime_ns, k.stamp.ctime_ns, k.stamp.inode) for d, k in scan.seen.items()}
    return mirror, stats, {(f.disk, f.inode) for f in scan.folders}


def test_the_same_is_the_same(tmp_path):
    here = client(tmp_path)
    mirror, stats, folders = remembered(tmp_path)
    assert len(stats) == 2
    assert mirror.same("c", RULES, stats, folders)
    (here / "Achats" / "Thumbs.db").write_bytes(b"x")  # what nobody looks at
    (here / "Achats" / "facture.bak").write_bytes(b"x")
    (here / "Interne" / "another.txt").write_bytes(b"x")
    (here / "Achats" / ".~lock.facture.pdf#").write_bytes(b"M. Martin")  # it says nothing of what has not changed
    assert mirror.same("c", RULES, stats, folders)


CHANGES = {
    "an edit that keeps size and mtime": lambda h: _quietly(h / "Achats" / "facture.pdf", b"eno"),
    "a new document": lambda h: (h / "Ventes" / "new.pdf").write_bytes(b"n"),
    "a document gone": lambda h: (h / "Achats" / "facture.pdf").unlink(),
    "a rename": lambda h: (h / "Achats" / "facture.pdf").rename(h / "Achats" / "autre.pdf"),
    "a new folder": lambda h: (h / "Ventes" / "2026").mkdir(),
    "a folder gone": lambda h: (h / "Ventes").rmdir(),
    "a folder that is another": lambda h: ((h / "Ventes").rename(h / "Achats" / "v"), (h / "Ventes").mkdir()),
    "a link": lambda h: (h / "Achats" / "lien").symlink_to("/etc"),
    "a document that became a link": lambda h: (
        (h / "Achats" / "facture.pdf").unlink(),
        (h / "Achats" / "facture.pdf").symlink_to("/etc/hostname"),
    ),
    "another client's directory": lambda h: (h / "Ventes" / ".syncd").mkdir(),
    "a folder that is no part of the tree": lambda h: (h / "Divers").mkdir(),
    "a document beside the folders": lambda h: (h / "perdu.pdf").write_bytes(b"x"),
}


def _quietly(path: Path, data: bytes) -> None:
    before = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_else_is_left_to_the_full_walk(tmp_path, change):
    here = client(tmp_path)
    mirror, stats, folders = remembered(tmp_path)
    change(here)
    assert not mirror.same("c", RULES, stats, folders)


def test_a_folder_that_cannot_be_read_is_not_the_same(tmp_path, monkeypatch):
    client(tmp_path)
    mirror, stats, folders = remembered(tmp_path)
    real = os.scandir

    def refusing(path):
        if str(path).endswith("2026"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert not mirror.same("c", RULES, stats, folders)
