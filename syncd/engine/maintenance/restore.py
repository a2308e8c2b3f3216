"""A client's tree as it was at a moment, from the portal's versions and bin; nothing that is there is lost for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from syncd.core import naming, paths
from syncd.core.entry import LocalDoc
from syncd.core.errors import UsageError
from syncd.core.events import Event
from syncd.core.paths import ClientPath, DiskPath
from syncd.core.protocol import Former, GetItem
from syncd.core.snapshot import Base
from syncd.core.words import faults
from syncd.engine.apply.failures import reason_of
from syncd.engine.apply.fetch_version import fetch
from syncd.engine.context import Context
from syncd.engine.open.discover import check_root
from syncd.engine.open.open_pass import Scope, open_pass
from syncd.engine.open.scan import scan_all
from syncd.engine.stages import ClientScan
from syncd.ports.local import Stale

Told = Callable[[int, int], None]


class Wish(msgspec.Struct, frozen=True):
    """`at`: seconds since 1970. `run`: only what that run touched, as it was before it. `to`: elsewhere than the mirror."""

    client: str
    places: tuple[str, ...] = ()
    at: float = 0.0
    run: int | None = None
    to: Path | None = None


async def restore(ctx: Context, wish: Wish, told: Told) -> int:
    """Number of documents that were to be restored. Raises UsageError when nothing answers to the wish."""
    looking = replace(ctx, settings=replace(ctx.settings, dry_run=True)) if wish.to is not None else ctx
    seen, base = await _seen(looking, wish.client)
    if wish.run is not None:
        formers = _before(ctx, wish.client, wish.run, await ctx.remote.versions(seen.id))
    else:
        formers = await ctx.remote.tree_at(seen.id, wish.at)
    wanted = [f for f in formers if _asked(f, wish.places)]
    missing = [p for p in wish.places if not any(_asked(f, (p,)) for f in wanted)]
    if missing:
        raise UsageError(
            faults.NOT_THERE_THEN.of(client=wish.client, path=missing[0]), mend=faults.NOT_THERE_THEN_MEND.of()
        )
    work = _Work(ctx, seen, base)
    for n, former in enumerate(wanted, 1):
        ctx.recorder.between()
        try:
            if wish.to is not None:
                await work.elsewhere(former, wish.to)
            else:
                await work.here(former)
        except Stale as e:
            ctx.recorder.problem(seen, former.path, "unstable", str(e))
        except OSError as e:
            ctx.recorder.problem(seen, former.path, reason_of(e), e.strerror or "")
        told(n, len(wanted))
    return len(wanted)


async def _seen(ctx: Context, client: str) -> tuple[ClientScan, Base]:
    """What lies in the client's directory, and what was agreed on."""
    only = replace(ctx, settings=replace(ctx.settings, only=frozenset({client})))
    opened = await open_pass(only, Scope(works=False), check_root(only))
    scans = await scan_all(only, opened.clients)
    if not scans or not scans[0].client.dir or scans[0].client.adopt:
        raise UsageError(faults.NO_DIRECTORY.of(client=client), mend=faults.NO_DIRECTORY_MEND.of())
    return scans[0], ctx.state.trees.base.load(scans[0].id)


def _asked(former: Former, places: Sequence[str]) -> bool:
    at = paths.key(former.path)
    return not places or any(paths.is_below(at, paths.key(paths.nfc(p.strip("/")))) for p in places)


def _before(ctx: Context, client: str, number: int, versions: Sequence[Former]) -> list[Former]:
    """What a run touched, as it was before it: place and content from the event stream, bytes from the versions."""
    run = ctx.state.journal.find_run(number)
    if run is None:
        raise UsageError(faults.NO_RUN.of(run=number), mend=faults.NO_RUN_MEND.of())
    held: dict[str, str] = {}  # key of a place → digest, as the stream tells it up to the run
    for _, event in ctx.state.journal.events(client=client, end=run.started):
        _follow(held, event)
    wanted: dict[str, tuple[str, str]] = {}
    for _, event in ctx.state.journal.events(run=number, client=client):
        if event.action in _SAID_ONLY or (event.folder and event.action != "move"):
            continue
        place = event.origin or event.path
        if event.folder:
            inside = {k: v for k, v in held.items() if paths.is_below(k, paths.key(place))}
            wanted |= {k: (k, v) for k, v in inside.items()}
        elif digest := held.get(paths.key(place)) or (event.sha256 if event.action == "set_aside" else ""):
            wanted[paths.key(place)] = (place, digest)
    found = []
    for at, (place, digest) in wanted.items():
        fitting = [v for v in versions if v.content.hex == digest]
        if fitting:
            best = min(fitting, key=lambda v: (paths.key(v.path) != at, -v.version))
            found.append(replace(best, path=place if place != at else best.path))
    return sorted(found, key=lambda f: f.path)


_SAID_ONLY = ("refused", "problem", "waiting", "stopped")


def _follow(held: dict[str, str], event: Event) -> None:
    at, action = paths.key(event.path), event.action
    if action == "move":
        old = paths.key(event.origin)
        for k in [k for k in held if paths.is_below(k, old)]:
            held[paths.rebase(k, old, at)] = held.pop(k)
    elif action == "record" and event.folder:  # found there: what was in it may lie at either place
        old = paths.key(event.origin)
        held |= {paths.rebase(k, old, at): v for k, v in held.items() if paths.is_below(k, old)}
    elif action == "keep_both":  # what took the name is told by its version alone
        held.pop(at, None)
        held[paths.key(event.to)] = event.sha256
    elif action in ("set_aside", "forget", "leave", "withdraw", "remove"):
        held.pop(at, None)
    elif action not in _SAID_ONLY and event.sha256:
        held[at] = event.sha256


