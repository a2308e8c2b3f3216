"""Proof that both sides hold the same: mirror = base here, live = base there, by digest (RULES 9)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from syncd.core import paths, tree_digests
from syncd.core.entry import BaseDoc, RemoteState
from syncd.core.errors import UsageError
from syncd.core.plan import Plan
from syncd.core.snapshot import Base, Remote
from syncd.core.words import faults
from syncd.engine.context import Context, Ports, Settings
from syncd.engine.context_factory import begin
from syncd.engine.decide.review import plan_client
from syncd.engine.maintenance.scrub import look, mend, reasons
from syncd.engine.open.discover import check_root
from syncd.engine.open.open_pass import Scope, open_pass
from syncd.engine.open.scan import scan_all
from syncd.engine.stages import ClientPlan, ClientScan


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


async def prove(ports: Ports, settings: Settings, *, deep: bool = False) -> list[Proof]:
    """Reads only: the state is a copy, the lease is left alone. `deep`: every byte on both sides is read again."""
    ctx = begin(ports, settings, lambda event: None)
    proofs, scans = await _compared(ctx)
    if deep:
        by_code = {p.code: p for p in proofs}
        for seen in scans:
            decay = await look(ctx, seen)
            by_code[seen.code].differences += reasons(decay)
    return proofs


async def repair(ctx: Context, told: Callable[[int, int], None] = lambda done, of: None) -> int:
    """Mend what decayed on either side; how many documents were read. The state is the engine's own, under its lock. `told`: documents read."""
    _, scans = await _compared(ctx)
    done, of = 0, sum(len(seen.scan.docs) for seen in scans)

    def read() -> None:
        nonlocal done
        ctx.recorder.between()
        done += 1
        told(done, of)

    for seen in scans:
        decay = await look(ctx, seen, read)
        if decay.here or decay.online:
            await mend(ctx, seen, decay)
    return done


async def _compared(ctx: Context) -> tuple[list[Proof], list[ClientScan]]:
    root = check_root(ctx)
    ctx.mirror.disk(ctx.state.progress.read().disk, now=ctx.clock.now(), measure=False)
    if left_alone := ctx.settings.only & ctx.settings.exclude:
        raise UsageError(faults.NO_CLIENT_ONLINE.of(codes=", ".join(sorted(left_alone))), mend=faults.SEE_CLIENTS.of())
    opened = await open_pass(ctx, Scope(works=False), root)
    found = {client.id for client in opened.clients}
    proofs = [
        Proof(r.code, r.name, differences=[("", "stop_client_marker")])
        for r in opened.scope.rows(ctx)
        if r.id not in found and not r.closed
    ]
    scans = await scan_all(ctx, opened.clients)
    check_root(ctx, root.device)
    claims = {p.client: p for p in await ctx.remote.parity([seen.id for seen in scans])}
    for seen in scans:
        ctx.state.clients.set_clean(seen.id, False)
        stamp = ctx.settings.stamp(ctx.recorder.started)
        planned = await asyncio.to_thread(partial(plan_client, ctx, seen, stamp, always=True))
        claim = claims.get(seen.id)
        proofs.append(_compare(ctx, planned, (claim.count, claim.digest) if claim else (0, "")))
    return sorted(proofs, key=lambda p: p.code), scans


def _compare(ctx: Context, planned: ClientPlan, portal: tuple[int, str]) -> Proof:
    """`portal`: count and digest of what it holds live."""
    seen, rules = planned.seen, planned.client.rules
    base, remote = ctx.state.trees.base.load(seen.id), ctx.state.trees.remote.load(seen.id)
    reasons = _reasons(planned.plan)
    reachable = {i: d for i, d in base.docs.items() if rules.folder_direction(paths.parent(d.path)) != "none"}
    held = {i: d for i, d in reachable.items() if not d.left}
    proof = Proof(seen.code, seen.client.row.name)
    proof.documents, proof.digest = tree_digests.documents((d.path, d.content) for d in held.values())
    _compare_here(proof, seen, base, held, reasons)
    proof.exceptions += [(d.path, "left") for d in reachable.values() if d.left]
    if portal != (proof.documents, proof.digest):
        _compare_online(proof, base, remote, held)
        for i, online in remote.docs.items():
            reachable_there = rules.folder_direction(paths.parent(online.path)) != "none"
            if i not in base.docs and online.state is RemoteState.LIVE and reachable_there:
                reason = reasons.get(online.path, "")
                (proof.exceptions if reason else proof.differences).append((online.path, reason or "not_here"))
        if not proof.differences and not proof.exceptions:
            proof.differences.append(("", "stop_listing"))
    return proof


def _reasons(plan: Plan | None) -> dict[str, str]:
    """By place: why the plan leaves it as it is."""
    if plan is None:
        return {}
    return {n.path: n.reason for n in [*plan.refusals, *plan.notices]} | {p.path: p.reason for p in plan.problems}


def _compare_here(
    proof: Proof, seen: ClientScan, base: Base, held: Mapping[str, BaseDoc], reasons: Mapping[str, str]
) -> None:
    here = {d.disk: d for d in seen.scan.docs}
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


def _compare_online(proof: Proof, base: Base, remote: Remote, held: Mapping[str, BaseDoc]) -> None:
    for i, doc in held.items():
        online = remote.docs.get(i)
        if online is None or online.state is RemoteState.DELETED:
            proof.differences.append((doc.path, "missing_online"))
        elif online.state is RemoteState.WITHDRAWN:
            proof.exceptions.append((doc.path, "withdrawn_right"))
        elif online.content != doc.content or paths.key(online.path) != paths.key(doc.path):
            proof.differences.append((doc.path, "changed_online"))
