"""An open document, as its system reads it: `status`, `read`, and `synced` for a file that was just closed."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from syncd.disk.windows.document import read, status, synced
else:
    from syncd.disk.posix.document import read, status, synced

__all__ = ["read", "status", "synced"]
