"""The cabinet's file server: scan, place, set aside, markers. Touches and decides nothing."""

from syncd.local.mirror import DiskMirror

__all__ = ["DiskMirror"]
