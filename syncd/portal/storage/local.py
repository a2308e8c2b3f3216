"""Bytes of versions on a local disk. A blob's name is its version's id (RULES 8)."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from syncd.core.content import Content
from syncd.disk import hashing, rename, sync
from syncd.portal.storage import disk_reserve


class LocalBlobs:
    """Order: `temp` each → `publish` all (one sync → names → directories) → the caller's transaction."""

    def __init__(self, root: Path, *, guarded: bool = False) -> None:
        """`guarded`: what comes in stops at the disk's reserve (NoRoom)."""
        self._root, self._guarded = str(root), guarded

    def temp(self, data: bytes) -> str:
        path = f"{self._temps}/{secrets.token_hex(16)}"
        self._admit(len(data))
        try:
            hashing.write_new(path, data)
        except OSError:
            self.drop_temp(path)
            raise
        return path

    def _admit(self, count: int) -> None:
        if self._guarded:
            disk_reserve.admit(self._root, count)

    def temp_of(self, source: BinaryIO) -> tuple[str, Content]:
        """A stream of any size, a chunk at a time, and what it held."""
        path = f"{self._temps}/{secrets.token_hex(16)}"
        try:
            with open(path, "xb", opener=disk_reserve.private) as f:
                while data := source.read(1024 * 1024):
                    self._admit(len(data))
                    f.write(data)
        except BaseException:
            self.drop_temp(path)
            raise
        return path, hashing.hash_file(path)[0]

    def sweep(self, older: float) -> None:
        """Temporary files of whoever ended in the middle; `older`: seconds since anybody wrote to them."""
        for entry in os.scandir(self._temps):
            with contextlib.suppress(OSError):
                if entry.stat().st_mtime < time.time() - older:
                    os.unlink(entry.path)

    @functools.cached_property
    def _temps(self) -> str:
        own = os.path.join(self._root, "tmp")
        os.makedirs(own, 0o700, exist_ok=True)
        return own

    def publish(self, temps: Sequence[tuple[str, str]]) -> None:
        """Give each (temp, version id) its name, durably."""
        if not temps:
            return
        sync.sync_files([temp for temp, _ in temps])
        targets = [self.path(version_id) for _, version_id in temps]
        folders = {os.path.dirname(target) for target in targets}
        new = [folder for folder in folders if not os.path.isdir(folder)]
        for folder in new:
            os.makedirs(folder, 0o700, exist_ok=True)
        for (temp, _), target in zip(temps, targets, strict=True):
            rename.move_no_replace(temp, target)
        sync.sync_directories({*folders, self._root} if new else folders)

    def take_back(self, named: Sequence[tuple[str, str]]) -> None:
        """Of (temp, version id) as they were given to `publish`: each is a temporary file again. Absent: nothing."""
        for temp, version_id in named:
            with contextlib.suppress(FileNotFoundError):
                rename.move_no_replace(self.path(version_id), temp)

    def drop_temp(self, temp: str) -> None:
        """A body that is no document, or that has its name by now."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temp)

    @contextlib.contextmanager
    def used_up(self, temp: str) -> Iterator[None]:
        """Whatever comes of it, nothing is left of a temporary file at its end."""
        try:
            yield
        finally:
            self.drop_temp(temp)

    @property
    def root(self) -> str:
        return self._root

    def names(self) -> Iterator[tuple[str, str]]:
        """(name, path) of every file that has, or looks as if it had, a version's name."""
        for folder in sorted(os.listdir(self._root)):
            at = os.path.join(self._root, folder)
            if folder != "tmp" and os.path.isdir(at):
                yield from ((name, os.path.join(at, name)) for name in sorted(os.listdir(at)))

    def move_away(self, name: str, why: str) -> None:
        """Out of the way, never deleted: into the directory `why` beside the blobs. Absent: nothing."""
        source = self.path(name)
        kept = os.path.join(os.path.dirname(self._root), why)
        os.makedirs(kept, 0o700, exist_ok=True)
        target, n = os.path.join(kept, name), 1
        while os.path.lexists(target):
            n += 1
            target = os.path.join(kept, f"{name}-{n}")
        with contextlib.suppress(FileNotFoundError):
            rename.move_no_replace(source, target)
            sync.sync_directories([kept, os.path.dirname(source)])

    def path(self, version_id: str) -> str:
        return f"{self._root}/{version_id[:2]}/{version_id}"

    def is_there(self, version_id: str, size: int) -> bool:
        """Whether there are as many bytes as there should be; whether they are the right ones, only reading tells."""
        try:
            return os.stat(self.path(version_id)).st_size == size
        except OSError:
            return False

    def read(self, version_id: str) -> bytes:
        with open(self.path(version_id), "rb") as f:
            return f.read()

    def prove(self, version_id: str) -> tuple[Content, str]:
        """What it holds, and the XXH3-128 (hex) that tells from now on whether it still does."""
        return hashing.prove_file(self.path(version_id))

    def mark(self, version_id: str) -> str:
        return hashing.mark_file(self.path(version_id))

    def available(self) -> bool:
        """False when the storage is missing: the portal then answers 503, never an empty list (HAZARDS 2)."""
        return os.path.isdir(self._root)

    def try_writing(self) -> None:
        """Raises OSError when what comes in could not be kept: no directory, or one that another account made."""
        if not self.available():
            raise FileNotFoundError(errno.ENOENT, "the storage is missing")
        try_writing(self._temps)
        for entry in os.scandir(self._root):
            if entry.is_dir() and not os.access(entry.path, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "a directory of the storage is another account's")


def try_writing(directory: str) -> None:
    """Raises OSError when no file can be made there."""
    fd, path = tempfile.mkstemp(prefix="try-", dir=directory)
    try:
        os.write(fd, b"?")
    finally:
        os.close(fd)
        os.unlink(path)


def store() -> LocalBlobs:
    from django.conf import settings

    return LocalBlobs(settings.BLOBS, guarded=True)
