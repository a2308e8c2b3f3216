"""The cabinet deals with one package: what both the command and the service do, under the engine's lock."""

from __future__ import annotations

from pathlib import Path

import msgspec

from syncd.core.actions import Download
from syncd.core.errors import UsageError
from syncd.core.events import Event, of_action, shown
from syncd.core.packages import planning
from syncd.core.packages.manifest import NotTaken, Way
from syncd.core.packages.planning import Step
from syncd.core.reasons import Family, Reason
from syncd.core.words import packages as said
from syncd.engine.context import Context
from syncd.jobs.packages import integration, ledger, receiving
from syncd.jobs.packages.cabinet import CabinetSide, identity, rules_of
from syncd.jobs.packages.integration import Prepared, Result
from syncd.jobs.packages.receiving import Opened
from syncd.ports.state import ClientRow


class CabinetResult(msgspec.Struct, frozen=True):
    """`waits`: how many of the changes the guards will hold. `result`: None where it was only looked at."""

    row: ClientRow
    prepared: Prepared
    waits: int
    result: Result | None = None


def owner(ctx: Context, found: Opened) -> ClientRow:
    """Whose package it is. Raises PackageRefused, UsageError."""
    manifest = found.manifest
    row = next((r for r in ctx.state.clients.all() if r.id == manifest.client), None)
    if row is None or row.closed or not row.dir or row.rules is None:
        raise UsageError(said.NO_DIRECTORY.of(code=manifest.code), mend=said.NO_DIRECTORY_MEND.of())
    return row


async def apply_package(
    ctx: Context, home: Path, found: Opened, only: tuple[str, ...], dates: said.Shown
) -> CabinetResult:
    """In a dry run nothing is written. Raises PackageRefused, SyncdError, Stop."""
    with ledger.opened(home) as own:
        row = owner(ctx, found)
        receiving.check_for(own, identity(row, ctx.settings.cabinet), Way.TO_CABINET, found.manifest)
        chain = own.chain(row.id)
        stands = receiving.check_standing(chain, found, dates)
        side = CabinetSide(ctx, row, found.name)
        here = await side.look()
        prepared = integration.prepare(chain, found, stands, here, rules_of(row), only, ctx.settings.stamp)
        waits = planning.waits(prepared.plan, len(chain.held), ctx.settings.limits)
        if ctx.settings.dry_run:
            _tell(ctx, row, prepared, None)
            return CabinetResult(row, prepared, waits)
        result = await integration.integrate(side, own, found, prepared, ctx.clock.now())
        _tell(ctx, row, prepared, result)
        return CabinetResult(row, prepared, waits, result)


def _tell(ctx: Context, row: ClientRow, prepared: Prepared, result: Result | None) -> None:
    """What is to come (of a dry run), and what is not taken."""
    if result is None:
        for step in prepared.plan.steps:
            ctx.recorder.record(planned(row.code, step))
    with ctx.state.atomic():
        for one in result.refused if result is not None else prepared.plan.refused:
            ctx.recorder.record(_not_taken(row.code, one, "refused"))
        for one in result.later if result is not None else prepared.plan.later:
            ctx.recorder.record(_not_taken(row.code, one, "problem"))


def planned(code: str, step: Step) -> Event:
    """What a step would do here, as a line of a dry run."""
    action = step.action
    if isinstance(action, Download):
        return Event(
            code, "package", shown(action.path), "local", size=action.content.size, sha256=action.content.hex,
            replaces=action.expect is not None, dry_run=True,
        )  # fmt: skip
    event = of_action(code, action, dry_run=True)
    assert event is not None
    return event


def _not_taken(code: str, one: NotTaken, action: str) -> Event:
    known = next((r for r in Reason if r == one.reason), None)
    notice = known is not None and known.family is Family.NOTICE
    return Event(
        code, action, shown(one.path), reason=one.reason, detail=one.detail, notice=notice and action == "problem"
    )
