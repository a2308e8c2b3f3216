"""The directory that the accounting software's extraction writes to: what lies there, kept before it is removed. No link is followed."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from syncd.disk import durability, private

DOSSIERS, USERS, PARAMETERS = "dossiers.txt", "users.txt", "Export_PAR"
LARGEST = 20_000_000  # bytes of one file
MOST = 20_000  # files of parameters


class Extracted(msgspec.Struct, frozen=True):
    """`name`: below the directory, with '/'. `stamp`: size, date and identity, by which a later look tells another file."""

    name: str
    data: bytes
    stamp: tuple[int, int, int]
    changed: float


class Oddity(Exception):
    """What lies there is no file that is read. `name`, and why."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")


class Extraction:
    def __init__(self, directory: str) -> None:
        self._directory = Path(directory)

    def files(self) -> list[Extracted]:
        """The two lists, then those of parameters by name; nothing where there is no directory. Raises OSError, Oddity."""
        return [self._read(name) for name in (*self._lists(), *self._parameters())]

    def _lists(self) -> Iterator[str]:
        yield from sorted(
            name for name in self._names(self._directory) if name.casefold() in (DOSSIERS.casefold(), USERS.casefold())
        )  # fmt: skip

    def _parameters(self) -> Iterator[str]:
        for top in self._names(self._directory):
            if top.casefold() == PARAMETERS.casefold():
                found = sorted(n for n in self._names(self._directory / top) if n.casefold().endswith("_par.xml"))
                if len(found) > MOST:
                    raise Oddity(top, f"more than {MOST} files")
                yield from (f"{top}/{name}" for name in found)

    def _names(self, directory: Path) -> list[str]:
        try:
            if stat.S_ISLNK(directory.lstat().st_mode):
                return []
            return [entry.name for entry in directory.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _read(self, name: str) -> Extracted:
        path = self._directory / name
        seen = path.lstat()
        if not stat.S_ISREG(seen.st_mode):
            raise Oddity(name, "it is no file")
        if seen.st_size > LARGEST:
            raise Oddity(name, f"it is larger than {LARGEST} bytes")
        with path.open("rb") as f:
            now = os.fstat(f.fileno())
            if (now.st_dev, now.st_ino) != (seen.st_dev, seen.st_ino):
                raise Oddity(name, "it is being replaced")
            return Extracted(name, f.read(LARGEST + 1), _stamp(now), now.st_mtime)

    def keep(self, files: list[Extracted], kept: Path) -> None:
        """Copies of them below `kept`, on disk before anything is removed. Raises OSError."""
        written = []
        for one in files:
            to = kept / one.name
            private.like_above(to.parent)
            with open(to, "wb", opener=private.opened_like_above) as f:
                f.write(one.data)
            written.append(str(to))
        durability.sync_files(written)
        durability.sync_directories({str(Path(path).parent) for path in written} | {str(kept.parent)})

    def remove(self, files: list[Extracted]) -> None:
        """Those that are still what was read; another of that name stays, for the next time. Raises OSError."""
        for one in files:
            path = self._directory / one.name
            with contextlib.suppress(FileNotFoundError):
                if _stamp(path.lstat()) == one.stamp:
                    path.unlink()


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ino
