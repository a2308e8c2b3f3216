"""What a migration is given, and what it tells of each document."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from syncd.core.content import Stamp
from syncd.core.migration.mapping import MapRow
from syncd.core.no_room import no_room
from syncd.ports.migration import MigrationMemory, MirrorCopies, OldTree
from syncd.ports.state import State

RESERVE = 64_000_000  # bytes that the mirror's disk keeps free


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. `source`: the old tree. `rows`: of a mapping file, None where directories' names say whose they are.
    `agreed`: its plan was shown and agreed to, so that its publications are covered. `max_duration`: seconds."""

    source: str
    rows: Sequence[MapRow] | None = None
    agreed: bool = False
    max_duration: float | None = None


class Told(msgspec.Struct, frozen=True):
    """One document, or one place of the old tree with all that lies there. `outcome`: `copied`, `already` (the client has
    its content), `refused` (in error), `listed` (it goes nowhere), or `copy` (would be copied)."""

    client: str
    source: str
    outcome: str
    path: str = ""
    reason: str = ""
    detail: str = ""
    size: int = 0
    sha256: str = ""
    documents: int = 1

    def as_dict(self) -> dict[str, Any]:
        """The JSON line: nothing is said of what does not apply."""
        said = msgspec.structs.asdict(self)
        if self.outcome != "listed":
            del said["documents"]
        return {"type": "document", **{name: value for name, value in said.items() if value or name == "client"}}


Tell = Callable[[Told], None]


class Parts(msgspec.Struct, frozen=True):
    """What a migration works through; only `wiring` knows who stands behind each. `cabinet`: whose mirror it is."""

    tree: OldTree
    copies: MirrorCopies
    state: State
    memory: MigrationMemory
    cabinet: str
    now: Callable[[], float] = time.time


class Ended(Exception):
    """It ends between two documents: a signal (130, 143), or its time is up (10)."""

    def __init__(self, code: int) -> None:
        self.code = code


class MirrorFailed(OSError):
    """The clients' disk takes no more copies: it is full (`full`), or fails."""

    @property
    def full(self) -> bool:
        return no_room(self)


class Planned:
    """Documents of the old tree as a plan showed them: what is agreed to is these, and none that came since."""

    def __init__(self) -> None:
        self._known: set[int] = set()

    def add(self, source: str, stamp: Stamp) -> None:
        self._known.add(hash((source, stamp.size, stamp.mtime_ns)))

    def has(self, source: str, stamp: Stamp) -> bool:
        return hash((source, stamp.size, stamp.mtime_ns)) in self._known


class Gate:
    """Asked between two documents whether to go on. `clock`: seconds that only go forward.

    Time that is up ends a launch once it has taken a document: however little it is given, it gets on.
    """

    def __init__(self, budget: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = None if budget is None else clock() + budget
        self._code = 0
        self.taken = 0

    def stop(self, code: int) -> None:
        """From a signal's handler: only a mark is left."""
        self._code = code

    def passes(self) -> None:
        """Raises Ended."""
        if self._code:
            raise Ended(self._code)
        if self._until is not None and self.taken and self._clock() >= self._until:
            raise Ended(10)
