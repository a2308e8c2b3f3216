"""What arrives is written where its client lies, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.core.paths import DiskPath
from syncd.local.markers import init_root
from syncd.local.mirror import DiskMirror
from syncd.ports.local import ClientMarker


def test_a_client_that_is_not_there_is_not_made_by_what_arrives_for_it(tmp_path: Path) -> None:
    """The disk went away between two documents: what lies below its mount point stays empty (HAZARDS 1)."""
    mirror = DiskMirror(str(tmp_path), settle=0.0)
    with pytest.raises(FileNotFoundError):
        mirror.temp("001 - Client", b"a document")
    with pytest.raises(FileNotFoundError):
        mirror.sink("001 - Client", "version")
    assert list(tmp_path.iterdir()) == []


def test_the_first_document_makes_the_directory_for_those_that_arrive(tmp_path: Path) -> None:
    cabinet = "c" * 32
    init_root(str(tmp_path), cabinet)
    mirror = DiskMirror(str(tmp_path), settle=0.0)
    mirror.make_client("001 - Client", ClientMarker("d" * 32, cabinet, "001"))
    temps = [mirror.temp("001 - Client", data) for data in (b"one", b"two")]
    mirror.sync_temps([("001 - Client", temp) for temp in temps])
    for temp, name in zip(temps, ("one", "two"), strict=True):
        mirror.place("001 - Client", temp, DiskPath(f"Achats/{name}"))
    assert [(tmp_path / "001 - Client" / "Achats" / n).read_text() for n in ("one", "two")] == ["one", "two"]
