"""The cabinet's side: what it sends is what both its disk and the portal hold; what comes is published by an ordinary pass."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from syncd.core import paths
from syncd.core.actions import KeepBoth, SetAside
from syncd.core.entry import BaseDoc, RemoteState
from syncd.core.errors import SyncdError, UsageError
from syncd.core.events import Event, of_action, shown
from syncd.core.folder_rules import ClientRules, Direction
from syncd.core.origins import Origin
from syncd.core.packages.chain import Mine
from syncd.core.packages.manifest import Folder, NotTaken, is_portable
from syncd.core.packages.planning import Here, Step
from syncd.core.protocol import RemoveItem
from syncd.core.reasons import Reason
from syncd.core.words import faults
from syncd.core.words import packages as said
from syncd.engine.context import Context
from syncd.engine.open.discover import check_root
from syncd.jobs.packages.applier import Coming
from syncd.jobs.packages.creation import Contents, Read
from syncd.jobs.packages.ledger import Identity
from syncd.ports.local import Mirror, Scan
from syncd.ports.state import Arrival, ClientRow, State


def client(state: State, code: str) -> ClientRow:
    """Raises UsageError for one that is not known, is closed, or has no directory yet."""
    row = next((r for r in state.clients.all() if r.code == code), None)
    if row is None:
        raise UsageError(faults.NO_CLIENT.of(codes=code), mend=faults.SEE_CLIENTS.of())
    if row.closed or not row.dir or row.rules is None:
        raise UsageError(said.NO_DIRECTORY.of(code=code), mend=said.NO_DIRECTORY_MEND.of())
    return row


def identity(row: ClientRow, cabinet: str) -> Identity:
    return Identity(cabinet, row.id, row.code, row.name)


def rules_of(row: ClientRow) -> ClientRules:
    assert row.rules is not None
    return row.rules.rules(row.code)


def agreed(state: State, row: ClientRow, held: Collection[str]) -> tuple[dict[str, BaseDoc], list[str]]:
    """By path what is here and online, the same on both, as the company may see it: nothing that only the cabinet has is among
    it. And what the company holds of which nothing is to be said now: it lies here, and is not published yet, or was left online.
    `held`: where it holds something, or may by now."""
    rules = rules_of(row)
    live = {i for i, d in state.trees.remote.load(row.id).docs.items() if d.state is RemoteState.LIVE}
    known = state.trees.local.known(row.id)
    found, elsewhere = dict[str, BaseDoc](), set[str]()
    for i, doc in state.trees.base.load(row.id).docs.items():
        folder = paths.parent(doc.path)
        crosses = rules.folder_direction(folder) is not Direction.NONE and not rules.is_withheld(folder)
        same = (mine := known.get(doc.disk)) is not None and mine.content == doc.content
        if i in live and same and not doc.left and crosses and (doc.path in held or is_portable(doc.path)):
            found[doc.path] = doc
        elif i in live:
            elsewhere.add(doc.path)
    missing = [p for p in held if p not in found]
    if missing:
        lies = {paths.key(paths.nfc(disk)) for disk in known}
        missing = [p for p in missing if p in elsewhere or paths.key(p) in lies]
    return found, missing


def contents(row: ClientRow, docs: dict[str, BaseDoc], unknown: list[str], read: Read) -> Contents:
    rules = rules_of(row)
    mine = {p: Mine(d.content, d.stamp.mtime_ns // 10**9, d.id) for p, d in docs.items()}
    return Contents(mine, unknown, told_tree(row), lambda path: rules.is_restricted(paths.parent(path)), read)


def told_tree(row: ClientRow) -> tuple[Folder, ...]:
    """The client's folders as a company may know them."""
    rules = rules_of(row)
    kept_here = {paths.key(f) for f in rules.kept_here()}
    crossing = [r for r in rules.folders if paths.key(r.path) not in kept_here and not rules.is_withheld(r.path)]
    return tuple(Folder.of(r) for r in sorted(crossing, key=lambda r: r.path))


class CabinetSide:
    """A Side (applier): the mirror and its journal. `source`: the package's name, which events and arrivals bear."""

    def __init__(self, ctx: Context, row: ClientRow, source: str) -> None:
        self._ctx, self._row, self._source = ctx, row, source
        self.stamp = ctx.settings.stamp(ctx.clock.now())

    @property
    def mirror(self) -> Mirror:
        return self._ctx.mirror

    @property
    def directory(self) -> str:
        return self._row.dir

    @property
    def reserve(self) -> int:
        return self._ctx.settings.reserve

    async def look(self) -> Here:
        """Its directory as it is now. Raises SyncdError where it is not sound."""
        ctx, row = self._ctx, self._row
        check_root(ctx)
        held = next((d for d in ctx.mirror.clients() if d.name == row.dir), None)
        if held is None or held.client != row.id or held.fault:
            raise SyncdError(said.NOT_SOUND.of(code=row.code), mend=said.NOT_SOUND_MEND.of())
        known = ctx.state.trees.local.known(row.id)
        scan = await asyncio.to_thread(ctx.mirror.scan, row.dir, rules_of(row), known)
        if scan.young:
            await ctx.clock.sleep(ctx.settings.settle)
            await asyncio.to_thread(ctx.mirror.settle, row.dir, scan)
        return here(scan)

    def between(self) -> None:
        self._ctx.recorder.between(self._row.code)

    def coming(self, batch: Sequence[Coming]) -> None:
        """By which way they came is known before anybody can publish them."""
        ctx, now = self._ctx, self._ctx.clock.now()
        with ctx.state.atomic():
            for c in batch:
                before = ctx.state.arrivals.find(self._row.id, c.content)
                if before is None or before.done:
                    arrival = Arrival(self._row.id, c.content, Origin.PACKAGE, self._source, c.disk, now, now)
                    ctx.state.arrivals.put(arrival)

    def came(self, batch: Sequence[Coming]) -> None:
        with self._ctx.state.atomic():
            for c in batch:
                action = c.step.action
                over = not isinstance(action, KeepBoth) and getattr(action, "expect", None) is not None
                self._ctx.recorder.record(
                    Event(
                        self._row.code, "package", shown(c.path), "local", origin=shown(self._source), size=c.content.size,
                        sha256=c.content.hex, replaces=over,
                    )
                )  # fmt: skip

    def moved(self, step: Step) -> None:
        if (event := of_action(self._row.code, step.action)) is not None:
            self._ctx.recorder.record(event)

    async def set_aside(self, steps: Sequence[Step]) -> list[NotTaken]:
        """Into the portal's bin, in the company's name, where it may: the pass that follows renames them here, within its guards."""
        ctx, row = self._ctx, self._row
        base = {d.disk: d for d in ctx.state.trees.base.load(row.id).docs.values()}
        failed, items, about = list[NotTaken](), list[RemoveItem](), list[Step]()
        for step in steps:
            assert isinstance(step.action, SetAside)
            doc = base.get(step.action.disk)
            if doc is None or doc.content != step.action.content:
                failed.append(NotTaken(step.entry.path, Reason.NOT_ONLINE))
            else:
                items.append(RemoveItem(row.id, doc.id, doc.version, company=True))
                about.append(step)
        if not items or ctx.settings.dry_run:
            return failed
        written = await ctx.remote.remove(items)
        for step, result in zip(about, written.results, strict=True):
            if not result.ok:
                failed.append(NotTaken(step.entry.path, result.reason or Reason.UNSTABLE, result.detail))
        return failed


def here(scan: Scan) -> Here:
    return Here(scan.docs, scan.folders, scan.problems, scan.held, scan.locked)
