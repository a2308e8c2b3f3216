"""What arrives is written where its client lies, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from syncd.core.paths import DiskPath
from syncd.disk import durability
from syncd.disk.directory import Directory
from syncd.local.markers import init_root
from syncd.local.mirror import DiskMirror
from syncd.ports.local import ClientMarker, Stale


def test_a_client_that_is_not_there_is_not_made_by_what_arrives_for_it(tmp_path: Path) -> None:
    """The disk went away between two documents: what lies below its mount point stays empty (HAZARDS 1)."""
    mirror = DiskMirror(str(tmp_path), settle=0.0)
    with pytest.raises(FileNotFoundError):
        mirror.temp("001 - Client", b"a document")
    with pytest.raises(FileNotFoundError):
        mirror.sink("001 - Client", "version")
    assert list(tmp_path.iterdir()) == []


def test_the_first_document_makes_the_directory_for_those_that_arrive(tmp_path: Path) -> None:
    mirror, client = _mirror_of_one(tmp_path)
    temps = [mirror.temp(client, data) for data in (b"one", b"two")]
    mirror.sync_temps([(client, temp) for temp in temps])
    for temp, name in zip(temps, ("one", "two"), strict=True):
        mirror.place(client, temp, DiskPath(f"Achats/{name}"))
    assert [(tmp_path / client / "Achats" / n).read_text() for n in ("one", "two")] == ["one", "two"]


def test_a_document_lands_where_its_folder_is_now_not_where_it_lay_while_the_disk_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one batch is synced, those of the next are written, which looks at their folders; one is moved meanwhile."""
    mirror, client = _mirror_of_one(tmp_path)
    achats = tmp_path / client / "Achats"
    achats.mkdir()
    temp = mirror.temp(client, b"one", to=DiskPath("Achats/one"))
    real = durability.sync_documents

    def syncing(documents: Sequence[tuple[Directory, str]]) -> None:
        mirror.temp(client, b"two", to=DiskPath("Achats/two"))
        achats.rename(tmp_path / client / "Achats anciens")
        achats.mkdir()
        real(documents)

    monkeypatch.setattr(durability, "sync_documents", syncing)
    mirror.sync_temps([(client, temp)])
    mirror.place(client, temp, DiskPath("Achats/one"))
    assert [p.name for p in achats.iterdir()] == ["one"]


def test_what_was_not_synced_stays_without_a_name_while_others_are_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Directory, "sync_disk", lambda self: False)
    mirror, client = _mirror_of_one(tmp_path)
    first, second = (mirror.temp(client, data) for data in (b"one", b"two"))
    temps, away = tmp_path / client / ".syncd" / "tmp", tmp_path / "away"
    mirror.rest()
    temps.rename(away)
    mirror.sync_temps([(client, first)])
    away.rename(temps)
    mirror.sync_temps([(client, second)])
    mirror.place(client, second, DiskPath("two"))
    with pytest.raises(Stale, match="durable"):
        mirror.place(client, first, DiskPath("one"))
    mirror.sync_temps([(client, first)])
    mirror.place(client, first, DiskPath("one"))


def _mirror_of_one(root: Path) -> tuple[DiskMirror, str]:
    cabinet = "c" * 32
    init_root(str(root), cabinet)
    mirror = DiskMirror(str(root), settle=0.0)
    mirror.make_client("001 - Client", ClientMarker("d" * 32, cabinet, "001"))
    return mirror, "001 - Client"
