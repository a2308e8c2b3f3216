"""Claimed scans get their place in the mirror: written down, placed without replacing, told; a batch at a time."""

from __future__ import annotations

import asyncio
import os
from functools import partial

import msgspec
from msgspec.structs import replace

from syncd.core import naming, paths
from syncd.core.content import Content, Stamp
from syncd.core.events import Event, shown
from syncd.core.intake import Place
from syncd.core.origins import Origin
from syncd.core.paths import DiskPath
from syncd.disk import open_document
from syncd.disk.hashing import CHUNK, Changed, stamp_of
from syncd.engine.context import LARGE, Context
from syncd.jobs.intake.share import Found, Share
from syncd.ports.local import Stale
from syncd.ports.state import Arrival, ClientRow

MOST, BYTES = 200, 32_000_000  # of a batch
UNSURE = "unsure"  # an event's detail: the exercise was not told
NAMES = 20  # that somebody may take at the very moment


class Ready(msgspec.Struct, frozen=True):
    """A claimed scan, whole, of known content, with its place. `stamp`: as it was hashed."""

    found: Found
    row: ClientRow
    place: Place
    content: Content
    stamp: Stamp


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
        """Bytes, then what is to be remembered, then names: each is durable before the next begins."""
        batch, self._waiting = self._waiting, []
        copied = [(r, temp) for r in batch if (temp := self._copied(r)) is not None]
        if not copied:
            return
        arrivals = [self._intended(r) for r, _ in copied]
        with self._ctx.state.atomic():
            for arrival in arrivals:
                self._ctx.state.arrivals.put(arrival)
        self._ctx.mirror.sync_temps([(r.row.dir, temp) for r, temp in copied])
        named = [
            (r, a) for (r, temp), arrival in zip(copied, arrivals, strict=True) if (a := self._named(r, temp, arrival))
        ]
        if named:
            self._ctx.mirror.sync_names([(r.row.dir, DiskPath(a.path)) for r, a in named])
        with self._ctx.state.atomic():
            for ready, arrival in named:
                self.tell(ready.found, ready.row, arrival, UNSURE if ready.place.unsure else "")

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
            brought = {
                paths.key(a.path) for a in self._ctx.state.arrivals.open(Origin.SCANNER.value) if a.client == row.id
            }
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
        return self._ctx.mirror.temp(ready.row.dir, data, ready.stamp.mtime_ns / 1e9)

    async def _large(self, ready: Ready) -> str:
        sink, temp = self._ctx.mirror.sink(ready.row.dir, ready.content.hex[:32])
        sink.dated(ready.stamp.mtime_ns / 1e9)
        offset = 0
        source = self._share.open(ready.found)
        try:
            while chunk := open_document.read(source, CHUNK):
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
                self._ctx.mirror.place(ready.row.dir, temp, DiskPath(arrival.path))
                return arrival
            except Stale:  # somebody saved at the very name, or made a folder of it
                arrival = replace(arrival, path=naming.second_name(arrival.path, partial(self._is_taken, ready.row)))
                self._ctx.state.arrivals.put(arrival)
        return None
