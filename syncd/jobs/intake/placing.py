"""Claimed scans get their place in the mirror: written down, placed without replacing, told; a batch at a time."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from syncd.core import naming, paths
from syncd.core.content import Content, Stamp
from syncd.core.events import Event, shown
from syncd.core.intake import Place
from syncd.core.no_room import no_room
from syncd.core.origins import Origin
from syncd.core.paths import DiskPath
from syncd.core.reasons import Reason
from syncd.disk import open_document
from syncd.disk.hashing import CHUNK, Changed, stamp_of
from syncd.engine.context import LARGE, Context
from syncd.jobs.intake.share import REPORTS, Found, Share
from syncd.ports.local import Stale
from syncd.ports.state import Arrival, ClientRow

MOST, BYTES = 200, 32_000_000  # of a batch
UNSURE = "unsure"  # an event's detail: the exercise was not told
T = TypeVar("T")
NAMES = 20  # that somebody may take at the very moment


class Ready(msgspec.Struct, frozen=True):
    """A claimed scan, whole, of known content, with its place. `stamp`: as it was hashed."""

    found: Found
    row: ClientRow
    place: Place
    content: Content
    stamp: Stamp


class ClientFailed(Exception):
    """A client's directory takes nothing: that is this client's trouble, and no other's."""

    def __init__(self, why: OSError) -> None:
        self.why = why


@contextlib.contextmanager
def in_the_mirror() -> Iterator[None]:
    """What fails within is no fault of the share."""
    try:
        yield
    except OSError as e:
        raise ClientFailed(e) from e


