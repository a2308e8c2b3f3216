"""A directory looks the same only where a full walk would find nothing, whoever looked."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.core.folder_rules import ClientRules, Direction, FolderRule
from syncd.core.paths import DiskPath
from syncd.disk.directory import Directory
from syncd.local import directory_fingerprint
from syncd.local.directory_fingerprint_worker import Looks
from syncd.local.mirror import DiskMirror
from syncd.ports.local import Scan
from tests.disk import links

RULES = ClientRules(
    "000001", (FolderRule("Achats"), FolderRule("Interne", direction=Direction.NONE), FolderRule("Ventes"))
)
LONG_AGO = 10_000_000_000


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A client whose documents were read long after their last change."""
    at = tmp_path / "c"
    (at / "Achats" / "2026").mkdir(parents=True)
    (at / "Ventes").mkdir()
    (at / "Interne").mkdir()
    (at / "Achats" / "facture.pdf").write_bytes(b"one")
    (at / "Achats" / "2026" / "été.pdf").write_bytes(b"two")
    (at / "Interne" / "note.txt").write_bytes(b"ours")

    real = time.time_ns
    monkeypatch.setattr("syncd.local.scan.time.time_ns", lambda: real() + LONG_AGO)
    return at


def seen(here: Path) -> Scan:
    return DiskMirror(str(here.parent), ["*.bak"], 0).scan("c", RULES, {})


