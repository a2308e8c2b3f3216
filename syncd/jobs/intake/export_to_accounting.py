"""What the portal's folder of entries receives for a client goes to a directory of the accounting software's, in order and once.

Only what came from the portal: what the cabinet put into that folder itself, or the robot took from a scanner's share, is not
handed back to the program that may have made it.
"""

from __future__ import annotations

import asyncio
from functools import partial

from msgspec.structs import replace

from syncd.core import intake as core
from syncd.core import naming, paths
from syncd.core.entry import BaseDoc
from syncd.core.events import Event, shown
from syncd.core.paths import ClientPath
from syncd.disk.hashing import Changed
from syncd.engine.context import LARGE, Context
from syncd.ports.local import Stale
from syncd.ports.state import Arrival, ClientRow

HANDED, OWN = "export", "own"  # of arrivals: by which way a content of these folders went, or that it goes nowhere


class Export:
    """`root`: one directory below it for each client's code."""

    def __init__(self, ctx: Context, root: str) -> None:
        self._ctx, self._root = ctx, root

    def __call__(self, rows: dict[str, ClientRow]) -> None:
        """Raises OSError where the directory cannot be written."""
        by_id = {row.id: row for row in rows.values()}
        found: dict[str, list[BaseDoc]] = {}
        for client, doc in self._ctx.state.trees.base.ending(core.ENTRIES_FILES):
            row = by_id.get(client)
            if row is not None and row.rules is not None and core.holds_entries(row.rules.rules(row.code), doc.path):
                before = self._ctx.state.arrivals.find(client, doc.content)
                if before is None or (before.origin == HANDED and not before.done):
                    found.setdefault(client, []).append(doc)
        for client, docs in found.items():
            for doc, came in self._in_order(by_id[client], docs):
                self._ctx.recorder.between(by_id[client].code)
                if came:
                    self._hand(by_id[client], doc)
                else:
                    self._note(by_id[client], doc, OWN, "")

    def _in_order(self, row: ClientRow, docs: list[BaseDoc]) -> list[tuple[BaseDoc, bool]]:
        """As the portal gave them; and whether it was the portal that did."""
        wanted = {doc.content.hex: doc for doc in docs}
        events = self._ctx.state.journal.events(client=row.code)
        came = dict.fromkeys(e.sha256 for _, e in events if e.action == "download" and e.sha256 in wanted)
        return [(wanted[sha], True) for sha in came] + [(d, False) for sha, d in wanted.items() if sha not in came]

    def _hand(self, row: ClientRow, doc: BaseDoc) -> None:
        ctx, to = self._ctx, f"{self._root}/{row.code}"
        event = Event(
            row.code, "export", shown(doc.path), "local", to=shown(f"{row.code}/{paths.name(doc.path)}"), size=doc.content.size,
            sha256=doc.content.hex,
        )  # fmt: skip
        if ctx.settings.dry_run:
            ctx.recorder.record(event)
            return
        before = ctx.state.arrivals.find(row.id, doc.content)
        name = before.path if before is not None else self._free(to, paths.name(doc.disk))
        self._note(row, doc, HANDED, name, at=0.0)
        if ctx.mirror.exported(to, ClientPath(name)) != doc.content:  # else a kill came before it was written down
            try:
                temp = self._copied(row, doc)
            except (
                Changed,
                Stale,
                FileNotFoundError,
            ):  # saved anew a moment ago: the next pass knows it as what it is then
                ctx.state.arrivals.drop(row.id, doc.content)
                return
            ctx.mirror.sync_temps([(row.dir, temp)])
            ctx.mirror.export(row.dir, temp, to, ClientPath(name))
        with ctx.state.atomic():
            self._note(row, doc, HANDED, name, at=ctx.clock.now())
            ctx.recorder.record(replace(event, to=shown(f"{row.code}/{name}")))

    def _note(self, row: ClientRow, doc: BaseDoc, origin: str, name: str, at: float | None = None) -> None:
        if self._ctx.settings.dry_run:
            return
        now = self._ctx.clock.now() if at is None else at
        self._ctx.state.arrivals.put(Arrival(row.id, doc.content, origin, doc.path, name, now, now))

    def _free(self, to: str, name: str) -> str:
        taken = partial(self._is_taken, to)
        return naming.second_name(name, taken) if taken(name) else name

    def _is_taken(self, to: str, name: str) -> bool:
        return self._ctx.mirror.exported(to, ClientPath(name)) is not None

    def _copied(self, row: ClientRow, doc: BaseDoc) -> str:
        mirror, modified = self._ctx.mirror, doc.stamp.mtime_ns / 1e9
        if doc.content.size <= LARGE:
            return mirror.temp(row.dir, mirror.read(row.dir, doc.disk, doc.stamp), modified)
        return asyncio.run(self._large(row, doc, modified))

    async def _large(self, row: ClientRow, doc: BaseDoc, modified: float) -> str:
        sink, temp = self._ctx.mirror.sink(row.dir, doc.content.hex[:32])
        sink.dated(modified)
        offset = 0
        async for chunk in self._ctx.mirror.source(row.dir, doc.disk, doc.stamp).chunks(0):
            await sink.write(offset, chunk)
            offset += len(chunk)
        if await sink.content() != doc.content:
            raise Changed("the document changed while it was read")
        return temp
