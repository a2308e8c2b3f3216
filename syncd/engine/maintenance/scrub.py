"""Silent corruption on either side: found by reading everything again, never propagated, mended from the other side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from syncd.core import paths
from syncd.core.content import Content
from syncd.core.entry import LocalDoc, RemoteState
from syncd.core.events import Event
from syncd.core.protocol import GetItem, Rotten
from syncd.engine.apply.fetch_version import fetch
from syncd.engine.apply.local import record_base, saved_meanwhile, stop_client
from syncd.engine.context import Job, Parts, Settings
from syncd.engine.recorder import Recorder
from syncd.ports.local import ClientStopped, Known, Stale

REPLACED = ".syncd/replaced/"


class Decayed(msgspec.Struct, frozen=True):
    """A document here whose bytes changed under an unchanged size, mtime, ctime and inode. `now`: what it holds."""

    doc: LocalDoc
    now: Content


class Decay(msgspec.Struct):
    client: str
    here: list[Decayed] = msgspec.field(default_factory=list)
    online: list[Rotten] = msgspec.field(default_factory=list)


async def look(parts: Parts, job: Job, between: Callable[[], None] = lambda: None) -> Decay:
    """Reads every document of the client here, and has the portal read every version it keeps."""
    found = Decay(job.id)
    for doc in job.scan.docs:
        between()
        try:
            now = await asyncio.to_thread(parts.mirror.content, job.dir, doc.disk)
        except OSError:
            continue  # the next scan says why
        if now != doc.content and parts.mirror.stat(job.dir, doc.disk) == doc.stamp:
            found.here.append(Decayed(doc, now))
    found.online = await parts.remote.rehash(job.id)
    return found


async def mend(parts: Parts, settings: Settings, recorder: Recorder, job: Job, decay: Decay) -> None:
    """Each from the other side's good copy; what came out here is kept, what was damaged there is moved away."""
    bad_online = {r.version_id for r in decay.online}
    for decayed in decay.here:
        recorder.between()
        await _mend_here(parts, settings, recorder, job, decayed, bad_online)
    await _mend_online(parts, recorder, job, decay)


async def _mend_here(
    parts: Parts, settings: Settings, recorder: Recorder, job: Job, decayed: Decayed, bad_online: set[str]
) -> None:
    doc = decayed.doc
    remote = parts.state.remote(job.id)
    base = next((b for b in parts.state.base(job.id).docs.values() if b.disk == doc.disk), None)
    online = remote.docs.get(base.id) if base is not None else None
    good = (
        base is not None and online is not None and online.state is RemoteState.LIVE
        and online.content == doc.content and online.version_id not in bad_online
    )  # fmt: skip
    temp = None
    if good and online is not None:
        item = GetItem(job.id, online.id, online.version_id, online.content)
        temp = await fetch(parts, job.dir, item)
    if temp is None or base is None:
        recorder.problem(job, paths.nfc(doc.path), "failed", "rotten_here")
        return
    try:
        stamp = settings.stamp(recorder.started)
        placed = parts.mirror.replace(job.dir, temp, doc.disk, doc.stamp, decayed.now, stamp)
        parts.mirror.sync_names([(job.dir, doc.disk)])
    except (Stale, OSError) as e:
        recorder.problem(job, paths.nfc(doc.path), "failed", str(e))
        return
    with parts.state.atomic():
        known = Known(placed.stamp, doc.content, int(parts.clock.now() * 1e9))
        parts.state.observe_local(job.id, {doc.disk: known})
        record_base(parts, job, replace(base, stamp=placed.stamp))
        saved_meanwhile(recorder, job, doc.path, placed)
        recorder.tell(_mended(job, doc.path, "local", doc.content))


async def _mend_online(parts: Parts, recorder: Recorder, job: Job, decay: Decay) -> None:
    sound = {d.content: (d.disk, d.stamp) for d in job.scan.docs if d.disk not in {x.doc.disk for x in decay.here}}
    try:
        kept = parts.mirror.kept(job.dir, 0.0) if any(r.content not in sound for r in decay.online) else []
    except ClientStopped as e:
        stop_client(recorder, job, e)
        return
    sound |= {content: (REPLACED + name, stamp) for name, stamp, content in kept if content not in sound}
    for rotten in decay.online:
        recorder.between()
        where = sound.get(rotten.content)
        try:
            if where is None:
                raise OSError("no_sound_copy")
            data = parts.mirror.read(job.dir, *where)
            item = GetItem(job.id, rotten.doc, rotten.version_id, rotten.content)
            (result,) = await parts.remote.heal([(item, data)])
            if not result.ok:
                raise OSError(result.detail or result.reason)
        except OSError as e:
            recorder.problem(job, rotten.path, "failed", f"rotten_online {rotten.version} {e}")
            continue
        recorder.tell(_mended(job, rotten.path, "remote", rotten.content, rotten.version))


def _mended(job: Job, path: str, side: str, content: Content, version: int | None = None) -> Event:
    return Event(
        job.code, "restore", paths.nfc(path), side, detail="repaired", size=content.size, sha256=content.hex,
        version=version, warning=True,
    )  # fmt: skip


def reasons(decay: Decay) -> Sequence[tuple[str, str]]:
    """Differences as `verify` names them."""
    return [
        *((paths.nfc(d.doc.path), "rotten_here") for d in decay.here),
        *((r.path, "rotten_online" if r.current else "rotten_version") for r in decay.online),
    ]
