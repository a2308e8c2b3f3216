"""What a retrieval set out to bring, and how far it is: it lies beside the bags until everything came, so that one that was
killed goes on, with the state of its start."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

import msgspec

from syncd.core.bag.layout import Choice, Entry
from syncd.disk.directory import Directory
from syncd.jobs.retrieve.small_files import read_whole, write_whole

BEGUN = "begun"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a command said. Another command goes on with it only if it says the same. `part_size` in bytes, 0: no parts.
    `deactivate`: clients that came whole are closed online afterwards."""

    clients: tuple[str, ...] = ()
    everybody: bool = False
    portfolio: str = ""
    choice: Choice = Choice()
    zipped: bool = False
    part_size: int = 0
    deactivate: bool = False


class Planned(msgspec.Struct, frozen=True):
    """A client as it was at the start, in its parts. `refused`: what this disk cannot hold, with why. `skipped`: it has no
    such exercise."""

    id: str
    code: str
    name: str
    parts: Sequence[Sequence[Entry]] = ()
    refused: Mapping[str, str] = {}
    left_out: tuple[str, ...] = ()
    skipped: bool = False

    @property
    def present(self) -> int:
        return sum(map(len, self.parts))

    @property
    def size(self) -> int:
        return sum(e.kept.content.size for part in self.parts for e in part)


class Begun(msgspec.Struct, frozen=True):
    """`at`: seconds since 1970. `clients`: ids, in their order. `agreed`: somebody said yes to it."""

    asked: Asked
    at: float
    cabinet: str
    clients: tuple[str, ...]
    agreed: bool = False


class Done(msgspec.Struct, frozen=True):
    """How one client ended: why some are missing, by version; the places of its bags."""

    missing: Mapping[str, str] = {}
    places: tuple[str, ...] = ()


class Ledger:
    """In `work`, a directory of the retrieval's own."""

    def __init__(self, work: Directory) -> None:
        self.work = work

    def begun(self) -> Begun | None:
        """None where none was, or it came to its end."""
        data = read_whole(self.work, BEGUN)
        return None if data is None else msgspec.msgpack.decode(data, type=Begun)

    def begin(self, begun: Begun) -> None:
        """After everything it names was planned."""
        write_whole(self.work, BEGUN, msgspec.msgpack.encode(begun))

    def plan(self, client: str) -> Planned:
        data = read_whole(self.work, f"{client}.plan")
        if data is None:
            raise FileNotFoundError(f"{self.work.where}/{client}.plan")
        return msgspec.msgpack.decode(data, type=Planned)

    def keep_plan(self, planned: Planned) -> None:
        write_whole(self.work, f"{planned.id}.plan", msgspec.msgpack.encode(planned))

    def done(self, client: str) -> Done | None:
        data = read_whole(self.work, f"{client}.done")
        return None if data is None else msgspec.msgpack.decode(data, type=Done)

    def keep_done(self, client: str, done: Done) -> None:
        write_whole(self.work, f"{client}.done", msgspec.msgpack.encode(done))

    def clear(self) -> None:
        """Nothing is left of it but the lock. What says that it was begun goes first."""
        names = sorted(self.work.names(), key=lambda name: name != BEGUN)
        for name in names:
            if name != LOCK:
                with contextlib.suppress(FileNotFoundError):
                    self.work.remove(name)


LOCK = "lock"
