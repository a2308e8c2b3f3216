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
from syncd.disk import durability, hashing, rename
from syncd.portal.storage import disk_reserve
from syncd.portal.storage.port import Held, Staged

CHUNK = 1024 * 1024


class LocalBlobs:
    """Keeps to `port.BlobStore`. Staged is the path of a temporary file."""

    def __init__(self, root: Path, *, guarded: bool = False) -> None:
        """`guarded`: what comes in stops at the disk's reserve (NoRoom)."""
        self._root, self._guarded = str(root), guarded

    def stage(self, data: bytes) -> Staged:
        staged = self._new()
        self._admit(len(data))
        try:
            hashing.write_new(staged, data)
        except OSError:
            self.drop_staged(staged)
            raise
        return staged

    def stage_from(self, source: BinaryIO) -> tuple[Staged, Content]:
        staged = self._new()
        try:
            with open(staged, "xb", opener=disk_reserve.private) as f:
                while data := source.read(CHUNK):
                    self._admit(len(data))
                    f.write(data)
        except BaseException:
            self.drop_staged(staged)
            raise
        return staged, hashing.hash_file(staged)[0]

    def _new(self) -> Staged:
        return Staged(f"{self._staging}/{secrets.token_hex(16)}")

    def _admit(self, count: int) -> None:
        if self._guarded:
            disk_reserve.admit(self._root, count)

    def sweep(self, older: float) -> None:
        if not self.available():
            return
        with os.scandir(self._staging) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.stat().st_mtime < time.time() - older:
                        os.unlink(entry.path)

    @functools.cached_property
    def _staging(self) -> str:
        own = os.path.join(self._root, "tmp")
        with contextlib.suppress(FileExistsError):
            os.mkdir(own, 0o700)  # nothing above it: a storage that is missing is not begun anew, and written to
        return own

    def publish(self, named: Sequence[tuple[Staged, str]]) -> None:
        if not named:
            return
        durability.sync_files([staged for staged, _ in named])
        targets = [self._path(version_id) for _, version_id in named]
        folders = {os.path.dirname(target) for target in targets}
        new = [folder for folder in folders if not os.path.isdir(folder)]
        for folder in new:
            os.makedirs(folder, 0o700, exist_ok=True)
        for (staged, _), target in zip(named, targets, strict=True):
            rename.move_no_replace(staged, target)
        durability.sync_directories({*folders, self._root} if new else folders)

    def take_back(self, named: Sequence[tuple[Staged, str]]) -> None:
        for staged, version_id in named:
            with contextlib.suppress(FileNotFoundError):
                rename.move_no_replace(self._path(version_id), staged)

    def drop_staged(self, staged: Staged) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(staged)

    @contextlib.contextmanager
    def used_up(self, staged: Staged) -> Iterator[None]:
        try:
            yield
        finally:
            self.drop_staged(staged)

    def held(self) -> Iterator[Held]:
        for folder in sorted(os.listdir(self._root)):
            at = os.path.join(self._root, folder)
            if folder != "tmp" and os.path.isdir(at):
                for name in sorted(os.listdir(at)):
                    with contextlib.suppress(FileNotFoundError):  # taken back meanwhile
                        yield Held(name, os.lstat(os.path.join(at, name)).st_ctime, os.path.join(folder, name))

    def move_away(self, name: str, why: str) -> None:
        """Into the directory `why` beside the blobs."""
        source = self._path(name)
        kept = os.path.join(os.path.dirname(self._root), why)
        os.makedirs(kept, 0o700, exist_ok=True)
        target, n = os.path.join(kept, name), 1
        while os.path.lexists(target):
            n += 1
            target = os.path.join(kept, f"{name}-{n}")
        with contextlib.suppress(FileNotFoundError):
            rename.move_no_replace(source, target)
            durability.sync_directories([kept, os.path.dirname(source)])

    def _path(self, version_id: str) -> str:
        return f"{self._root}/{version_id[:2]}/{version_id}"

    def is_there(self, version_id: str, size: int) -> bool:
        try:
            return os.stat(self._path(version_id)).st_size == size
        except OSError:
            return False

    def read(self, version_id: str) -> bytes:
        with self.open(version_id) as f:
            return f.read()

    def open(self, version_id: str) -> BinaryIO:
        return open(self._path(version_id), "rb")

    def size(self, version_id: str) -> int:
        return os.stat(self._path(version_id)).st_size

    def prove(self, version_id: str) -> tuple[Content, str]:
        return hashing.prove_file(self._path(version_id))

    def mark(self, version_id: str) -> str:
        return hashing.mark_file(self._path(version_id))

    def available(self) -> bool:
        return os.path.isdir(self._root)

    def try_writing(self) -> None:
        """No directory, or one that another account made, is an OSError too."""
        if not self.available():
            raise FileNotFoundError(errno.ENOENT, "the storage is missing")
        try_writing(self._staging)
        with os.scandir(self._root) as entries:
            if any(e.is_dir() and not os.access(e.path, os.W_OK | os.X_OK) for e in entries):
                raise PermissionError(errno.EACCES, "a directory of the storage is another account's")


def try_writing(directory: str) -> None:
    """Raises OSError when no file can be made there."""
    fd, path = tempfile.mkstemp(prefix="try-", dir=directory)
    try:
        os.write(fd, b"?")
    finally:
        os.close(fd)
        os.unlink(path)
