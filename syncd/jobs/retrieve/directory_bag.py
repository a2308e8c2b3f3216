"""A bag as a directory: a document arrives in the retrieval's own directory, and gets its place when it is whole and safe."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterable, Sequence

from syncd.core import paths
from syncd.core.bag.layout import DATA, Entry
from syncd.disk import durability
from syncd.disk.directory import Directory
from syncd.disk.hashing import hash_open, write_open
from syncd.jobs.retrieve.holder import Settling, SinkMaker, partial
from syncd.jobs.retrieve.small_files import write_whole
from syncd.ports.remote import Sink

_NOT_HERE = {errno.ENAMETOOLONG: "too_long", errno.EINVAL: "bad_name"}  # of a name that this disk does not take
_OPEN = 500  # directories at most that are kept open


class DirectoryBag:
    """`target`: where bags lie; `work`: the retrieval's own directory, on the same disk."""

    def __init__(
        self, target: Directory, work: Directory, place: str, entries: Sequence[Entry], sinks: SinkMaker
    ) -> None:
        self._work, self.place, self._sinks = work, place, sinks
        self._entries = entries
        self._taken = list[Entry]()
        self._bag = _made(target, place)
        self._open: dict[str, Directory] = {}
        self._folder(DATA)

    def held(self) -> set[str]:
        there = {e.kept.version_id for e in self._entries if self._is_there(e)}
        left = set(self._work.names())
        for e in self._entries:
            if partial(e) in left and e.kept.version_id not in there and self._is_whole(e):
                self._taken.append(e)
                there.add(e.kept.version_id)
        return there - self.settle()().keys()

    def take(self, entry: Entry, data: bytes, modified: float | None) -> None:
        name = partial(entry)
        with contextlib.suppress(FileNotFoundError):  # of an attempt that was cut
            self._work.remove(name)
        write_open(self._work.create(name, private=False), data, modified)
        self._taken.append(entry)

    def sink(self, entry: Entry) -> Sink:
        return self._sinks(self._work, partial(entry))

    def came(self, entry: Entry) -> None:
        self._taken.append(entry)

    def settle(self) -> Settling:
        taken, self._taken = self._taken, []
        return lambda: self._place(taken)

    def _place(self, taken: Sequence[Entry]) -> dict[str, str]:
        durability.sync_documents([(self._work, partial(e)) for e in taken])
        refused, folders = dict[str, str](), dict[str, Directory]()
        for e in taken:
            try:
                folder = folders[paths.parent(e.place)] = self._folder(paths.parent(e.place))
                self._work.move(partial(e), folder, paths.name(e.place))
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise
                refused[e.kept.version_id] = _NOT_HERE[error.errno]
                self._work.remove(partial(e))
        durability.sync_names(list(folders.values()))
        return refused

    def close(self, files: Iterable[tuple[str, bytes]]) -> None:
        for place, data in files:
            folder = self._folder(paths.parent(place))
            write_whole(self._work, paths.name(place), data, folder, private=False)

    def release(self) -> None:
        self._open.clear()
        self._bag.close()

    def _is_there(self, entry: Entry) -> bool:
        try:
            found = self._folder(paths.parent(entry.place), make=False).stat(paths.name(entry.place))
        except OSError:
            return False
        return found.st_size == entry.kept.content.size

    def _is_whole(self, entry: Entry) -> bool:
        if self._work.stat(partial(entry)).st_size != entry.kept.content.size:
            return False
        return hash_open(self._work.document(partial(entry)))[0] == entry.kept.content

    def _folder(self, below: str, *, make: bool = True) -> Directory:
        if not below:
            return self._bag
        if (known := self._open.get(below)) is not None:
            return known
        if len(self._open) >= _OPEN:
            self._open.clear()  # each is closed with whoever uses it last
        above = self._folder(paths.parent(below), make=make)
        found = _made(above, paths.name(below)) if make else above.open(paths.name(below))
        self._open[below] = found
        return found


def _made(above: Directory, name: str) -> Directory:
    """A directory that is there afterwards, and stays after a power cut."""
    try:
        above.make(name)
    except FileExistsError:
        return above.open(name)
    above.sync()
    return above.open(name)
