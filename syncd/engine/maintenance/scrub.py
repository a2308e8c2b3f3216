"""Silent corruption on either side: found by reading everything again, never propagated, mended from the other side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from syncd.core import paths
from syncd.core.content import Content
from syncd.core.effects import Before, repaired
from syncd.core.entry import LocalDoc, RemoteState
from syncd.core.events import Event, shown
from syncd.core.paths import DiskPath
from syncd.core.protocol import GetItem, Rotten
from syncd.core.snapshot import Base
from syncd.engine.apply.commit import commit_effects
from syncd.engine.apply.fetch_version import fetch
from syncd.engine.context import Context
from syncd.engine.stages import ClientScan
from syncd.ports.local import ClientStopped, Stale

REPLACED = ".syncd/replaced/"


class Decayed(msgspec.Struct, frozen=True):
    """A document here whose bytes changed under an unchanged size, mtime, ctime and inode. `now`: what it holds."""

    doc: LocalDoc
    now: Content


class Decay(msgspec.Struct):
    client: str
    here: list[Decayed] = msgspec.field(default_factory=list)
    online: list[Rotten] = msgspec.field(default_factory=list)


async def look(ctx: Context, seen: ClientScan, between: Callable[[], None] = lambda: None) -> Decay:
    """Reads every document of the client here, and has the portal read every version it keeps."""
    found = Decay(seen.id)
    for doc in seen.scan.docs:
        between()
        try:
            now = await asyncio.to_thread(ctx.mirror.content, seen.client.dir, doc.disk)
        except OSError:
            continue  # the next scan says why
        if now != doc.content and ctx.mirror.stat(seen.client.dir, doc.disk) == doc.stamp:
            found.here.append(Decayed(doc, now))
    found.online = await ctx.remote.rehash(seen.id)
    return found


async def mend(ctx: Context, seen: ClientScan, decay: Decay) -> None:
    """Each from the other side's good copy; what came out here is kept, what was damaged there is moved away."""
    bad_online = {r.version_id for r in decay.online}
    for decayed in decay.here:
        ctx.recorder.between()
        await _mend_here(ctx, seen, decayed, bad_online)
    await _mend_online(ctx, seen, decay)


async def _mend_here(ctx: Context, seen: ClientScan, decayed: Decayed, bad_online: set[str]) -> None:
    doc = decayed.doc
    remote = ctx.state.trees.remote.load(seen.id)
    base = next((b for b in ctx.state.trees.base.load(seen.id).docs.values() if b.disk == doc.disk), None)
    online = remote.docs.get(base.id) if base is not None else None
    good = (
        base is not None and online is not None and online.state is RemoteState.LIVE
        and online.content == doc.content and online.version_id not in bad_online
    )  # fmt: skip
    temp = None
    if good and online is not None:
        item = GetItem(seen.id, online.id, online.version_id, online.content)
        temp = await fetch(ctx, seen.client.dir, item)
    if temp is None or base is None:
        ctx.recorder.problem(seen, paths.nfc(doc.path), "failed", "rotten_here")
        return
    try:
        stamp = ctx.settings.stamp(ctx.recorder.started)
        placed = ctx.mirror.replace(seen.client.dir, temp, doc.disk, doc.stamp, decayed.now, stamp)
        ctx.mirror.sync_names([(seen.client.dir, doc.disk)])
    except (Stale, OSError) as e:
        ctx.recorder.problem(seen, paths.nfc(doc.path), "failed", str(e))
        return
    before = Before(seen.id, seen.code, Base(docs={base.id: base}))
    changed = repaired(before, replace(base, stamp=placed.stamp), ctx.clock.now(), placed.kept)
    commit_effects(ctx, seen.client, changed)


async def _mend_online(ctx: Context, seen: ClientScan, decay: Decay) -> None:
    sound = {d.content: (d.disk, d.stamp) for d in seen.scan.docs if d.disk not in {x.doc.disk for x in decay.here}}
    try:
        kept = ctx.mirror.kept(seen.client.dir, 0.0) if any(r.content not in sound for r in decay.online) else []
    except ClientStopped as e:
        ctx.recorder.stopped(seen, e.reason, shown(e.where))
        return
    sound |= {content: (DiskPath(REPLACED + name), stamp) for name, stamp, content in kept if content not in sound}
    for rotten in decay.online:
        ctx.recorder.between()
        where = sound.get(rotten.content)
        try:
            if where is None:
                raise OSError("no_sound_copy")
            data = ctx.mirror.read(seen.client.dir, *where)
            item = GetItem(seen.id, rotten.doc, rotten.version_id, rotten.content)
            (result,) = await ctx.remote.heal([(item, data)])
            if not result.ok:
                raise OSError(result.detail or result.reason)
        except OSError as e:
            ctx.recorder.problem(seen, rotten.path, "failed", f"rotten_online {rotten.version} {e}")
            continue
        ctx.recorder.record(_mended(seen.code, rotten.path, rotten.content, rotten.version))


def _mended(code: str, path: str, content: Content, version: int) -> Event:
    return Event(
        code, "restore", paths.nfc(path), "remote", detail="repaired", size=content.size, sha256=content.hex,
        version=version, warning=True,
    )  # fmt: skip


def reasons(decay: Decay) -> Sequence[tuple[str, str]]:
    """Differences as `verify` names them."""
    return [
        *((paths.nfc(d.doc.path), "rotten_here") for d in decay.here),
        *((r.path, "rotten_online" if r.current else "rotten_version") for r in decay.online),
    ]
