"""Room on the portal's disk: a reserve that nothing from outside touches, and one that the database may have (HAZARDS 50)."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from pathlib import Path

from django.conf import settings

from syncd.portal.storage.port import NoRoom
from syncd.portal.storage.write_errors import full

SPARE = 64_000_000  # bytes held for the database, less where the reserve is small


def private(path: str, flags: int) -> int:
    """An opener: what is made by it is nobody else's to read."""
    return os.open(path, flags, 0o600)


def left(where: str | Path) -> int:
    """Bytes that may still be written there; below 0 when the reserve is touched."""
    reserve: int = settings.RESERVE
    return shutil.disk_usage(where).free - reserve


def admit(where: str | Path, count: int) -> None:
    """`count` bytes are about to be written there. Raises NoRoom."""
    if left(where) < count:
        raise NoRoom


def _directories() -> dict[str, Path]:
    named = {"data": settings.DATA, "blobs": settings.BLOBS, "uploads": settings.UPLOADS}
    return {name: where for name, where in named.items() if where.is_dir()}


def low() -> bool:
    """Whether something else has eaten into the reserve: said by /healthz, while there is time to do something."""
    return any(left(where) < 0 for where in _directories().values())


def free() -> dict[str, int]:
    """Bytes free on the disk of each of the portal's directories."""
    return {name: shutil.disk_usage(where).free for name, where in _directories().items()}


def tend() -> None:
    """Now and then: the database's spare room is held while there is plenty, and given up before the disk is full."""
    size = min(SPARE, settings.RESERVE // 16)
    spare, free = settings.DATA / "spare", shutil.disk_usage(settings.DATA).free
    if spare.exists():
        if free < size:
            give_up()
    elif free > settings.RESERVE + size > size:
        with contextlib.suppress(OSError), spare.open("xb") as f:
            os.posix_fallocate(f.fileno(), 0, size)  # really there, and not written: a hole would hold nothing


def help_out(fault: BaseException | None) -> None:
    """The disk was full to the last byte for something: the database's next write finds what was held for it."""
    if full(fault) and not isinstance(fault, NoRoom):
        give_up()


def give_up() -> None:
    """The database needs what was held for it, now."""
    with contextlib.suppress(FileNotFoundError):
        (settings.DATA / "spare").unlink()
        logging.getLogger(__name__).error("the portal's disk is full: the room held for the database was given up")
