"""Which documents a bag holds, under which names, and in how many parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from syncd.core import naming, paths
from syncd.core.fiscal_years import Exercise, of_folder
from syncd.core.inventory import Kept

DATA, VERSIONS, BIN = "data", "_versions", "_corbeille"


class Entry(msgspec.Struct, frozen=True, gc=False):
    """`place`: inside the bag, below `data/`."""

    place: str
    kept: Kept

    @property
    def beside(self) -> bool:
        """Whether it is an older version, or of the bin."""
        return not self.kept.current or self.kept.binned

    @property
    def renamed(self) -> bool:
        """Whether a document of now, or a folder above it, bears another name than online."""
        return not self.beside and self.place != f"{DATA}/{self.kept.path}"


class Choice(msgspec.Struct, frozen=True):
    """What of a client is wanted. `exercise`: that one's alone; `bin`: also what was deleted, as it was last."""

    exercise: str = ""
    versions: bool = False
    bin: bool = False

    def takes(self, kept: Kept) -> bool:
        if kept.binned and not self.bin:
            return False
        return kept.current or self.versions


def of_exercise(kept: Iterable[Kept], name: str, code: str, exercises: Sequence[Exercise]) -> list[Kept] | None:
    """Those whose folder, the deepest that names one, is of the exercise; None where the client has no such exercise."""
    wanted = of_folder(name, code, exercises)
    if wanted is None:
        return None
    return [k for k in kept if _exercise(paths.parent(k.path), code, exercises) == wanted]


def _exercise(folder: str, code: str, exercises: Sequence[Exercise]) -> Exercise | None:
    named = (of_folder(part, code, exercises) for part in reversed(folder.split("/")))
    return next(filter(None, named), None)


def layout(kept: Iterable[Kept], *, portable: bool) -> list[Entry]:
    """In the order of their places, each with one of its own, whatever the reader's disk takes for the same name.

    `portable`: names are given that Windows and FAT can hold.
    """
    found = sorted(kept, key=lambda k: (not k.current, k.binned, paths.key(k.path), k.doc, k.version))
    names = _Names(portable)
    for k in found:  # documents of now have their own names; what lies beside them is named after those
        if k.current and not k.binned:
            names.reserve(paths.top(k.path))
    versions, bin_ = names.free(VERSIONS), names.free(BIN)
    entries = []
    for k in found:
        path = paths.join(bin_, k.path) if k.binned else k.path
        if not k.current:
            stem, ext = paths.split_ext(paths.name(k.path))
            path = paths.join(
                paths.join(versions, paths.parent(path)), naming.shorten(stem, f" (version {k.version}){ext}")
            )
        entries.append(Entry(f"{DATA}/{names.place(path)}", k))
    return sorted(entries, key=lambda e: (e.beside, paths.key(e.place)))


class _Names:
    """Where each path of the portal's goes, folder by folder."""

    def __init__(self, portable: bool) -> None:
        self._portable = portable
        self._folders = {"": ""}  # key of a folder online → its place here
        self._taken = set[str]()
        self._tops = set[str]()

    def reserve(self, top: str) -> None:
        self._tops.add(paths.key(top))

    def free(self, name: str) -> str:
        """`name`, or one like it that no folder of the client bears."""
        while paths.key(name) in self._tops:
            name = f"_{name}"
        return name

    def place(self, path: str) -> str:
        return self._named(self._folder(paths.parent(path)), paths.name(path))

    def _folder(self, folder: str) -> str:
        at = paths.key(folder)
        if at not in self._folders:
            self._folders[at] = self._named(self._folder(paths.parent(folder)), paths.name(folder))
        return self._folders[at]

    def _named(self, folder: str, name: str) -> str:
        place = paths.join(folder, naming.windows_safe(name) if self._portable else name)
        if paths.key(place) in self._taken:
            place = naming.second_name(place, lambda p: paths.key(p) in self._taken)
        self._taken.add(paths.key(place))
        return place


def parts(entries: Sequence[Entry], most: int) -> list[list[Entry]]:
    """In parts of at most `most` bytes of documents (0: one part), a folder in one part where it fits there.

    A document that is larger by itself has a part of its own.
    """
    if not most or sum(e.kept.content.size for e in entries) <= most:
        return [list(entries)]
    found: list[list[Entry]] = [[]]
    held = 0
    for folder in _folders(entries):
        size = sum(e.kept.content.size for e in folder)
        if found[-1] and held + size > most and size <= most:
            found.append([])
            held = 0
        for e in folder:
            if found[-1] and held + e.kept.content.size > most:
                found.append([])
                held = 0
            found[-1].append(e)
            held += e.kept.content.size
    return found


def _folders(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Those of one folder together, in the order of the folders."""
    by: dict[str, list[Entry]] = {}
    for e in entries:
        by.setdefault(paths.parent(e.place), []).append(e)
    yield from by.values()
