"""The tree of documents from before: listed and read through open directories, never opened for writing (RULES 6)."""

from __future__ import annotations

import errno
import hashlib
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping

from syncd.core import paths
from syncd.core.content import Stamp
from syncd.core.ignore_patterns import Ignore
from syncd.core.paths import DiskPath
from syncd.disk.directory import Directory, OtherDisk
from syncd.disk.hashing import stamp_of
from syncd.disk.status import Status, same
from syncd.local import directory_fingerprint
from syncd.local.directory_fingerprint_worker import Looks
from syncd.ports.migration import OldFolder, SourceAway

BAG, PAYLOAD = "bagit.txt", "data"
BY = 8  # bytes of a digest of the patterns that are ignored, before each look


class DiskOldTree:
    """Raises SourceAway, also where the place at `path` is not what it was when this was made."""

    def __init__(self, path: str, ignore: Iterable[str] = ()) -> None:
        patterns = tuple(ignore)
        self._path, self._ignore = path, Ignore(patterns)
        self._by = hashlib.blake2b("\n".join(patterns).encode("utf-8", "surrogatepass"), digest_size=BY).digest()
        self._walked: dict[DiskPath, bytes] | None = None  # folders of the directory that is walked, by their look
        self._seen: dict[str, bytes] = {}
        self._looks: Looks | None = None
        try:
            self._root = Directory.at(path)
            self._was = self._root.status()
        except OSError as e:
            raise SourceAway(e.errno or errno.EIO, e.strerror or str(e), path) from None

    def close(self) -> None:
        if self._looks is not None:
            self._looks.close()
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
        self._walked = {}
        self._seen.pop(source, None)
        while waiting:
            path, below = waiting.pop()
            folder, under = self._listed(path, below, source)
            if not below and PAYLOAD in under and any(name == BAG for name, _ in folder.documents):
                waiting.append((paths.join(path, PAYLOAD), ""))
                continue
            yield folder
            down = [(paths.join(path, name), paths.join(below, name)) for name in under]
            waiting.extend(one for one in reversed(down) if one[0] not in but)
        if self._walked is not None:
            self._seen[source], self._walked = self._by + directory_fingerprint.remember(self._walked), None

    def look(self, source: str) -> bytes:
        return self._seen.pop(source, b"")

    def expect(self, looks: Mapping[str, bytes]) -> None:
        mine = {source: look[BY:] for source, look in looks.items() if look[:BY] == self._by}
        self._looks = Looks(self._path, mine)

    def same(self, source: str) -> bool:
        return self._looks is not None and bool(self._looks.same([source]))

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

    def _listed(self, path: str, below: str, source: str | None = None) -> tuple[OldFolder, list[str]]:
        """A directory, and the names of those in it. `source`: the claimed directory that it is walked for."""
        try:
            if path.count("/") >= paths.MAX_DEPTH:
                raise OSError(errno.ENAMETOOLONG, "too many folders deep")
            if not path:
                return self._entries(self._root, path, below)
            with self._root.open(path) as there:
                return self._entries(there, path, below, source)
        except OtherDisk:
            self._walked = None
            return OldFolder(path, below, fault="another disk is mounted there"), []
        except OSError as e:
            self._walked = None
            self._check()
            return OldFolder(path, below, fault=e.strerror or str(e)), []

    def _entries(
        self, directory: Directory, path: str, below: str, source: str | None = None
    ) -> tuple[OldFolder, list[str]]:
        found: dict[str, Status] = {}
        documents: list[tuple[str, Stamp]] = []
        under: list[str] = []
        links: list[str] = []
        with directory.listing() as it:
            for entry in it:
                try:
                    st = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    self._walked = None
                    continue
                found[entry.name] = st
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
        if source is not None and self._walked is not None:
            self._remember(DiskPath(path[len(source) :].lstrip("/")), directory.status().st_ino, found)
        return OldFolder(path, below, tuple(documents), tuple(sorted(links))), sorted(under)

    def _remember(self, disk: DiskPath, inode: int, found: dict[str, Status]) -> None:
        """As `directory_fingerprint.digest` sees it."""
        names = sorted(name for name in found if disk or not name.startswith(directory_fingerprint.ENGINE))
        if self._walked is None or (disk and any(name.startswith(directory_fingerprint.ENGINE) for name in names)):
            self._walked = None
            return
        look = directory_fingerprint.folder(disk, inode if disk else 0, names, [found[name] for name in names])
        self._walked[disk] = look

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
