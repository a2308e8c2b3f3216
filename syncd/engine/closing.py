"""How a pass ends: the portal is told in one closing request of receipts, of what waits, and of the chain's head."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from syncd.core import paths, words
from syncd.core.errors import Refused, SyncdError, Unreachable
from syncd.core.folder_rules import Direction
from syncd.core.protocol import ClientDone, OpenReport, RunSummary, WaitingLines
from syncd.core.reasons import STORMS, TECHNICAL, Family, family
from syncd.core.run_result import RunResult, of_tally
from syncd.core.verdicts import BY_HAND, exit_code
from syncd.engine import approval_payload
from syncd.engine.context import Context
from syncd.engine.stages import Client
from syncd.ports.state import State

MOST_REPORTS = 1000
MOST_DETAIL = 300
MOST_RECEIPTS = 5000  # in one request
HEAD_START = 0.005  # seconds: a request that is on its way is not held up by a thread that computes

Meanwhile = Callable[[int, float], None]


class Ending(msgspec.Struct, frozen=True):
    """What ended a pass early, as it is told; nothing of it when nothing did."""

    fault: SyncdError | None = None

    @property
    def reason(self) -> str:
        return "" if self.fault is None else self.fault.reason

    @property
    def message(self) -> str:
        return "" if self.fault is None else str(self.fault)

    @property
    def cause(self) -> str:
        return "" if self.fault is None else self.fault.cause


def result(ctx: Context, ending: Ending, requests: int, now: float, *, partial: bool) -> RunResult:
    """`requests`: how many the portal was asked. `partial`: the pass was not about every client."""
    recorder = ctx.recorder
    label = words.label(recorder.tally.verdict(), exit_code=exit_code(recorder.tally.codes))
    return of_tally(
        recorder.tally, label, requests, run=recorder.run, started=recorder.started, ended=now,
        dry_run=ctx.settings.dry_run, partial=partial, message=ending.message, reason=ending.reason, cause=ending.cause,
        fault=ending.fault,
    )  # fmt: skip


def _on_the_desk(reason: str) -> bool:
    """Whether the portal shows people a report of this reason."""
    return family(reason) in (Family.REFUSAL, Family.STOP) or reason in (*TECHNICAL, *STORMS)


async def tell_portal(
    ctx: Context, clients: Iterable[Client], now: float, meanwhile: Meanwhile, ending: Ending
) -> None:
    """In as many requests as what waits and the receipts need; what was told is not told again.

    `meanwhile`: called in a thread while the portal takes the first of them.
    """
    state, recorder = ctx.state, ctx.recorder
    generation = state.progress.read().generation_started
    reports = _reports(state)
    said = hashlib.sha256(repr(reports).encode("utf-8", "surrogatepass")).hexdigest()
    fresh = None if said == state.progress.read().reports_said else reports
    held = state.guards.waiting()
    rules = {r.id: r.rules.rules(r.code) for r in state.clients.all() if r.rules is not None} if held else {}
    waiting, pieces = approval_payload.plans(held, rules), approval_payload.more(state, held)
    done = _clients_done(ctx, clients)
    lines: tuple[WaitingLines, ...] | None = ()
    while True:
        receipts, left, mark = state.outboxes.pending()
        told = RunSummary(
            recorder.run, recorder.started, now, recorder.tally.verdict().value,
            {**recorder.tally.counts, **recorder.tally.said()}, exit_code(recorder.tally.codes), state.journal.chain_head(),
            generation, waiting, tuple(receipts), tuple(left), fresh, done, lines or (),
            ending.reason, ending.cause[:MOST_DETAIL],
        )  # fmt: skip
        await _sent(ctx.remote.summary(told), lambda: meanwhile(recorder.run, recorder.started))
        state.outboxes.sent(mark)
        lines = next(pieces, None) if lines is not None else None
        if len(receipts) + len(left) < MOST_RECEIPTS and lines is None:
            break
    state.progress.change(
        reports_said=said, waiting_said=approval_payload.said(held), generation=generation, given_up_said=ending.reason
    )


def unheard(ctx: Context, ending: Ending) -> bool:
    """Whether a pass that was given up before the portal was asked anything is to be told to it: the cabinet's own disk or
    machine is the matter, and the portal was not told so before."""
    codes = ctx.recorder.tally.codes
    if ctx.settings.dry_run or not ending.reason or codes & {Refused.exit_code, Unreachable.exit_code, *BY_HAND}:
        return False
    return ctx.state.progress.read().given_up_said != ending.reason


async def _sent(telling: Awaitable[None], meanwhile: Callable[[], None]) -> None:
    sending = asyncio.ensure_future(telling)
    try:
        await asyncio.wait([sending], timeout=HEAD_START)
        await asyncio.to_thread(meanwhile)
    finally:
        await sending


def _reports(state: State) -> tuple[OpenReport, ...]:
    """What the cabinet's pages show of each client. Nothing is said of what does not exist online (RULES 4)."""
    reports, found = state.journal.open_reports(), []
    about = {told.client for told in reports}
    rows = (r for r in state.clients.all() if r.id in about)
    rules = {r.id: r.rules.rules(r.code) for r in rows if r.rules is not None}
    for told in reports:
        if told.client not in rules or not _on_the_desk(told.reason):
            continue
        folder, of = paths.parent(told.path), rules[told.client]
        online = folder and of.folder_direction(folder) is not Direction.NONE and not of.is_withheld(folder)
        if not told.path or online:
            found.append(OpenReport(told.client, told.path, told.reason, told.since, told.detail[:MOST_DETAIL]))
    return tuple(found[:MOST_REPORTS])


def _clients_done(ctx: Context, clients: Iterable[Client]) -> tuple[ClientDone, ...]:
    ids = {client.code: client.id for client in clients}
    return tuple(
        ClientDone(ids[code], ctx.recorder.whole[code].verdict().value, tally.said())
        for code, tally in sorted(ctx.recorder.by_client.items())
        if code in ids
    )
