"""What a disk can do, tried in a directory of the engine's own; each system has its way (RULES 6)."""

from __future__ import annotations

import sys

from syncd.core.disk_traits import TRUE, DiskTraits

if sys.platform == "win32":
    from syncd.disk.directory import Directory

    def mounted(directory: Directory) -> str:
        """Which disk with which options, as long as it is not another one."""
        return ""

    def assumed(directory: Directory) -> DiskTraits:
        return TRUE

    def measured(own: Directory, at: float) -> DiskTraits:
        """NTFS, whose change time its listing knows."""
        return DiskTraits(name="NTFS", at=at, exchange=False, grain_ns=100, case=False)

else:
    from syncd.disk.posix.traits import assumed, measured, mounted

__all__ = ["assumed", "measured", "mounted"]
