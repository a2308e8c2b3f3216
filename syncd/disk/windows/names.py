"""What may be a name of something in a directory."""

from __future__ import annotations

import errno

_NONE = frozenset(("", ".", ".."))
_LEAVES = frozenset("/\\:\0")  # another directory, or another stream of the same document


class NotAName(OSError, ValueError):
    """ValueError as everywhere; and OSError, since elsewhere it is one: that document cannot be made here."""

    def __init__(self, name: str) -> None:
        super().__init__(errno.EINVAL, "no name on Windows", name)


def checked(name: str) -> str:
    if name in _NONE or not _LEAVES.isdisjoint(name):
        raise NotAName(name)
    return name


def parts(below: str) -> list[str]:
    return [checked(part) for part in below.split("/")]
