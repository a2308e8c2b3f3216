"""The embedded database's files: a commit of any process moves them."""

from __future__ import annotations

import os
from collections.abc import Collection


class FileWaker:
    """Keeps to `Waker`."""

    period = 0.25

    def __init__(self, path: str) -> None:
        self._paths = (path, f"{path}-wal")
        self._seen: tuple[tuple[int, int], ...] = ()

    def moved(self) -> Collection[str] | None:
        found = []
        for path in self._paths:
            try:
                st = os.stat(path)  # noqa: PTH116 - four times a second
            except OSError:
                continue
            found.append((st.st_size, st.st_mtime_ns))
        before, self._seen = self._seen, tuple(found)
        return () if found and before == self._seen else None

    def told(self, cabinet: str) -> None:
        """The files say it."""
