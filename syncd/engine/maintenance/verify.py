"""Proof that both sides hold the same: mirror = base here, live = base there, by digest (RULES 9)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from syncd.core import paths, tree_digests
from syncd.core.entry import RemoteState
from syncd.core.errors import UsageError
from syncd.engine.context import Job, Parts, Settings
from syncd.engine.decide.review import plan_client
from syncd.engine.maintenance.scrub import look, mend, reasons
from syncd.engine.open import disk_traits
from syncd.engine.open.portal import greet, learn
from syncd.engine.open.recovery import recover
from syncd.engine.open.scan import check_root, find_directories, scan_all
from syncd.engine.recorder import Recorder


class Proof(msgspec.Struct):
    """`exceptions` are explained by a rule; `differences` are not. Both: (path, reason)."""

    code: str
    name: str
    documents: int = 0
    digest: str = ""
    exceptions: list[tuple[str, str]] = msgspec.field(default_factory=list)
    differences: list[tuple[str, str]] = msgspec.field(default_factory=list)

    @property
    def same(self) -> bool:
        return not self.differences


async def prove(parts: Parts, settings: Settings, *, deep: bool = False) -> list[Proof]:
    """Reads only: `parts.state` is a copy, the lease is left alone. `deep`: every byte on both sides is read again."""
    proofs, jobs = await _compared(parts, settings, Recorder(parts, settings, lambda event: None))
    if deep:
        by_code = {p.code: p for p in proofs}
        for job in jobs:
            decay = await look(parts, job)
            by_code[job.code].differences += reasons(decay)
    return proofs


async def repair(
    parts: Parts, settings: Settings, recorder: Recorder, told: Callable[[int, int], None] = lambda done, of: None
) -> int:
    """Mend what decayed on either side; how many documents were read. `parts.state` is the engine's own, under its lock. `told`: documents read."""
    _, jobs = await _compared(parts, settings, recorder)
    done, of = 0, sum(len(job.scan.docs) for job in jobs)

    def read() -> None:
        nonlocal done
        recorder.between()
        done += 1
        told(done, of)

    for job in jobs:
        decay = await look(parts, job, read)
        if decay.here or decay.online:
            await mend(parts, settings, recorder, job, decay)
    return done


async def _compared(parts: Parts, settings: Settings, recorder: Recorder) -> tuple[list[Proof], list[Job]]:
    root = check_root(parts, settings)
    parts.mirror.disk(disk_traits.remembered(parts), now=parts.clock.now(), measure=False)
    hello = await greet(parts, settings)
    directories = parts.mirror.clients()
    recover(parts, recorder, hello, root, directories)
    rows = [
        r
        for r in parts.state.clients()
        if r.code not in settings.exclude and (not settings.only or r.code in settings.only)
    ]
    if missing := settings.only - {r.code for r in rows}:
        raise UsageError(
            f"no client with code {', '.join(sorted(missing))} on the portal.", mend="See: syncd client list."
        )
    await learn(parts, recorder, rows)
    jobs = find_directories(parts, settings, recorder, parts.state.clients(), directories)
    found = {j.id for j in jobs}
    stopped = [
        Proof(r.code, r.name, differences=[("", "stop_client_marker")])
        for r in rows
        if r.id not in found and not r.closed
    ]
    jobs = await scan_all(parts, settings, recorder, jobs)
    check_root(parts, settings, root.device)
    for job in jobs:
        parts.state.set_clean(job.id, False)
    told = {p.client: p for p in await parts.remote.parity([j.id for j in jobs])}
    proofs = stopped
    for job in jobs:
        job.row = next(r for r in parts.state.clients() if r.id == job.id)
        await asyncio.to_thread(plan_client, parts, settings, recorder, job, settings.stamp(recorder.started))
        claim = told.get(job.id)
        proofs.append(_compare(parts, job, (claim.count, claim.digest) if claim else (0, "")))
    return sorted(proofs, key=lambda p: p.code), jobs


def _compare(parts: Parts, job: Job, portal: tuple[int, str]) -> Proof:
    base, remote = parts.state.base(job.id), parts.state.remote(job.id)
    reasons = (
        {n.path: n.reason for n in [*job.plan.refusals, *job.plan.notices]}
        | {p.path: p.reason for p in job.plan.problems}
        if job.plan
        else {}
    )
    reachable = {i: d for i, d in base.docs.items() if job.rules.folder_direction(paths.parent(d.path)) != "none"}
    held = {i: d for i, d in reachable.items() if not d.left}
    proof = Proof(job.code, job.row.name)
    here = {d.disk: d for d in job.scan.docs}
    proof.documents, proof.digest = tree_digests.documents((d.path, d.content) for d in held.values())
    for doc in held.values():
        local = here.pop(doc.disk, None)
        if local is None:
            proof.differences.append((doc.path, reasons.get(doc.disk, reasons.get(doc.path, "missing_here"))))
        elif local.content != doc.content:
            proof.differences.append((doc.path, reasons.get(doc.disk, "changed_here")))
    records = {r.to for r in base.set_asides}
    contents = {r.content for r in base.set_asides}
    for disk, local in here.items():
        if paths.name(disk).startswith("supp_") and (disk in records or local.content in contents):
            proof.exceptions.append((paths.nfc(disk), "set_aside"))
        elif disk in reasons:
            proof.exceptions.append((paths.nfc(disk), reasons[disk]))
        else:
            proof.differences.append((paths.nfc(disk), "not_online"))
    proof.exceptions += [(d.path, "left") for d in reachable.values() if d.left]
    if portal != (proof.documents, proof.digest):
        for i, doc in held.items():
            online = remote.docs.get(i)
            if online is None or online.state is RemoteState.DELETED:
                proof.differences.append((doc.path, "missing_online"))
            elif online.state is RemoteState.WITHDRAWN:
                proof.exceptions.append((doc.path, "withdrawn_right"))
            elif online.content != doc.content or paths.key(online.path) != paths.key(doc.path):
                proof.differences.append((doc.path, "changed_online"))
        for i, online in remote.docs.items():
            if (
                i not in base.docs
                and online.state is RemoteState.LIVE
                and job.rules.folder_direction(paths.parent(online.path)) != "none"
            ):
                reason = reasons.get(online.path, "")
                (proof.exceptions if reason else proof.differences).append((online.path, reason or "not_here"))
        if not proof.differences and not proof.exceptions:
            proof.differences.append(("", "stop_listing"))
    return proof
