"""A document's bytes for a package, by way of open directories: nothing is followed out of the client's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from syncd.core import paths
from syncd.core.packages.manifest import Entry
from syncd.core.paths import DiskPath
from syncd.disk import open_document
from syncd.disk.directory import Directory
from syncd.package_file.archive import CHUNK


class Reader:
    """`top`: the client's directory. `disk`: how a document's place is spelled there. The last folder stays open until the next
    one, or `close`."""

    def __init__(self, top: Directory, disk: Callable[[str], DiskPath]) -> None:
        self._top, self._disk = top, disk
        self._folder: Directory | None = None
        self._up = ""

    def __call__(self, entry: Entry) -> Iterator[bytes]:
        """Raises OSError."""
        disk = self._disk(entry.path)
        fd = self._in(paths.parent(disk)).document(paths.name(disk))
        try:
            while chunk := open_document.read(fd, CHUNK):
                yield chunk
        finally:
            os.close(fd)

    def _in(self, up: str) -> Directory:
        if not up:
            return self._top
        if self._folder is None or self._up != up:
            self.close()
            self._folder, self._up = self._top.open(up), up
        return self._folder

    def close(self) -> None:
        if self._folder is not None:
            self._folder.close()
            self._folder = None
