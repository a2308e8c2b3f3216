"""A new name is never given over anything, on disks that lack the flag for it, or links as well (HAZARDS 57)."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from syncd.disk import durability, rename
from syncd.disk.directory import Directory


@pytest.fixture(params=["no flag", "neither flag nor links"])
def poor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Directory:
    monkeypatch.setattr(rename, "_call", lambda *args: False)
    if request.param != "no flag":

        def link(*args: Any, **kwargs: Any) -> None:
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", link)
    return Directory.at(str(tmp_path))


def test_a_document_gets_a_free_name(poor: Directory, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "folder").mkdir()
    poor.move("a", poor.open("folder"), "b")
    assert (tmp_path / "folder" / "b").read_bytes() == b"one" and os.listdir(tmp_path) == ["folder"]


@pytest.mark.parametrize("what", ["document", "empty", "folder", "link"])
def test_whatever_bears_the_name_keeps_it(poor: Directory, tmp_path: Path, what: str) -> None:
    (tmp_path / "a").write_bytes(b"one")
    taken = tmp_path / "b"
    match what:
        case "folder":
            taken.mkdir()
        case "link":
            taken.symlink_to("nowhere")
        case _:
            taken.write_bytes(b"" if what == "empty" else b"another")
    before = taken.lstat()
    with pytest.raises(FileExistsError):
        poor.move("a", poor, "b")
    assert (tmp_path / "a").read_bytes() == b"one" and taken.lstat() == before


@pytest.fixture
def poorest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Directory:
    monkeypatch.setattr(rename, "_call", lambda *args: False)
    monkeypatch.setattr(os, "link", _no_links)
    return Directory.at(str(tmp_path))


def _no_links(*args: Any, **kwargs: Any) -> None:
    raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))


@pytest.mark.parametrize("how", ["saved into", "saved over", "removed"])
def test_what_somebody_puts_in_the_place_meanwhile_stays(
    poorest: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    (tmp_path / "a").write_bytes(b"one")
    target, made = tmp_path / "b", os.open

    def opened(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        found = made(path, flags, *args, **kwargs)
        if path == "b":  # somebody comes to that very name right after the placeholder
            if how == "saved into":
                target.write_bytes(b"theirs")
            else:
                target.unlink()
            if how == "saved over":
                target.write_bytes(b"theirs")
        return found

    monkeypatch.setattr(os, "open", opened)
    with pytest.raises(FileExistsError):
        poorest.move("a", poorest, "b")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert target.exists() == (how != "removed") and (how == "removed" or target.read_bytes() == b"theirs")


def test_no_placeholder_stays_where_the_rename_fails(
    poorest: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"one")

    def failing(*args: Any, **kwargs: Any) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "rename", failing)
    with pytest.raises(OSError, match="Input/output"):
        poorest.move("a", poorest, "b")
    assert os.listdir(tmp_path) == ["a"]


def test_a_disk_behind_a_daemon_or_a_server_is_not_synced_by_one_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system answers that all is written, and has asked neither ntfs-3g nor a share: each file is synced, then."""
    with Directory.at(str(tmp_path)) as directory:
        assert directory.sync_disk()
        seen: list[int] = []
        monkeypatch.setattr(durability, "_NOT_ASKED", _Everything(seen))
        assert not directory.sync_disk() and seen


class _Everything:
    """Whatever kind the disk here is, it is one of those."""

    def __init__(self, seen: list[int]) -> None:
        self.seen = seen

    def __contains__(self, kind: int) -> bool:
        self.seen.append(kind)
        return True
