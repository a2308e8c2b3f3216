"""Migrations of the calendar: at their times, one after the other; ended with the service; what keeps one from its end is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from syncd.core.errors import UsageError
from syncd.core.migration.report import ClientReport, MigrationReport
from syncd.core.verdicts import Verdict
from syncd.core.words import migration as said
from syncd.schedule.calendar import calendar
from syncd.schedule.job import Job
from syncd.service.migration_launcher import MigrationLauncher
from syncd.service.scheduled_migrations import NAP, ScheduledMigrations
from syncd.state.store import Store
from tests.simulation.engine_in_memory import fresh_state

PARIS = ZoneInfo("Europe/Paris")
DONE = MigrationReport(1, "/srv/gef", 1.0, 2.0, Verdict.DONE, (ClientReport("001", copied=3),))


class Evening:
    """A clock that sleeping moves, until `until`; what was launched when. `takes`: seconds of each launch."""

    def __init__(self, *jobs: Job, start: str, until: str, takes: float = 60.0) -> None:
        self.time, self.until, self.takes = _at(start), _at(until), takes
        self.launched: list[tuple[str, str]] = []
        self.outcome: Callable[[], MigrationReport] = lambda: DONE
        self.lines: list[tuple[str, dict[str, Any]]] = []
        self.store: Store = fresh_state()
        config: Any = SimpleNamespace(
            jobs=(Job("Nuit", calendar("daily 22:00")), *jobs), timezone="Europe/Paris", language="fr"
        )
        self.ended: list[tuple[str, str]] = []
        launcher = MigrationLauncher(
            config, self.store, lambda event, **fields: self.lines.append((event, fields)), self._task, self._now
        )
        self.migrations = ScheduledMigrations(
            config, launcher, lambda name, launch: self.ended.append((name, launch.verdict)), self._now, self._sleep
        )

    def _now(self) -> float:
        return self.time

    async def _sleep(self, seconds: float) -> None:
        assert 0 < seconds <= NAP
        self.time += seconds
        if self.time >= self.until:
            raise asyncio.CancelledError

    def _task(self, config: Any, job: Job, begun: Callable[[Any], object]) -> MigrationReport:
        self.launched.append((job.name, f"{datetime.fromtimestamp(self.time, PARIS):%d %H:%M}"))
        self.time += self.takes
        return self.outcome()

    def passes(self) -> list[tuple[str, str]]:
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(self.migrations.ticking())
        return self.launched


def _at(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=PARIS).timestamp()


def job(name: str, when: str, **more: Any) -> Job:
    return Job(name, calendar(when), migrate="/srv/gef", **more)


def test_each_at_its_time_and_no_pass_among_them() -> None:
    evening = Evening(
        job("GEF", "daily 12:00 20:00"),
        job("Archives", "daily 20:30"),
        start="2026-11-28 11:00",
        until="2026-11-29 13:00",
    )
    assert evening.passes() == [("GEF", "28 12:00"), ("GEF", "28 20:00"), ("Archives", "28 20:30"), ("GEF", "29 12:00")]
    assert evening.lines[0] == (
        "migration",
        {"job": "GEF", "run": 1, "verdict": "done", "seconds": 1.0, "copied": 3, "failed": 0, "waiting": ""},
    )


def test_what_came_due_during_a_launch_is_left_out() -> None:
    evening = Evening(
        job("GEF", "daily 12:00 13:00 16:00"), start="2026-11-28 11:00", until="2026-11-28 20:00", takes=7200.0
    )
    assert evening.passes() == [("GEF", "28 12:00"), ("GEF", "28 16:00")]


@pytest.mark.parametrize(
    ("day", "wanted"), [("2026-10-25", ["02:30", "20:00"]), ("2027-03-28", ["20:00"])], ids=["back", "forward"]
)
def test_the_night_in_which_clocks_change_has_each_time_once(day: str, wanted: list[str]) -> None:
    evening = Evening(job("GEF", "daily 02:30 20:00"), start=f"{day} 00:10", until=f"{day} 23:00")
    found = [at.split()[1] for _, at in evening.passes()]
    assert found[-1] == "20:00" and len(found) == len(set(found)) and set(wanted) <= set(found)


def test_one_that_is_switched_off_or_over_is_not_waited_for() -> None:
    evening = Evening(job("GEF", "daily 12:00", active=False), start="2026-11-28 11:00", until="2026-11-29 13:00")
    asyncio.run(evening.migrations.ticking())
    assert evening.launched == []


def fails(error: Exception) -> MigrationReport:
    raise error


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (lambda: fails(UsageError(said.SOURCE_AWAY.of(source="/srv/gef", why="x"))), "ne peut pas être atteinte"),
        (lambda: fails(KeyError("x")), "erreur inattendue"),
        (lambda: MigrationReport(1, "", 1.0, 2.0, Verdict.WARNING, reason="source_away"), "n'est plus accessible"),
        (lambda: MigrationReport(1, "", 1.0, 2.0, Verdict.ERROR, reason="disk_full"), "le disque du cabinet est plein"),
        (
            lambda: MigrationReport(
                1,
                "",
                1.0,
                2.0,
                Verdict.ERROR,
                (ClientReport("001", verdict=Verdict.ERROR, stopped="stop_client_marker"),),
            ),
            "001 : interrompu",
        ),
    ],
)
def test_what_keeps_one_from_its_end_is_known_until_one_goes_well(
    outcome: Callable[[], MigrationReport], told: str
) -> None:
    evening = Evening(job("GEF", "daily 12:00"), start="2026-11-28 11:00", until="2026-11-28 13:00")
    evening.outcome = outcome
    evening.passes()
    assert told in evening.store.progress.read().migration_failed and evening.lines
    evening.outcome, evening.until = (lambda: DONE), evening.until + 86_400
    evening.passes()
    assert evening.store.progress.read().migration_failed == ""


def test_a_report_that_cannot_be_written_is_a_line_in_the_log() -> None:
    evening = Evening(job("GEF", "daily 12:00"), start="2026-11-28 11:00", until="2026-11-28 13:00")
    evening.outcome = lambda: fails(OSError(28, "No space left on device"))
    evening.passes()
    assert evening.lines == [("report_failed", {"error": "No space left on device"})]


def test_the_service_s_end_is_the_document_in_hand_s() -> None:
    """It is waited for: nothing is left half named."""
    stopped: list[int] = []
    begun, ended = threading.Event(), threading.Event()
    evening = Evening(job("GEF", "daily 12:00"), start="2026-11-28 11:59", until="2026-11-29 13:00")

    class Launched:
        def stop(self, code: int) -> None:
            stopped.append(code)
            ended.set()

    def task(config: Any, job: Job, tell: Callable[[Any], object]) -> MigrationReport:
        tell(Launched())
        begun.set()
        assert ended.wait(30)
        return DONE

    async def serve() -> None:
        evening.migrations._launcher._task = task
        ticking = asyncio.create_task(evening.migrations.ticking())
        await asyncio.to_thread(begun.wait, 30)
        ticking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ticking

    asyncio.run(serve())
    assert stopped == [143]
