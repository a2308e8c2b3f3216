"""A backup, and what is restored of one, onto a disk that takes no more: told of that disk, and what was there stands."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from syncd.core.content import Content
from syncd.core.errors import SyncdError
from syncd.portal.operations import backup
from syncd.portal.storage.local import LocalBlobs
from syncd.portal.storage.port import Staged
from tests.portal.upload_client import Engine

pytestmark = pytest.mark.embedded


def _told(n: int, of: int) -> None:
    """Nobody watches."""


@pytest.fixture
def kept(office_there: Any, shared: Path) -> Path:
    """A portal with two documents, the second deposited after the backup beside it."""
    (shared / "secret_key").write_text("s" * 64)
    engine = Engine(office_there.cabinet)
    asyncio.run(engine.put(office_there.one, {"Achats/a.pdf": b"first"}))
    assert backup.backup(shared, shared.parent / "copy", _told) == (1, [])
    asyncio.run(engine.put(office_there.one, {"Achats/b.pdf": b"second"}))
    return shared.parent / "copy"


def _fills(monkeypatch: pytest.MonkeyPatch, target: Path) -> None:
    whole = LocalBlobs.stage_from

    def stage_from(self: LocalBlobs, source: BinaryIO) -> tuple[Staged, Content]:
        if self._root == str(target / "blobs"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(self, source)

    monkeypatch.setattr(LocalBlobs, "stage_from", stage_from)


def _held(directory: Path) -> dict[str, bytes]:
    return {str(p.relative_to(directory)): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


def test_a_backup_onto_a_full_disk_says_so_and_leaves_the_one_before(
    kept: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _held(kept)
    with monkeypatch.context() as m:
        _fills(m, kept)
        with pytest.raises(SyncdError, match=rf"the disk of '{kept}' is full.*earlier backup there stands") as said:
            backup.backup(shared, kept, _told)
    assert said.value.exit_code == 1 and _held(kept) == before
    assert backup.backup(shared, kept, _told) == (2, [])


def test_a_database_that_finds_no_room_is_the_disks_matter_too(
    kept: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _held(kept)

    def copy(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        fault = sqlite3.OperationalError("database or disk is full")
        fault.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise fault

    monkeypatch.setattr(backup, "copy_database", copy)
    with pytest.raises(SyncdError, match="is full"):
        backup.backup(shared, kept, _told)
    assert _held(kept) == before


def test_the_backups_key_stays_whole_where_a_new_one_cannot_be_written(
    kept: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.fsync

    def full(fd: int) -> None:
        if "secret_key" in os.readlink(f"/proc/self/fd/{fd}"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        whole(fd)

    monkeypatch.setattr(os, "fsync", full)
    (shared / "secret_key").write_text("t" * 64)
    with pytest.raises(SyncdError, match="is full"):
        backup.backup(shared, kept, _told)
    assert (kept / "secret_key").read_text() == "s" * 64


def test_a_restore_onto_a_full_disk_says_so_and_goes_on_when_there_is_room(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as m:
        _fills(m, tmp_path / "back")
        with pytest.raises(SyncdError, match=r"the disk of .*back' is full"):
            backup.restore(kept, tmp_path / "back", _told)
    assert not (tmp_path / "back" / "portal.db").exists()
    assert backup.restore(kept, tmp_path / "back", _told) == (1, [])


def test_a_version_that_cannot_be_read_is_named_wherever_it_is_copied_to(
    kept: Path, shared: Path, tmp_path: Path
) -> None:
    (version,) = [p for p in (kept / "blobs").rglob("*") if p.is_file()]
    (shared / "blobs" / version.parent.name / version.name).unlink()
    assert backup.backup(shared, tmp_path / "other", _told) == (2, [version.name])
