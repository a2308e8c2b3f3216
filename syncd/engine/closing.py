"""How a pass ends: the portal is told in one closing request of receipts, of what waits, and of the chain's head."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from syncd.core import paths, words
from syncd.core.events import REFUSALS, STORMS
from syncd.core.folder_rules import Direction
from syncd.core.protocol import ClientDone, OpenReport, RunSummary, WaitingLines
from syncd.core.verdicts import TECHNICAL, exit_code, summary
from syncd.engine import pending_approvals
from syncd.engine.context import Context
from syncd.engine.stages import Client
from syncd.ports.state import State

MOST_REPORTS = 1000
MOST_RECEIPTS = 5000  # in one request
HEAD_START = 0.005  # seconds: a request that is on its way is not held up by a thread that computes
_SHOWN = (*REFUSALS, *TECHNICAL, *STORMS)

Meanwhile = Callable[[int, float], None]


class Ending(msgspec.Struct, frozen=True):
    """What ended a pass early, as it is told; all '' when nothing did."""

    message: str = ""
    reason: str = ""
    cause: str = ""


def result(ctx: Context, ending: Ending, requests: int, now: float, *, partial: bool) -> dict[str, Any]:
    """The summary line. `requests`: how many the portal was asked. `partial`: the pass was not about every client."""
    recorder = ctx.recorder
    verdict = recorder.tally.verdict()
    extra: dict[str, Any] = {"run": recorder.run, "started": recorder.started, "ended": now}
    if ctx.settings.dry_run:
        extra["dry_run"] = True
    if partial:
        extra["partial"] = True
    if ending.message:
        extra["message"], extra["reason"] = ending.message, ending.reason
    if ending.cause:
        extra["cause"] = ending.cause
    return summary(recorder.tally, verdict, words.label(verdict), requests, **extra)


async def tell_portal(ctx: Context, clients: Iterable[Client], now: float, meanwhile: Meanwhile) -> None:
    """In as many requests as what waits and the receipts need; what was told is not told again.

    `meanwhile`: called in a thread while the portal takes the first of them.
    """
    state, recorder = ctx.state, ctx.recorder
    generation = int(state.get("generation_started", "0"))
    reports = _reports(state)
    said = hashlib.sha256(repr(reports).encode("utf-8", "surrogatepass")).hexdigest()
    fresh = None if said == state.get(pending_approvals.REPORTS) else reports
    held = state.waiting()
    rules = {r.id: r.rules.rules(r.code) for r in state.clients() if r.rules is not None} if held else {}
    waiting, pieces = pending_approvals.plans(held, rules), pending_approvals.more(state, held)
    done = _clients_done(ctx, clients)
    lines: tuple[WaitingLines, ...] | None = ()
    while True:
        receipts, left, mark = state.outbox()
        told = RunSummary(
            recorder.run, recorder.started, now, recorder.tally.verdict().value,
            {**recorder.tally.counts, **recorder.tally.said()}, exit_code(recorder.tally.codes), state.chain_head(),
            generation, waiting, tuple(receipts), tuple(left), fresh, done, lines or (),
        )  # fmt: skip
        await _sent(ctx.remote.summary(told), lambda: meanwhile(recorder.run, recorder.started))
        state.sent(mark)
        lines = next(pieces, None) if lines is not None else None
        if len(receipts) + len(left) < MOST_RECEIPTS and lines is None:
            break
    with state.atomic():
        if fresh is not None:
            state.set(pending_approvals.REPORTS, said)
        state.set(pending_approvals.SAID, pending_approvals.said(held))
        state.set("generation", str(generation))


async def _sent(telling: Awaitable[None], meanwhile: Callable[[], None]) -> None:
    sending = asyncio.ensure_future(telling)
    try:
        await asyncio.wait([sending], timeout=HEAD_START)
        await asyncio.to_thread(meanwhile)
    finally:
        await sending


def _reports(state: State) -> tuple[OpenReport, ...]:
    """What the cabinet's pages show of each client. Nothing is said of what does not exist online (RULES 4)."""
    reports, found = state.open_reports(), []
    about = {client for client, *_ in reports}
    rows = (r for r in state.clients() if r.id in about)
    rules = {r.id: r.rules.rules(r.code) for r in rows if r.rules is not None}
    for client, path, reason, since in reports:
        if client not in rules or (reason not in _SHOWN and not reason.startswith("stop_")):
            continue
        folder = paths.parent(path)
        online = (
            folder
            and rules[client].folder_direction(folder) is not Direction.NONE
            and not rules[client].is_withheld(folder)
        )
        if not path or online:
            found.append(OpenReport(client, path, reason, since))
    return tuple(found[:MOST_REPORTS])


def _clients_done(ctx: Context, clients: Iterable[Client]) -> tuple[ClientDone, ...]:
    ids = {client.code: client.id for client in clients}
    return tuple(
        ClientDone(ids[code], ctx.recorder.whole[code].verdict().value, tally.said())
        for code, tally in sorted(ctx.recorder.by_client.items())
        if code in ids
    )