class Batch:
    """`placed`: ids of the clients for whom something was placed."""

    def __init__(self, ctx: Context, share: Share) -> None:
        self._ctx, self._share = ctx, share
        self._waiting: list[Ready] = []
        self._taken: dict[str, set[str]] = {}
        self.placed: set[str] = set()

    def holds(self, client: str, content: Content) -> bool:
        return any(r.row.id == client and r.content == content for r in self._waiting)

    def add(self, ready: Ready) -> None:
        self._waiting.append(ready)
        if len(self._waiting) >= MOST or sum(r.content.size for r in self._waiting) >= BYTES:
            self.flush()

    def flush(self) -> None:
        """Bytes, then what is to be remembered, then names: each is durable before the next begins. A client whose directory
        fails is left out from there on, and said; its scans are taken another time."""
        batch, self._waiting = self._waiting, []
        failed = dict[str, ClientFailed]()
        copied = _each(batch, failed, self._copied)
        intended = _each([r for r, _ in copied], failed, self._intended)
        temps, places = {r.found: temp for r, temp in copied}, {r.found: arrival for r, arrival in intended}
        with self._ctx.state.atomic():
            for arrival in places.values():
                self._ctx.state.arrivals.put(arrival)
        safe = _all([r for r, _ in intended], failed, lambda some: self._sync(some, temps))
        named = _each(safe, failed, lambda r: self._named(r, temps[r.found], places[r.found]))
        places = {r.found: arrival for r, arrival in named}
        lasting = _all([r for r, _ in named], failed, lambda some: self._sync_names(some, places))
        with self._ctx.state.atomic():
            for ready in lasting:
                self.tell(ready.found, ready.row, places[ready.found], UNSURE if ready.place.unsure else "")
        for ready in batch:
            if (fault := failed.get(ready.row.id)) is not None:
                self._failed(ready, fault.why)

    def _sync(self, some: Sequence[Ready], temps: Mapping[Found, str]) -> None:
        self._ctx.mirror.sync_temps([(r.row.dir, temps[r.found]) for r in some])

    def _sync_names(self, some: Sequence[Ready], places: Mapping[Found, Arrival]) -> None:
        self._ctx.mirror.sync_names([(r.row.dir, DiskPath(places[r.found].path)) for r in some])

    def _failed(self, ready: Ready, why: OSError) -> None:
        """It is taken another time: its claim stays on the share."""
        reason = Reason.DISK_FULL if no_room(why) else Reason.FAILED
        inside = shown("/".join((*ready.found.parts, ready.found.given)))
        said = Event(
            ready.row.code, "problem", inside, origin=shown(ready.found.shown), reason=reason, detail=why.strerror or "",
            notice=True, warning=True,
        )  # fmt: skip
        self._ctx.recorder.record(said, REPORTS)

    def tell(self, found: Found, row: ClientRow, arrival: Arrival, detail: str = "") -> None:
        """It lies in the mirror: remembered, and a line of the report and the journal."""
        ctx, content = self._ctx, arrival.content
        ctx.state.arrivals.put(replace(arrival, at=ctx.clock.now()))
        ctx.recorder.record(
            Event(
                row.code, "intake", shown(arrival.path), "local", origin=shown(found.shown), size=content.size,
                sha256=content.hex, detail=detail,
            )
        )  # fmt: skip
        self.placed.add(row.id)

    def _intended(self, ready: Ready) -> Arrival:
        with in_the_mirror():
            path = self._free(ready.row, ready.place.path)
        self._names(ready.row).add(paths.key(path))
        return Arrival(ready.row.id, ready.content, Origin.SCANNER.value, ready.found.place, path, 0.0)

    def _free(self, row: ClientRow, path: str) -> str:
        """The place, or the next name beside it: nothing bears it here or online, in whatever case or accents' form."""
        return naming.second_name(path, partial(self._is_taken, row)) if self._is_taken(row, path) else path

    def _is_taken(self, row: ClientRow, path: str) -> bool:
        return paths.key(path) in self._names(row) or self._ctx.mirror.stat(row.dir, DiskPath(path)) is not None

    def _names(self, row: ClientRow) -> set[str]:
        if row.id not in self._taken:
            trees = self._ctx.state.trees
            here = {paths.key(paths.nfc(disk)) for disk in trees.local.known(row.id)}
            brought = {paths.key(a.path) for a in self._ctx.state.arrivals.open(Origin.SCANNER.value, row.id)}
            self._taken[row.id] = here | trees.remote.keys(row.id) | brought
        return self._taken[row.id]

    def _copied(self, ready: Ready) -> str | None:
        """The bytes in a file of the engine's, in the client's directory; None: they are no longer what was looked at."""
        try:
            if ready.content.size > LARGE:
                return asyncio.run(self._large(ready))
            data = self._share.read(ready.found, ready.stamp)
        except (Changed, FileNotFoundError):
            return None
        with in_the_mirror():
            return self._ctx.mirror.temp(ready.row.dir, data, ready.stamp.mtime_ns / 1e9)

    async def _large(self, ready: Ready) -> str:
        with in_the_mirror():
            sink, temp = self._ctx.mirror.sink(ready.row.dir, ready.content.hex[:32])
        sink.dated(ready.stamp.mtime_ns / 1e9)
        offset = 0
        source = self._share.open(ready.found)
        try:
            while chunk := open_document.read(source, CHUNK):
                with in_the_mirror():
                    await sink.write(offset, chunk)
                offset += len(chunk)
            if stamp_of(open_document.status(source)) != ready.stamp or await sink.content() != ready.content:
                raise Changed("the scan changed while it was read")
        finally:
            os.close(source)
        return temp

    def _named(self, ready: Ready, temp: str, arrival: Arrival) -> Arrival | None:
        for _ in range(NAMES):
            try:
                with in_the_mirror():
                    self._ctx.mirror.place(ready.row.dir, temp, DiskPath(arrival.path))
                return arrival
            except Stale:  # somebody saved at the very name, or made a folder of it
                arrival = replace(arrival, path=naming.second_name(arrival.path, partial(self._is_taken, ready.row)))
                self._ctx.state.arrivals.put(arrival)
        return None


def _each(
    batch: Sequence[Ready], failed: dict[str, ClientFailed], do: Callable[[Ready], T | None]
) -> list[tuple[Ready, T]]:
    """What came of each; a client that failed is asked no more."""
    made = list[tuple[Ready, T]]()
    for ready in batch:
        if ready.row.id in failed:
            continue
        try:
            if (came := do(ready)) is not None:
                made.append((ready, came))
        except ClientFailed as e:
            failed[ready.row.id] = e
    return made


def _all(batch: Sequence[Ready], failed: dict[str, ClientFailed], do: Callable[[Sequence[Ready]], None]) -> list[Ready]:
    """Those for which it was done: all at once, or client by client to learn whose directory fails."""
    batch = [ready for ready in batch if ready.row.id not in failed]
    if not batch:
        return []
    try:
        do(batch)
        return list(batch)
    except OSError:
        pass
    made = list[Ready]()
    for client in dict.fromkeys(ready.row.id for ready in batch):
        some = [ready for ready in batch if ready.row.id == client]
        try:
            do(some)
            made += some
        except OSError as e:
            failed[client] = ClientFailed(e)
    return made
