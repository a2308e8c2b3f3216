"""The directory that a person chose for the bags: what its disk takes, and that one retrieval at a time writes there."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from syncd.core.errors import AlreadyRunning, SyncdError, UsageError
from syncd.core.words import faults
from syncd.disk.directory import Directory
from syncd.disk.lock import FileLock, Held
from syncd.jobs.retrieve.ledger import LOCK

WORK = ".syncd-retrieve"
FAT = frozenset({"vfat", "msdos", "fat", "fat32"})
MOST_ON_FAT = 2**32 - 1  # bytes of one file
SPARE = 64_000_000  # bytes that are left free, and what lists and pages may take of them
_ODD = 'a?b:c"é.tmp'  # what Windows, and its disks, do not take


class Target(msgspec.Struct, frozen=True):
    """`portable`: names are to be such as Windows takes; `most`: bytes of one file, 0: no limit known."""

    path: Path
    directory: Directory
    work: Directory
    portable: bool
    most: int

    def free(self) -> int:
        return shutil.disk_usage(self.path).free


@contextlib.contextmanager
def opened(path: Path, file_system: str) -> Iterator[Target]:
    """`file_system`: the kind of disk it lies on. Raises AlreadyRunning where another retrieval is at work there,
    SyncdError where nothing can be written."""
    with told(path):
        path.mkdir(parents=True, exist_ok=True)
        directory = Directory.at(str(path))
        with contextlib.suppress(FileExistsError):
            directory.make(WORK, private=True)
        work = directory.open(WORK)
    lock = FileLock(path / WORK / LOCK)
    try:
        with told(path):
            lock.acquire()
    except Held:
        raise AlreadyRunning(faults.RETRIEVING_THERE.of(to=path), mend=faults.RETRIEVING_THERE_MEND.of()) from None
    try:
        with told(path):
            portable = os.name == "nt" or not _takes(work, _ODD)
        yield Target(path, directory, work, portable, MOST_ON_FAT if file_system.lower() in FAT else 0)
    finally:
        lock.release()


def put_away(target: Target) -> None:
    """The retrieval's own directory, where nothing is left to be gone on with."""
    with contextlib.suppress(OSError):
        if target.work.names() == [LOCK]:
            (target.path / WORK / LOCK).unlink()
            (target.path / WORK).rmdir()


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """What the disk says becomes a sentence: full, taken away, or not to be written to."""
    try:
        yield
    except OSError as e:
        raise SyncdError(
            faults.TARGET_FAILED.of(to=path, why=e.strerror or str(e)), mend=faults.TARGET_FAILED_MEND.of()
        ) from e


def check_room(target: Target, needed: int) -> None:
    """Raises UsageError before anything is brought."""
    free = target.free()
    if free < needed + SPARE:
        from syncd.core import words

        raise UsageError(
            faults.NO_ROOM.of(to=target.path, needed=words.size(needed + SPARE), free=words.size(free)),
            mend=faults.NO_ROOM_MEND.of(),
        )


def _takes(work: Directory, name: str) -> bool:
    name = f"{secrets.token_hex(2)}{name}"
    try:
        os.close(work.create(name))
    except OSError:
        return False
    taken = name in work.names()
    with contextlib.suppress(OSError):
        work.remove(name)
    return taken
