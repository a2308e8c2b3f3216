"""The tree of documents from before: listed and read through open directories, never opened for writing (RULES 6)."""

from __future__ import annotations

import errno
import stat
from collections.abc import Collection, Iterable, Iterator

from syncd.core import paths
from syncd.core.content import Stamp
from syncd.core.ignore_patterns import Ignore
from syncd.disk.directory import Directory, OtherDisk
from syncd.disk.hashing import stamp_of
from syncd.disk.status import same
from syncd.ports.migration import OldFolder, SourceAway

BAG, PAYLOAD = "bagit.txt", "data"


class DiskOldTree:
    """Raises SourceAway, also where the place at `path` is not what it was when this was made."""

    def __init__(self, path: str, ignore: Iterable[str] = ()) -> None:
        self._path, self._ignore = path, Ignore(ignore)
        try:
            self._root = Directory.at(path)
            self._was = self._root.status()
        except OSError as e:
            raise SourceAway(e.errno or errno.EIO, e.strerror or str(e), path) from None

    def close(self) -> None:
        self._root.close()

    def top(self) -> tuple[list[str], list[str]]:
        folder = self._listed("", "")
        if folder[0].fault:
            raise SourceAway(errno.EIO, folder[0].fault, self._path)
        return folder[1], [name for name, _ in folder[0].documents] + list(folder[0].links)

    def find(self, path: str) -> str | None:
        found = ""
        for part in path.split("/"):
            _, below = self._listed(found, "")
            named = part if part in below else next((b for b in below if paths.nfc(b) == paths.nfc(part)), None)
            if named is None:
                self._check()
                return None
            found = paths.join(found, named)
        return found

    def walk(self, source: str, but: Collection[str] = ()) -> Iterator[OldFolder]:
        waiting = [(source, "")]
        while waiting:
            path, below = waiting.pop()
            folder, under = self._listed(path, below)
            if not below and PAYLOAD in under and any(name == BAG for name, _ in folder.documents):
                waiting.append((paths.join(path, PAYLOAD), ""))
                continue
            yield folder
            down = [(paths.join(path, name), paths.join(below, name)) for name in under]
            waiting.extend(one for one in reversed(down) if one[0] not in but)

    def read(self, path: str, expect: Stamp) -> int:
        folder, _, name = path.rpartition("/")
        try:
            if not folder:
                return self._root.document(name)
            with self._root.open(folder) as there:
                return there.document(name)
        except OSError:
            self._check()  # if all of it is away, nothing is said of one document
            raise

    def _listed(self, path: str, below: str) -> tuple[OldFolder, list[str]]:
        """A directory, and the names of those in it."""
        try:
            if path.count("/") >= paths.MAX_DEPTH:
                raise OSError(errno.ENAMETOOLONG, "too many folders deep")
            if not path:
                return self._entries(self._root, path, below)
            with self._root.open(path) as there:
                return self._entries(there, path, below)
        except OtherDisk:
            return OldFolder(path, below, fault="another disk is mounted there"), []
        except OSError as e:
            self._check()
            return OldFolder(path, below, fault=e.strerror or str(e)), []

    def _entries(self, directory: Directory, path: str, below: str) -> tuple[OldFolder, list[str]]:
        documents: list[tuple[str, Stamp]] = []
        under: list[str] = []
        links: list[str] = []
        with directory.listing() as it:
            for entry in it:
                try:
                    st = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                is_dir = stat.S_ISDIR(st.st_mode)
                if self._ignore.path(paths.join(path, entry.name), folder=is_dir):
                    continue
                if is_dir:
                    under.append(entry.name)
                elif stat.S_ISREG(st.st_mode):
                    documents.append((entry.name, stamp_of(st)))
                else:
                    links.append(entry.name)
        documents.sort()
        return OldFolder(path, below, tuple(documents), tuple(sorted(links))), sorted(under)

    def _check(self) -> None:
        """An unmounted share leaves an empty directory behind, which is another one."""
        try:
            with Directory.at(self._path) as now, now.listing() as it:
                if not same(now.status(), self._was):
                    raise SourceAway(errno.ESTALE, "another directory lies there now", self._path)
                next(it, None)
        except SourceAway:
            raise
        except OSError as e:
            raise SourceAway(e.errno or errno.EIO, e.strerror or str(e), self._path) from None
