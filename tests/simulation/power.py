"""What power loss leaves of a disk: names and bytes that were not synced may be gone, whole or in part.

Every rename, exchange, link, new directory and new file of the engine is logged with what undoes it and the directories
that have to be synced before it lasts. At a crash, a random tail of what does not last is undone, newest first, and
bytes that were never synced are cut at a random length. What people do is another program's, and lasts at once.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from syncd.disk import durability, rename
from syncd.disk.directory import Directory
from syncd.local import markers
from syncd.local.mirror import DiskMirror


@dataclass
class Op:
    """Lasts when every directory in `needs` (its inode: it may be carried elsewhere) was synced after it."""

    needs: set[int]
    undo: Callable[[], None]


@dataclass
class Disk:
    """The durable part of a file system, as far as the engine has changed it."""

    log: list[Op] = field(default_factory=list)
    unsynced: set[int] = field(default_factory=set)
    undone: int = 0
    cut: int = 0

    def did(self, needs: Iterable[Directory | str], undo: Callable[[], None]) -> None:
        self.log.append(Op({_inode(d) for d in needs}, undo))

    def wrote(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):  # carried away meanwhile: it lasts as it is
            self.unsynced.add(os.stat(path).st_ino)

    def synced_files(self, paths: Iterable[str]) -> None:
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                self.unsynced.discard(os.stat(path).st_ino)

    def synced_directories(self, directories: Iterable[Directory | str]) -> None:
        done = {_inode(d) for d in directories}
        for op in self.log:
            op.needs -= done
        self.log = [op for op in self.log if op.needs]

    def synced_all(self) -> bool:
        self.log, self.unsynced = [], set()
        return True

    def lose_power(self, root: str, rng: random.Random) -> None:
        for op in reversed(self.log[rng.randint(0, len(self.log)) :]):
            with contextlib.suppress(OSError):  # somebody else's later change stands in the way: it lasted, so did this
                op.undo()
                self.undone += 1
        for directory, _, files in os.walk(root):
            for name in files:
                path = os.path.join(directory, name)
                if os.lstat(path).st_ino in self.unsynced:
                    os.truncate(path, rng.randint(0, os.path.getsize(path)))
                    self.cut += 1
        self.log, self.unsynced = [], set()


def _inode(directory: Directory | str) -> int:
    return (os.stat(directory) if isinstance(directory, str) else directory.status()).st_ino


def _rename_back(source: str, target: str) -> Callable[[], None]:
    inode = os.lstat(target).st_ino

    def undo() -> None:
        if os.lstat(target).st_ino != inode or os.path.lexists(source):
            raise OSError
        os.rename(target, source)

    return undo


@contextlib.contextmanager
def on(disk: Disk) -> Iterator[type[DiskMirror]]:
    """The engine's calls go through the model; yields the mirror to use."""
    patch = pytest.MonkeyPatch()
    _names(disk, patch)
    _entries(disk, patch)
    _markers(disk, patch)
    _syncs(disk, patch)
    try:
        yield DiskMirror
    finally:
        patch.undo()


def _at(directory: Directory, name: str) -> str:
    return os.path.join(directory.where, name)


def _names(disk: Disk, patch: pytest.MonkeyPatch) -> None:
    move, exchange, link = Directory.move, Directory.exchange, Directory.link

    def moving(source: Directory, name: str, target: Directory, to: str) -> None:
        move(source, name, target, to)
        with contextlib.suppress(FileNotFoundError):  # done in a directory that was carried away: it lasts
            disk.did((source, target), _rename_back(_at(source, name), _at(target, to)))

    def exchanging(one: Directory, name: str, other: Directory, with_: str) -> bool:
        if not exchange(one, name, other, with_):
            return False
        here, there = _at(one, name), _at(other, with_)
        if not (os.path.lexists(here) and os.path.lexists(there)):
            return True  # done in a directory that was carried away: it lasts
        inodes = os.lstat(here).st_ino, os.lstat(there).st_ino

        def undo() -> None:
            if (os.lstat(here).st_ino, os.lstat(there).st_ino) != inodes:
                raise OSError
            rename.exchange(here, there)

        disk.did((one, other), undo)
        return True

    def linking(source: Directory, name: str, target: Directory, to: str) -> None:
        link(source, name, target, to)
        disk.did((target,), lambda: os.unlink(_at(target, to)))

    patch.setattr(Directory, "move", moving)
    patch.setattr(Directory, "exchange", exchanging)
    patch.setattr(Directory, "link", linking)


def _entries(disk: Disk, patch: pytest.MonkeyPatch) -> None:
    make, create, remove = Directory.make, Directory.create, Directory.remove

    def making(directory: Directory, name: str, *, private: bool = False) -> None:
        make(directory, name, private=private)
        disk.did((directory,), lambda: os.rmdir(_at(directory, name)))

    def creating(directory: Directory, name: str, *, private: bool = True) -> int:
        found = create(directory, name, private=private)
        disk.unsynced.add(os.fstat(found).st_ino)
        return found

    def removing(directory: Directory, name: str) -> None:
        held = directory.stat(name)
        remove(directory, name)
        if held.st_nlink == 1:  # the next file, of whomever, may bear its inode
            disk.unsynced.discard(held.st_ino)

    patch.setattr(Directory, "make", making)
    patch.setattr(Directory, "create", creating)
    patch.setattr(Directory, "remove", removing)


def _markers(disk: Disk, patch: pytest.MonkeyPatch) -> None:
    write = markers.write

    def marking(holder: Directory, name: str, data: dict[str, Any], *, durable: bool = True) -> Directory:
        path = os.path.join(holder.where, markers.ENGINE, name)
        before = None
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as f:
            before = f.read()
        own = write(holder, name, data, durable=durable)
        if not durable and before is not None:
            disk.wrote(path)
            old = before

            def undo() -> None:
                with open(path + ".old", "wb") as f:
                    f.write(old)
                os.replace(path + ".old", path)

            disk.did((os.path.dirname(path),), undo)
        return own

    patch.setattr(markers, "write", marking)


def _syncs(disk: Disk, patch: pytest.MonkeyPatch) -> None:
    def documents(found: Iterable[tuple[Directory, str]]) -> None:
        for directory, name in found:
            with contextlib.suppress(FileNotFoundError):
                disk.unsynced.discard(directory.stat(name).st_ino)

    patch.setattr(Directory, "sync_disk", lambda directory: disk.synced_all())
    patch.setattr(durability, "sync_files", disk.synced_files)
    patch.setattr(durability, "fsync_path", lambda path: disk.synced_files([path]))
    patch.setattr(durability, "sync_directories", disk.synced_directories)
    patch.setattr(durability, "sync_directory", lambda path: disk.synced_directories([path]))
    patch.setattr(durability, "sync_documents", documents)
    patch.setattr(durability, "sync_names", lambda found: disk.synced_directories(found))