class _Work:
    def __init__(self, ctx: Context, seen: ClientScan, base: Base) -> None:
        self.ctx, self.client, self.base = ctx, seen.client, base
        self.local = {paths.key(d.path): d for d in seen.scan.docs}
        self.by_disk = {d.disk: d for d in seen.scan.docs}
        self.folders = {paths.key(f.path): f.disk for f in seen.scan.folders}

    def disk(self, path: ClientPath) -> DiskPath:
        up, new = paths.parent(path), [paths.name(path)]
        while up and paths.key(up) not in self.folders:
            new.append(paths.name(up))
            up = paths.parent(up)
        return DiskPath("/".join(([self.folders[paths.key(up)]] if up else []) + new[::-1]))

    def taken(self, path: ClientPath) -> bool:
        return paths.key(path) in self.local or self.ctx.mirror.stat(self.client.dir, self.disk(path)) is not None

    async def here(self, former: Former) -> None:
        """Back at its place: renamed back when it is still here under another name, else fetched."""
        at = paths.key(former.path)
        base = self.base.docs.get(former.doc)
        own = self.by_disk.get(base.disk) if base is not None and not base.left else None
        held = self.local.get(at)
        if held is None and own is not None:
            self._rename(own, former)
            held = own = self.local.get(at)
        elif held is None and (aside := self._set_aside(former)) is not None:
            self._rename(aside, former)
            return
        if held is not None and held.content == former.content:
            return
        if held is not None and held is not own:  # another document has the name now
            await self._fetch(former, naming.second_name(former.path, self.taken), None)
        else:
            await self._fetch(former, former.path, held)

    def _set_aside(self, former: Former) -> LocalDoc | None:
        for record in self.base.set_asides:
            found = self.by_disk.get(record.to)
            if record.doc == former.doc and found is not None and found.content == former.content:
                return found
        return None

    def _rename(self, doc: LocalDoc, former: Former) -> None:
        disk, stamp = self.disk(former.path), doc.stamp
        if not self.ctx.settings.dry_run:
            stamp = self.ctx.mirror.rename(self.client.dir, doc.disk, disk, doc.stamp)
            self.ctx.mirror.sync_names([(self.client.dir, doc.disk), (self.client.dir, disk)])
        self.local.pop(paths.key(doc.path), None)
        self.by_disk.pop(doc.disk, None)
        moved = replace(doc, path=former.path, disk=disk, stamp=stamp)
        self.local[paths.key(former.path)] = self.by_disk[disk] = moved
        self._tell(former, former.path, origin=doc.path)

    async def _fetch(self, former: Former, path: ClientPath, over: LocalDoc | None) -> None:
        client, mirror = self.client, self.ctx.mirror
        if not self.ctx.settings.dry_run:
            if mirror.free_bytes() - former.content.size <= self.ctx.settings.reserve:
                self.ctx.recorder.problem(client, path, "disk_full")
                return
            item = GetItem(client.id, former.doc, former.version_id, former.content)
            temp = await fetch(self.ctx, client.dir, item)
            if temp is None:
                self.ctx.recorder.problem(client, path, "failed", "not_given")
                return
            disk = over.disk if over is not None else self.disk(path)
            if over is not None:
                stamp = self.ctx.settings.stamp(self.ctx.recorder.started)
                placed = mirror.replace(client.dir, temp, disk, over.stamp, over.content, stamp)
                if placed.kept:  # somebody saved while it was being replaced
                    kept = paths.nfc(placed.kept)
                    saved = Event(client.code, "keep_both", paths.nfc(path), "local", to=kept, warning=True)
                    self.ctx.recorder.record(saved)
            else:
                mirror.place(client.dir, temp, disk)
            mirror.sync_names([(client.dir, disk)])
        self._tell(former, path, to=path if path != former.path else "")

    async def elsewhere(self, former: Former, to: Path) -> None:
        """Under a directory of the person's choice; an equal file there is left, another is never overwritten."""
        target = to / former.path
        if self.ctx.settings.dry_run:
            self._tell(former, former.path)
            return
        there = await asyncio.to_thread(self.ctx.mirror.exported, str(to), former.path)
        if there is not None:
            if there == former.content:
                return
            self.ctx.recorder.refused(self.client, former.path, "name_collision", str(target))
            return
        for last in (False, False, True):  # a pass that begins meanwhile puts away what arrives
            item = GetItem(self.client.id, former.doc, former.version_id, former.content)
            try:
                temp = await fetch(self.ctx, self.client.dir, item)
                if temp is None:
                    self.ctx.recorder.problem(self.client, former.path, "failed", "not_given")
                    return
                await asyncio.to_thread(self.ctx.mirror.export, self.client.dir, temp, str(to), former.path)
            except FileNotFoundError:
                if await asyncio.to_thread(self.ctx.mirror.exported, str(to), former.path) == former.content:
                    break  # it had its name by then
                if last:
                    raise
            else:
                break
        self._tell(former, former.path)

    def _tell(self, former: Former, path: ClientPath, *, origin: str = "", to: str = "") -> None:
        self.ctx.recorder.record(
            Event(
                self.client.code, "restore", path, "local", origin=origin, to=to, size=former.content.size,
                sha256=former.content.hex, version=former.version,
            )
        )  # fmt: skip
