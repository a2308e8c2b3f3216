"""The share that scanners write to: what lies there, and how a file is claimed and put away. Decides nothing.

A claim is a rename where the file lies: whoever renames first has it, and the name is free for the next scan. Nothing is
ever renamed over anything, no link is followed, and no file goes elsewhere but by its name.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from syncd.core import naming, paths
from syncd.core.content import Content, Stamp
from syncd.core.ignore_patterns import BUILTIN
from syncd.disk import durability, hashing, open_document
from syncd.disk.directory import Directory, NotADocument, OtherDisk

TREATED, REJECTED, DOUBLES = ".traites", ".rejets", ".doublons"
OWN = ".syncd"
REPORTS = "-intake"  # whose open reports are the robot's
EXTRACTION = "config"  # no dossier: what the accounting software says of clients (syncd.jobs.client_register)
DEEPEST = 30
_LINK = (errno.ELOOP, errno.ENOTDIR)


class Found(msgspec.Struct, frozen=True):
    """A file below a dossier's directory. `top`: that directory, '' for what lies beside them; `parts`: the folders below it; `name`: as it is now;
    `given`: as the scanner called it; `mine`: this robot has claimed it. `waits`: it lies in the quarantine."""

    top: str
    parts: tuple[str, ...]
    name: str
    given: str
    stamp: Stamp
    mine: bool = False
    waits: bool = False

    @property
    def place(self) -> str:
        """From the root (or the quarantine) down, as it is now."""
        return paths.join(self.folder, self.name)

    @property
    def shown(self) -> str:
        """As people know it."""
        return paths.join(self.folder, self.given)

    @property
    def folder(self) -> str:
        return "/".join((self.top, *self.parts))


class Strange(msgspec.Struct, frozen=True):
    """What is no file: a link, a device."""

    place: str


class Share:
    """`robot`: a few letters that claims of this engine bear, and nobody else's. Raises OSError from every method."""

    def __init__(self, root: str, quarantine: str, robot: str) -> None:
        self.root, self.quarantine = root, quarantine
        self._mark = f"{OWN}-{robot}-"

    def tops(self, *, waiting: bool = False) -> list[str]:
        """The dossiers' directories by name, of the root or of the quarantine."""
        try:
            with self._base(waiting) as base, base.listing() as entries:
                return sorted(
                    e.name for e in entries if stat.S_ISDIR(e.stat(follow_symlinks=False).st_mode) and e.name[0] != "."
                    and e.name.casefold() != EXTRACTION
                )  # fmt: skip
        except FileNotFoundError:
            if waiting:
                return []
            raise

    def loose(self, *, waiting: bool = False) -> Iterator[Found | Strange]:
        """What lies in no dossier's directory, of the root or of the quarantine: files, and what is neither file nor directory."""
        try:
            with self._base(waiting) as base, base.listing() as entries:
                for entry in entries:
                    if entry.name[0] == "." or BUILTIN.name(entry.name) or (st := _stat(entry)) is None:
                        continue
                    if stat.S_ISREG(st.st_mode):
                        yield Found("", (), entry.name, entry.name, hashing.stamp_of(st), waits=waiting)
                    elif not stat.S_ISDIR(st.st_mode):
                        yield Strange(entry.name)
        except FileNotFoundError:
            if not waiting:
                raise

    def files(self, top: str, *, waiting: bool = False) -> Iterator[Found | Strange]:
        """What lies below a dossier's directory: claims of this robot and what nobody has claimed, a folder after the other."""
        with self._base(waiting) as base, base.open(top) as directory:
            yield from self._walk(directory, top, (), waiting)

    def _walk(self, directory: Directory, top: str, parts: tuple[str, ...], waits: bool) -> Iterator[Found | Strange]:
        below: list[str] = []
        with directory.listing() as entries:
            for entry in entries:
                name = entry.name
                given = self._given(name)
                if (given is None and (name[0] == "." or BUILTIN.name(name))) or (st := _stat(entry)) is None:
                    continue
                if stat.S_ISDIR(st.st_mode):
                    below.append(name)
                elif stat.S_ISREG(st.st_mode):
                    found = Found(top, parts, name, given or name, hashing.stamp_of(st), given is not None, waits)
                    yield found
                else:
                    yield Strange("/".join((top, *parts, name)))
        for name in sorted(below):
            if len(parts) >= DEEPEST:
                yield Strange("/".join((top, *parts, name)))
                continue
            try:
                opened = directory.open(name)
            except (FileNotFoundError, OtherDisk):
                continue
            except OSError as e:
                if e.errno not in _LINK:
                    raise
                yield Strange("/".join((top, *parts, name)))
                continue
            with opened:
                yield from self._walk(opened, top, (*parts, name), waits)

    def _given(self, name: str) -> str | None:
        """The name of a scan that this robot has claimed."""
        return name[len(self._mark) :].partition("-")[2] or None if name.startswith(self._mark) else None

    # -- one file --------------------------------------------------------------------------------------------------------

    def open(self, found: Found) -> int:
        """A descriptor to read from; the caller closes it. NotADocument."""
        with self._folder(found) as folder:
            return folder.document(found.name)

    def stamp(self, found: Found) -> Stamp:
        with self._folder(found) as folder:
            return hashing.stamp_of(folder.stat(found.name))

    def there(self, place: str) -> bool:
        up, _, name = place.rpartition("/")
        try:
            with self._base(waiting=False) as base, base.open(up) as folder:
                return folder.holds(name)
        except (FileNotFoundError, OtherDisk):
            return False
        except OSError as e:
            if e.errno in _LINK:
                return False
            raise

    def read(self, found: Found, expect: Stamp) -> bytes:
        """All of a small one. Raises hashing.Changed."""
        return hashing.read_open(self.open(found), expect)

    def content(self, found: Found) -> tuple[Content, Stamp]:
        """Raises hashing.Changed."""
        return hashing.hash_open(self.open(found))

    def claim(self, found: Found) -> Found:
        """FileNotFoundError: somebody else has it. The bytes stay where they are."""
        mark = f"{self._mark}{secrets.token_hex(4)}-"
        stem, ext = paths.split_ext(found.given)
        name = mark + naming.shorten(stem, ext, paths.MAX_NAME_BYTES - len(mark))
        with self._folder(found) as folder:
            folder.move(found.name, folder, name)
            return msgspec.structs.replace(found, name=name, mine=True, stamp=hashing.stamp_of(folder.stat(name)))

    def put(self, found: Found, into: Sequence[str], note: str = "") -> str:
        """Durably into a directory below the root, under its given name or the next one that is free; where. `note`: a text
        that is put beside it first."""
        where = "/".join((*into, found.folder))
        with self._base(waiting=False) as base:
            return self._put(found, base, where, note)

    def put_all(self, many: Sequence[Found], into: Sequence[str]) -> dict[Found, OSError]:
        """As `put`, and durably all at once; those that stayed where they are, and why. Raises OSError where that is no fault of
        one file."""
        stayed, changed = dict[Found, OSError](), dict[tuple[bool, str], None]()
        for found in many:
            where = "/".join((*into, found.folder))
            try:
                with self._base(waiting=False) as base, contextlib.ExitStack() as held:
                    self._moved(found, base, where, "", held)
            except OSError as e:
                stayed[found] = e
                continue
            changed |= dict.fromkeys([(found.waits, found.folder), *((False, up) for up in _way(where))])
        self._sync_folders(changed)
        return stayed

    def _sync_folders(self, folders: Collection[tuple[bool, str]]) -> None:
        with self._base(waiting=False) as base:
            if base.sync_disk():
                return
        for waits, place in folders:
            with self._base(waits) as base, contextlib.suppress(FileNotFoundError):
                if place:
                    with base.open(place) as folder:
                        folder.sync()
                else:
                    base.sync()

    def set_aside(self, found: Found) -> str:
        """Into the quarantine, as it lay below the root."""
        with self._made(self.quarantine) as base:
            return self._put(found, base, found.folder, "")

    def remove(self, found: Found) -> None:
        """What this robot claimed, and whose bytes are online: the configuration says that it is not kept."""
        with self._folder(found) as folder:
            folder.remove(found.name)
            folder.sync()

    def _put(self, found: Found, base: Directory, where: str, note: str) -> str:
        with contextlib.ExitStack() as held:
            name, changed = self._moved(found, base, where, note, held)
            durability.sync_names(changed)
            return paths.join(where, name)

    def _moved(
        self, found: Found, base: Directory, where: str, note: str, held: contextlib.ExitStack
    ) -> tuple[str, list[Directory]]:
        """Its name there, and the directories that changed, which are open for as long as `held` is."""
        folder, made = base, list[Directory]()
        for part in where.split("/") if where else ():
            made.append(folder)
            with contextlib.suppress(FileExistsError):
                folder.make(part)
            folder = held.enter_context(folder.open(part))
        name = _free(folder, found.given)
        if note:
            with contextlib.suppress(FileExistsError):
                fd = folder.create(f"{name}.txt", private=False)
                hashing.write_open(fd, note.encode("utf-8"))
                folder.synced(f"{name}.txt")
        source = held.enter_context(self._folder(found))
        source.move(found.name, folder, name)
        return name, [folder, source, *made]

    # -- directories -----------------------------------------------------------------------------------------------------

    def _base(self, waiting: bool) -> Directory:
        return Directory.at(self.quarantine if waiting else self.root)

    @staticmethod
    def _made(path: str) -> Directory:
        with contextlib.suppress(FileExistsError):
            Path(path).mkdir()
        return Directory.at(path)

    def _folder(self, found: Found) -> Directory:
        base = self._base(found.waits)
        if not found.folder:
            return base
        with base:
            return base.open(found.folder)

    def ahead(self) -> float:
        """Seconds by which the share's clock is ahead of this computer's: by a file of the engine's own."""
        with self._base(waiting=False) as base:
            own = base.own(OWN, make=True)
            name = secrets.token_hex(8)
            before = time.time()
            fd = own.create(name)
            try:
                return float(hashing.stamp_of(open_document.status(fd)).mtime_ns) / 1e9 - before
            finally:
                os.close(fd)
                own.remove(name)


def _stat(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except FileNotFoundError:  # renamed a moment ago
        return None


def pieces(document: int) -> Callable[[int, int], bytes]:
    """Of an open document: as many bytes from an offset as it has of those asked for."""

    def at(offset: int, count: int) -> bytes:
        os.lseek(document, offset, os.SEEK_SET)
        data = b""
        while len(data) < count and (more := open_document.read(document, count - len(data))):
            data += more
        return data

    return at


def _free(folder: Directory, name: str) -> str:
    """The name, or the next one that nothing bears. A note that lies there alone is of a put that was cut short."""
    return naming.second_name(name, folder.holds) if folder.holds(name) else name


def _way(where: str) -> list[str]:
    """A folder and all above it, the root last as ''."""
    parts = where.split("/")
    return ["/".join(parts[:n]) for n in range(len(parts), -1, -1)]


__all__ = ["DOUBLES", "REJECTED", "REPORTS", "TREATED", "Found", "NotADocument", "Share", "Strange", "pieces"]
