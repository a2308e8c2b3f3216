"""What a package changes here: bytes first, then what is to be remembered, then names; each lasts before the next begins.

A kill anywhere leaves a package that is simply dealt with again: what lies here already is found to be so.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
from collections.abc import Mapping, Sequence
from typing import BinaryIO, Protocol

import msgspec

from syncd.core import paths
from syncd.core.actions import Download, KeepBoth, MoveLocal, SetAside
from syncd.core.content import Content
from syncd.core.no_room import no_room
from syncd.core.packages.manifest import Entry, NotTaken
from syncd.core.packages.planning import Step
from syncd.core.paths import NOWHERE, ClientPath, DiskPath
from syncd.core.reasons import Reason
from syncd.engine.context import LARGE
from syncd.package_file import archive
from syncd.ports.local import ClientStopped, Mirror, Stale

MOST, BYTES = 200, 64_000_000  # of a batch


class Coming(msgspec.Struct, frozen=True):
    """A document that is about to get its name."""

    step: Step
    temp: str
    path: ClientPath
    disk: DiskPath
    content: Content


class Side(Protocol):
    """Whose directory it is: what the cabinet and a company do differently."""

    @property
    def mirror(self) -> Mirror: ...

    @property
    def directory(self) -> str:
        """The client's, by its name below the mirror's root."""
        ...

    @property
    def reserve(self) -> int:
        """Bytes of the disk that are left free."""
        ...

    @property
    def stamp(self) -> str:
        """Of copies of what somebody saves at the very moment."""
        ...

    def between(self) -> None:
        """Between two documents. Raises Stop where it is to end."""
        ...

    def coming(self, batch: Sequence[Coming]) -> None:
        """Written down before any of them has its name."""
        ...

    def came(self, batch: Sequence[Coming]) -> None:
        """They lie there, for good."""
        ...

    def moved(self, step: Step) -> None: ...

    async def set_aside(self, steps: Sequence[Step]) -> list[NotTaken]:
        """Documents that the other side deleted: nothing is ever deleted for it. Those that could not be, why."""
        ...


class Applier:
    """`file`: the package's plain bytes, proved before."""

    def __init__(self, side: Side, file: BinaryIO, places: Mapping[str, int]) -> None:
        self._side, self._file, self._places = side, file, places
        self._failed = list[NotTaken]()
        self._batch = list[Coming]()
        self._bytes = 0
        self._full: OSError | None = None

    async def __call__(self, steps: Sequence[Step]) -> list[NotTaken]:
        """What could not be done, why. Raises Stop, SyncdError, OSError where the disk is full; what was done until then stays done."""
        aside = [s for s in steps if isinstance(s.action, SetAside)]
        if aside:
            self._failed += await self._side.set_aside(aside)
        await asyncio.to_thread(self._bring, [s for s in steps if not isinstance(s.action, SetAside)])
        return self._failed

    def _bring(self, steps: Sequence[Step]) -> None:
        try:
            for step in steps:
                self._side.between()
                self._one(step)
                if self._full is not None:
                    break
            self._flush()
            if self._full is not None:
                raise self._full
        finally:
            self._side.mirror.rest()

    def _one(self, step: Step) -> None:
        try:
            match step.action:
                case MoveLocal():
                    self._move(step, step.action)
                case KeepBoth():
                    self._keep_both(step, step.action)
                case Download(vacate=where) if where != NOWHERE:
                    self._failed.append(NotTaken(step.entry.path, Reason.NOT_RENAMED))
                case Download():
                    self._fetch(step, step.action.path, step.action.disk, step.action.content)
        except ClientStopped:
            raise
        except (Stale, OSError) as e:
            self._fail(step.entry, e)

    def _move(self, step: Step, action: MoveLocal) -> None:
        mirror, directory = self._side.mirror, self._side.directory
        self._folder(action.to_disk)
        mirror.rename(directory, action.disk, action.to_disk, action.expect)
        mirror.sync_names([(directory, action.disk), (directory, action.to_disk)])
        self._side.moved(step)

    def _keep_both(self, step: Step, action: KeepBoth) -> None:
        """Ours takes the copy's name first; the package's bytes come to a name that is free."""
        mirror, directory = self._side.mirror, self._side.directory
        copy = paths.join(paths.parent(action.disk), paths.name(action.copy))
        mirror.rename(directory, action.disk, DiskPath(copy), action.expect)
        mirror.sync_names([(directory, action.disk), (directory, DiskPath(copy))])
        self._side.moved(step)
        if action.fetch is not None:
            self._fetch(step, action.path, action.disk, action.fetch.content)

    def _fetch(self, step: Step, path: ClientPath, disk: DiskPath, content: Content) -> None:
        temp = self._copied(step.entry, content)
        self._batch.append(Coming(step, temp, path, disk, content))
        self._bytes += content.size
        if len(self._batch) >= MOST or self._bytes >= BYTES:
            self._flush()

    def _copied(self, entry: Entry, content: Content) -> str:
        """The bytes in a file of the engine's own, proved once more on their way."""
        mirror, directory = self._side.mirror, self._side.directory
        if mirror.free_bytes() - content.size < self._side.reserve:
            raise OSError(errno.ENOSPC, "the disk has no room but its reserve")
        if content.size > LARGE:
            return asyncio.run(self._large(entry, content))
        data = b"".join(archive.chunks(self._file, self._places[entry.path], content.size))
        if hashlib.sha256(data).digest() != content.sha256:
            raise OSError(errno.EIO, "the package changed while it was read")
        return mirror.temp(directory, data, float(entry.at))

    async def _large(self, entry: Entry, content: Content) -> str:
        of = hashlib.sha256(f"{content.hex} {entry.path}".encode()).hexdigest()[
            :32
        ]  # two equal ones have each their own
        sink, temp = self._side.mirror.sink(self._side.directory, of)
        sink.dated(float(entry.at))
        offset = 0
        for chunk in archive.chunks(self._file, self._places[entry.path], content.size):
            await sink.write(offset, chunk)
            offset += len(chunk)
        if await sink.content() != content:
            raise OSError(errno.EIO, "the package changed while it was read")
        return temp

    def _flush(self) -> None:
        batch, self._batch, self._bytes = self._batch, [], 0
        if not batch:
            return
        mirror, directory = self._side.mirror, self._side.directory
        mirror.sync_temps([(directory, c.temp) for c in batch])
        self._side.coming(batch)
        named = [c for c in batch if self._named(c)]
        mirror.sync_names([(directory, c.disk) for c in named])
        self._side.came(named)

    def _named(self, c: Coming) -> bool:
        mirror, directory, action = self._side.mirror, self._side.directory, c.step.action
        try:
            self._folder(c.disk)
            if isinstance(action, Download) and action.expect is not None and action.expect_content is not None:
                mirror.replace(directory, c.temp, c.disk, action.expect, action.expect_content, self._side.stamp)
            else:
                mirror.place(directory, c.temp, c.disk)
        except ClientStopped:
            raise
        except (Stale, OSError) as e:  # somebody saved there a moment ago: it is planned anew with the next package
            self._fail(c.step.entry, e)
            return False
        return True

    def _folder(self, disk: DiskPath) -> None:
        if up := paths.parent(disk):
            self._side.mirror.make_folder(self._side.directory, up)

    def _fail(self, entry: Entry, error: Stale | OSError) -> None:
        """What could not be done is left out; a full disk ends it, since nothing that follows has room either."""
        if isinstance(error, OSError) and no_room(error):
            self._full = self._full or error
        self._failed.append(NotTaken(entry.path, *_why(error)))


def _why(error: Stale | OSError) -> tuple[str, str]:
    if isinstance(error, Stale):
        return Reason.UNSTABLE, ""
    return (Reason.TOO_LONG if error.errno == errno.ENAMETOOLONG else Reason.FAILED), error.strerror or str(error)
