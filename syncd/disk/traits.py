"""What a disk can do, tried in a directory of the engine's own; each system has its way (RULES 6)."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from syncd.disk.windows.traits import assumed, measured, mounted
else:
    from syncd.disk.posix.traits import assumed, measured, mounted

__all__ = ["assumed", "measured", "mounted"]
