"""An open document."""

from __future__ import annotations

import os

status, read = os.fstat, os.read


def synced(path: str) -> None:
    """Make the bytes of a closed file durable; of a directory: the names in it."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
