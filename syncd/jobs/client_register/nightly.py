"""The files of clients in a service: from one o'clock on, once a night, and at the next start where the machine was off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from syncd.config.local_time import local_time
from syncd.config.model import Config
from syncd.core.errors import SyncdError
from syncd.core.events import Event
from syncd.core.reasons import Reason
from syncd.engine.context import Context
from syncd.jobs.client_register.update import Options, Report, update
from syncd.ports.client_cards import ClientCards
from syncd.ports.state import ProgressStore, Request
from syncd.report import register_report
from syncd.schedule.calendar import calendar
from syncd.wiring import assembly

NAME = "client_register"  # in the log
NIGHTLY = calendar("daily 01:00")
LOOK = 900.0  # seconds between two looks at what is late, held back, or still being written
WAITS = 4 * 3600.0  # seconds after one o'clock that an extraction which is late is waited for
PAUSE = 5  # times the settling of a document: an extraction pauses while it writes
REPORTS = "-register"  # whose open reports they are


def options(config: Config) -> Options:
    def render(report: Report) -> str:
        return register_report.text(report, config.language)

    return Options(
        str(Path(config.intake.root) / "config"), str(Path(config.mirror.logs) / "configuration"), config.intake.columns,
        PAUSE * config.schedule.settle, render,
    )  # fmt: skip


def since(done: float, now: float, zone: ZoneInfo) -> float | None:
    """The last one o'clock that was not dealt with yet; None where there is none. `done`: when it was, 0 for never."""
    if not done:
        return now
    at = NIGHTLY.next(datetime.fromtimestamp(done, zone))
    return at.timestamp() if at is not None and at.timestamp() <= now else None


async def turn(
    config: Config, progress: ProgressStore, cards: ClientCards, now: float, *, dry_run: bool = False, agreed: bool = False
) -> Report:  # fmt: skip
    """One look at the files, remembered. Raises SyncdError: the portal is away, the files cannot be read or kept."""
    before = progress.read().register_lines
    stamp = f"{local_time(config, now):%Y-%m-%d_%Hh%Mm%S}"
    try:
        report = await update(options(config), cards, before, now, stamp, dry_run=dry_run, agreed=agreed)
    except OSError as e:
        raise SyncdError(
            f"The files of clients in '{config.intake.root}' cannot be read, or kept in '{config.mirror.logs}' ({e.strerror or e}).",
            mend="Check [intake] root and [mirror] logs, and that this account may read and write there.",
            reason=Reason.SHARE_AWAY.value, cause=e.strerror or "",
        ) from None  # fmt: skip
    if not dry_run and report.kept:
        progress.change(register_lines={**before, **report.lines})
    return report


class NightlyRegister:
    """A ScheduledTask (engine.passes). `clock`: of the event loop; `cards`: the portal's, for one turn."""

    name = NAME

    def __init__(
        self, config: Config, clock: Callable[[], float], cards: Callable[[Config], ClientCards] = assembly.client_cards
    ) -> None:
        self._config, self._clock, self._cards = config, clock, cards
        self.due = clock()

    async def __call__(self, ctx: Context, *, asked: Request | None) -> frozenset[str]:
        """Nothing of a client's directory is touched: no pass has to look anywhere."""
        self.due = self._clock() + LOOK  # whatever becomes of this one
        now, progress = ctx.clock.now(), ctx.state.progress
        done = progress.read().register_done
        began = since(done, now, ZoneInfo(self._config.timezone))
        if began is None:
            return frozenset()
        cards = self._cards(self._config)
        try:
            report = await turn(self._config, progress, cards, now)
        finally:
            await cards.close()
        for held in report.held:
            said = Event(
                "", "problem", f"config/{held.file}".rstrip("/"), reason=Reason.REGISTER_HELD,
                detail=register_report.held_detail(held, self._config.language), notice=True, warning=True,
            )  # fmt: skip
            ctx.recorder.record(said, REPORTS)
        ctx.recorder.forget_resolved(REPORTS)
        if not report.held and not report.young and (report.found or now - began >= WAITS or not done):
            progress.change(register_done=now)
        return frozenset()
