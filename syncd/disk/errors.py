"""What may be in the way of whoever goes down from an open directory."""

from __future__ import annotations

import errno


class OtherDisk(OSError):
    """Another disk, or another part of one, is mounted at `filename`."""

    def __init__(self, where: str) -> None:
        super().__init__(errno.EXDEV, "another disk is mounted here", where)


class NotOurs(OSError):
    """What should be the engine's own is a link, something else than it should be, or another account's."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(errno.EPERM, why, where)


class NotADocument(OSError):
    """A link, fifo, socket, device or directory where a document should be."""

    def __init__(self, where: str) -> None:
        super().__init__(errno.EINVAL, "not a document", where)
