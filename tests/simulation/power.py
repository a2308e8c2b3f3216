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

from syncd.disk import rename, sync
from syncd.local import markers
from syncd.local.mirror import DiskMirror


@dataclass
class Op:
    """Lasts when every directory in `needs` was synced after it."""

    needs: set[str]
    undo: Callable[[], None]


@dataclass
class Disk:
    """The durable part of a file system, as far as the engine has changed it."""

    log: list[Op] = field(default_factory=list)
    unsynced: set[int] = field(default_factory=set)
    undone: int = 0
    cut: int = 0

    def did(self, needs: Iterable[str], undo: Callable[[], None]) -> None:
        self.log.append(Op({os.path.realpath(d) for d in needs}, undo))

    def wrote(self, path: str) -> None:
        self.unsynced.add(os.stat(path).st_ino)

    def synced_files(self, paths: Iterable[str]) -> None:
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                self.unsynced.discard(os.stat(path).st_ino)

    def synced_directories(self, directories: Iterable[str]) -> None:
        done = {os.path.realpath(d) for d in directories}
        for op in self.log:
            op.needs -= done
        self.log = [op for op in self.log if op.needs]

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
    move, exchange, write = rename.move_no_replace, rename.exchange, markers.write

    def moving(source: str, target: str) -> None:
        move(source, target)
        disk.did({os.path.dirname(source), os.path.dirname(target)}, _rename_back(source, target))

    def exchanging(one: str, other: str) -> bool:
        if not exchange(one, other):
            return False
        inodes = os.lstat(one).st_ino, os.lstat(other).st_ino

        def undo() -> None:
            if (os.lstat(one).st_ino, os.lstat(other).st_ino) != inodes:
                raise OSError
            exchange(one, other)

        disk.did({os.path.dirname(one), os.path.dirname(other)}, undo)
        return True

    def marking(directory: str, name: str, data: dict[str, Any], *, durable: bool = True) -> str:
        path = os.path.join(directory, markers.ENGINE, name)
        before = None
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as f:
            before = f.read()
        write(directory, name, data, durable=durable)
        if not durable and before is not None:
            disk.wrote(path)
            old = before

            def undo() -> None:
                with open(path + ".old", "wb") as f:
                    f.write(old)
                os.replace(path + ".old", path)

            disk.did({os.path.dirname(path)}, undo)
        return path

    class Mirror(DiskMirror):
        def temp(self, client: str, data: bytes) -> str:
            name = super().temp(client, data)
            disk.wrote(os.path.join(self._own(client, "tmp"), name))
            return name

        def link(self, client: str, disk_: str, to: str, expect: Any) -> Any:
            stamp = super().link(client, disk_, to, expect)
            target = self._at(client, to)
            disk.did({os.path.dirname(target)}, lambda: os.unlink(target))
            return stamp

        def _make_directories(self, client: str, disk_: str) -> list[str]:
            top, new = os.path.join(self._root, client), []
            for n in range(1, disk_.count("/") + 2):
                at = os.path.join(top, *disk_.split("/")[:n])
                if not os.path.lexists(at):
                    new.append(at)
            way = super()._make_directories(client, disk_)
            for at in new:
                disk.did({os.path.dirname(at)}, lambda at=at: os.rmdir(at))
            return way

    patch.setattr(rename, "move_no_replace", moving)
    patch.setattr(rename, "exchange", exchanging)
    patch.setattr(markers, "write", marking)
    patch.setattr(sync, "sync_files", disk.synced_files)
    patch.setattr(sync, "fsync_path", lambda path: disk.synced_files([path]))
    patch.setattr(sync, "sync_directories", disk.synced_directories)
    patch.setattr(sync, "sync_directory", lambda path: disk.synced_directories([path]))
    try:
        yield Mirror
    finally:
        patch.undo()