def both_ways(here: Path, scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where directories are no descriptors they look the same."""
    folders = [f.disk for f in scan.folders]
    before = directory_fingerprint.digest(str(here), folders)
    monkeypatch.setattr(directory_fingerprint, "DESCRIPTORS", False)
    assert directory_fingerprint.digest(str(here), folders) == before


def same(here: Path, scan: Scan) -> bool:
    looks = DiskMirror(str(here.parent)).looks({"c": scan.look})
    return "c" in looks.same(["c", "another"])


def test_what_is_as_it_was_looks_as_it_did(here: Path) -> None:
    scan = seen(here)
    assert scan.look and same(here, scan)
    (here / "Interne" / "another.txt").write_bytes(b"x")  # nobody's affair
    assert same(here, scan) and seen(here).look == scan.look


def _quietly(path: Path, data: bytes) -> None:
    before = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


SPELLED = "a name that is spelled otherwise"
CHANGES: dict[str, Callable[[Path], object]] = {
    "an edit that keeps size and mtime": lambda h: _quietly(h / "Achats" / "facture.pdf", b"eno"),
    "a new document": lambda h: (h / "Ventes" / "new.pdf").write_bytes(b"n"),
    "a document gone": lambda h: (h / "Achats" / "facture.pdf").unlink(),
    "a rename": lambda h: (h / "Achats" / "facture.pdf").rename(h / "Achats" / "autre.pdf"),
    SPELLED: lambda h: (h / "Achats" / "facture.pdf").rename(h / "Achats" / "Facture.pdf"),
    "a move": lambda h: (h / "Achats" / "facture.pdf").rename(h / "Ventes" / "facture.pdf"),
    "a new folder": lambda h: (h / "Ventes" / "2026").mkdir(),
    "a folder gone": lambda h: (h / "Ventes").rmdir(),
    "a folder that is another": lambda h: ((h / "Ventes").rename(h.parent / "v"), (h / "Ventes").mkdir()),
    "a link": lambda h: links.to_directory(h / "Achats" / "lien", h.parent),
    "a document that became a link": lambda h: (
        (h / "Achats" / "facture.pdf").unlink(),
        links.to_file(h / "Achats" / "facture.pdf", h / "Interne" / "note.txt"),
    ),
    "a folder that became a link": lambda h: (
        (h / "Achats").rename(h.parent / "elsewhere"),
        links.to_directory(h / "Achats", h.parent / "elsewhere"),
    ),
    "another client's directory": lambda h: (h / "Ventes" / ".syncd").mkdir(),
    "a folder that is no part of the tree": lambda h: (h / "Divers").mkdir(),
    "a document beside the folders": lambda h: (h / "perdu.pdf").write_bytes(b"x"),
    "a directory that is gone": lambda h: h.rename(h.parent / "gone"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_whatever_else_looks_otherwise(
    here: Path, change: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = seen(here)
    change(here)
    if links.WINE and change is CHANGES[SPELLED] and "Facture.pdf" not in os.listdir(here / "Achats"):
        pytest.skip("Wine changes no case")
    assert not same(here, scan)
    both_ways(here, scan, monkeypatch)


NOT_TO_BE_TRUSTED: dict[str, Callable[[Path], object]] = {
    "something to tell at every run": lambda h: (h / "perdu.pdf").write_bytes(b"x"),
    "a link": lambda h: links.to_directory(h / "Achats" / "lien", h.parent),
    "perhaps another client's directory": lambda h: (h / "Ventes" / ".syncd").mkdir(),
    "a name that cannot be": lambda h: (
        (h / "Achats" / "\udcff").mkdir() if os.name == "nt" else os.mkdir(os.fsencode(h / "Achats") + b"/\xff")
    ),
}


@pytest.mark.parametrize("what", NOT_TO_BE_TRUSTED.values(), ids=NOT_TO_BE_TRUSTED.keys())
def test_what_must_be_seen_at_every_run_has_no_look(here: Path, what: Callable[[Path], object]) -> None:
    if links.WINE and what is NOT_TO_BE_TRUSTED["a name that cannot be"]:
        pytest.skip("Wine makes no such name")
    what(here)
    assert not seen(here).look


def test_what_was_read_too_soon_after_its_change_has_no_look(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert not seen(here).look


@pytest.mark.skipif(not directory_fingerprint.DESCRIPTORS, reason="directories are no descriptors")
def test_a_folder_that_cannot_be_read_has_no_look(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan, real = seen(here), os.listdir

    def refusing(at: int | str) -> list[str]:
        if stat.S_ISDIR(os.stat(at).st_mode) and os.stat(at).st_ino == (here / "Achats" / "2026").stat().st_ino:
            raise PermissionError(13, "Permission denied")
        return real(at)

    monkeypatch.setattr(os, "listdir", refusing)
    assert directory_fingerprint.digest(str(here), [f.disk for f in scan.folders]) == b"" and not same(here, scan)


def _digest(at: Path, disk: str) -> bytes:
    with Directory.at(str(at)) as opened:
        return directory_fingerprint._folder_of(opened, disk)


two_processes = pytest.mark.skipif(
    not directory_fingerprint.DESCRIPTORS, reason="one process looks where more is needed than this file"
)


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """How clients looked, by directory; one is gone since, and one is another."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    before = {}
    for client in ("dé", "un", "gone", "deux", "changed"):
        below = ["Été", os.fsdecode(b"\xe9t\xe9")]
        for folder in below:
            (tmp_path / client / folder).mkdir(parents=True)
            (tmp_path / client / folder / "x.pdf").write_bytes(client.encode())
        (tmp_path / client / os.fsdecode(b"\xe9.pdf")).write_bytes(b"")
        digests = {DiskPath(disk): _digest(tmp_path / client / disk, disk) for disk in ("", *below)}
        before[client] = directory_fingerprint.remember(digests)
        assert directory_fingerprint.remembered(before[client])[1] == sorted(below)
    (tmp_path / "gone").rename(tmp_path / "away")
    (tmp_path / "changed" / "Été" / "y.pdf").write_bytes(b"")
    return before


SAME = {"dé", "un", "deux"}


@two_processes
def test_a_second_process_sees_what_the_first_would(
    tmp_path: Path, many: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Looks(str(tmp_path), many).same(many) == SAME  # too few for a second process
    together = Looks(str(tmp_path), many, worth=0)
    together._listener.join(20)
    monkeypatch.setattr(directory_fingerprint, "digest", lambda *_: pytest.fail("the other has looked already"))
    assert together.same(many) == SAME
    together.close()


@two_processes
@pytest.mark.parametrize("python", ["none", "/bin/false", "/bin/yes"])
def test_when_the_second_process_fails_the_first_looks(
    tmp_path: Path, many: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, python: str
) -> None:
    monkeypatch.setattr("sys.executable", python)
    alone = Looks(str(tmp_path), many, worth=0)
    assert alone.same(many) == SAME
    alone.close()


@two_processes
def test_the_second_process_does_not_outlive_the_look(tmp_path: Path, many: dict[str, bytes]) -> None:
    looks = Looks(str(tmp_path), many, worth=0)
    other = looks._other
    assert other is not None
    looks.close()
    assert other.returncode is not None and not looks._listener.is_alive()


@two_processes
def test_looks_that_were_begun_ahead_are_taken_where_they_are_of_what_is_asked(
    tmp_path: Path, many: dict[str, bytes]
) -> None:
    def ahead() -> Looks:
        return Looks(str(tmp_path), many, worth=0)

    begun = ahead()
    mirror = DiskMirror(str(tmp_path), ahead=begun)
    assert mirror.looks(dict(many)) is begun and begun.same(many) == SAME
    assert mirror.looks(many) is not begun  # they are of one moment, and asked once
    begun.close()

    begun = ahead()
    fewer = {client: before for client, before in many.items() if client != "un"}
    assert DiskMirror(str(tmp_path), ahead=begun).looks(fewer) is begun and begun.same(fewer) == SAME - {"un"}
    begun.close()

    for root, asked in (
        (tmp_path, {**many, "un": b"otherwise"}),
        (tmp_path, {**many, "another": many["un"]}),
        (tmp_path / "elsewhere", many),
    ):
        begun = ahead()
        other = begun._other
        anew = DiskMirror(str(root), ahead=begun).looks(asked)
        assert anew is not begun and other is not None and other.returncode is not None
        anew.close()
