"""Places of a client as tests name them."""

from __future__ import annotations

from syncd.core.paths import ClientPath, DiskPath


def both(path: str) -> tuple[ClientPath, DiskPath]:
    """A place that is spelled alike at the portal and on the disk."""
    return ClientPath(path), DiskPath(path)
