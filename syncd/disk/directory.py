"""An open directory, and what is done to the names in it: the one way to whatever lies below a mirror's root (ADR 13).

Nothing here takes a path down to a thing: a directory is opened from the one above it, a thing by its name in an open
directory. So whoever swaps a directory for a link, at whatever moment, gets nothing read, written, moved or removed
elsewhere: what is open stays the directory it was.

Each system has a `Directory` of its own, with these names and one contract (tests/disk), and nobody above knows which.
"""

from __future__ import annotations

import sys

from syncd.disk.errors import NotADocument, NotOurs, OtherDisk

if sys.platform == "win32":
    from syncd.disk.windows.directory import Directory
else:
    from syncd.disk.posix.directory import Directory

__all__ = ["Directory", "NotADocument", "NotOurs", "OtherDisk"]
