"""An open document, as its system reads it: `status`, `read`, `date`, and `synced` for a file that was just closed."""

from __future__ import annotations

import contextlib
import os
import sys

if sys.platform == "win32":
    from syncd.disk.windows.open_document import read, status, synced
else:
    from syncd.disk.posix.open_document import read, status, synced

__all__ = ["date", "read", "status", "synced"]


def date(fd: int, modified: float) -> None:
    """Put its own date, in seconds since 1970, on an open file of the engine's. Nothing where the disk or its system does
    not take it: nothing is decided by it."""
    if os.utime in os.supports_fd:
        with contextlib.suppress(OSError):
            os.utime(fd, ns=(status(fd).st_mtime_ns, int(modified * 1e9)))
