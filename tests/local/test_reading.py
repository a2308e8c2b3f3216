"""Reading a document changes nothing, not even when it was last read; and needs no more than the right to read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from syncd.disk.hashing import hash_file, read_file, stamp_of

YEARS_AGO = 1_500_000_000_000_000_000


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "facture.pdf"
    path.write_bytes(b"%PDF")
    os.utime(path, ns=(YEARS_AGO, path.stat().st_mtime_ns))  # a read after that leaves a trace, on most systems
    return path


@pytest.mark.skipif(not hasattr(os, "O_NOATIME"), reason="this system has no such flag")
def test_reading_leaves_no_trace(document: Path) -> None:
    assert read_file(str(document), stamp_of(document.stat())) == b"%PDF"
    hash_file(str(document))
    assert document.stat().st_atime_ns == YEARS_AGO


def test_what_belongs_to_somebody_else_is_read_all_the_same(document: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def theirs(path: str, flags: int, *args: int) -> int:
        if flags & getattr(os, "O_NOATIME", 0):
            raise PermissionError(1, "Operation not permitted", path)
        return real(path, flags, *args)

    monkeypatch.setattr(os, "open", theirs)
    assert read_file(str(document), stamp_of(document.stat())) == b"%PDF"
