"""Documents on their way: copied, made durable, covered, given their names, remembered; in this order, many at a time.

A kill between two of these steps leaves copies without a name, which the next migration drops, or documents with one,
which it finds by their content. No step removes anything of the old tree.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence

import msgspec

from syncd.core.actions import Upload, digest
from syncd.core.content import Content, Stamp
from syncd.core.origins import Origin
from syncd.core.paths import ClientPath, DiskPath, printable
from syncd.jobs.migrate.folders import ClientFolders, canonical
from syncd.jobs.migrate.values import Parts
from syncd.ports.local import Stale
from syncd.ports.migration import Settled
from syncd.ports.state import Arrival, ClientRow

MOST, BYTES = 200, 64_000_000  # to a batch
TRIES = 3  # names that somebody else may take meanwhile


class Coming(msgspec.Struct, frozen=True):
    """A copy that is to be named. `path`: where it goes, in the portal's spelling; `disk`: the name chosen for it."""

    source: str
    stamp: Stamp
    temp: str
    content: Content
    path: ClientPath
    disk: DiskPath
    renamed: bool = False
    covered: bool = False


class Batch:
    """Of one client."""

    def __init__(self, parts: Parts, tree: str, row: ClientRow, folders: ClientFolders) -> None:
        self._parts, self._tree, self._row, self._folders = parts, tree, row, folders
        self._coming: list[Coming] = []
        self._settled: list[Settled] = []
        self._bytes = 0

    @property
    def full(self) -> bool:
        return len(self._coming) >= MOST or len(self._settled) >= MOST or self._bytes >= BYTES

    def add(self, one: Coming) -> None:
        self._coming.append(one)
        self._bytes += one.content.size

    def settle(self, one: Settled) -> None:
        """It needs no name: the client has its content. Where it lies is given when no pass has seen it there: a migration that
        was killed may have placed it, and its name not last yet."""
        self._settled.append(one)

    def flush(self) -> tuple[list[Coming], list[tuple[Coming, OSError]]]:
        """What got its name now, and what could not."""
        coming, settled = self._coming, self._settled
        self._coming, self._settled, self._bytes = [], [], 0
        client, copies = self._row.dir, self._parts.copies
        if held := [(client, DiskPath(one.placed)) for one in settled if one.placed]:
            copies.sync_names(held)
        if not coming:
            self._parts.memory.settle(self._tree, settled)
            return [], []
        copies.sync([(client, one.temp) for one in coming])
        self._write_down(coming)
        placed, failed = self._name(coming)
        copies.sync_names([(client, one.disk) for one in placed])
        settled += [Settled(o.source, o.stamp, self._row.id, o.content.sha256, o.disk) for o in placed]
        self._parts.memory.settle(self._tree, settled)
        return placed, failed

    def _write_down(self, coming: Sequence[Coming]) -> None:
        """Before anything has its name: whoever publishes it then knows by which way it came, and whether somebody agreed.

        What another client has, or had, is not covered: it may lie in the wrong directory, and is asked about.
        """
        state, now, client = self._parts.state, self._parts.now(), self._row.id
        covered = [one for one in coming if one.covered]
        foreign = state.trees.contents.elsewhere([one.content.sha256 for one in covered], client)
        digests = [self._digest(one) for one in covered if one.content.sha256 not in foreign]
        with state.atomic():
            for one in coming:
                if (known := state.arrivals.find(client, one.content)) is None or known.done:
                    arrival = Arrival(client, one.content, Origin.MIGRATION, printable(one.source), one.disk, now, now)
                    state.arrivals.put(arrival)
            if digests:
                state.guards.agree(client, digests, now, Origin.MIGRATION, anew=False)

    def _digest(self, one: Coming) -> str:
        """Of the very publication that a pass will plan."""
        return digest(Upload(canonical(one.disk, one.path), one.disk, one.content, one.stamp))

    def _name(self, coming: Sequence[Coming]) -> tuple[list[Coming], list[tuple[Coming, OSError]]]:
        placed: list[Coming] = []
        failed: list[tuple[Coming, OSError]] = []
        for one in coming:
            try:
                placed.append(self._named(one))
            except (OSError, Stale) as e:
                self._parts.copies.drop(self._row.dir, one.temp)
                failed.append((one, e if isinstance(e, OSError) else OSError(errno.ENOTDIR, str(e))))
        return placed, failed

    def _named(self, one: Coming) -> Coming:
        """Raises OSError; Stale is made one: somebody takes every name."""
        for _ in range(TRIES):
            try:
                self._parts.copies.place(self._row.dir, one.temp, one.disk)
            except Stale:  # somebody saved there a moment ago, and keeps the name
                self._folders.forget(one.disk)
                name, held = self._folders.name_for(self._folders.on_disk(one.path), one.content)
                one = msgspec.structs.replace(one, disk=name)
                if held:
                    self._parts.copies.drop(self._row.dir, one.temp)
                    return one
                self._write_down([one])
                self._folders.add(name)
            else:
                return one
        raise OSError(f"'{one.disk}' is taken")
