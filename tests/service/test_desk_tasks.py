"""Tasks of the desk: taken when the portal names a change, done at their times, told of; ended with the service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from syncd.config.model import OldTreeKeys
from syncd.core.desk_tasks import DeskTask, Launch, TaskReport, Tasks, When, job_key
from syncd.core.errors import AlreadyRunning, Unreachable
from syncd.core.run_result import RunResult
from syncd.core.verdicts import Verdict
from syncd.engine.passes import Pass, Why
from syncd.schedule.calendar import calendar
from syncd.schedule.job import Job
from syncd.service import desk_tasks
from syncd.service.desk_tasks import DeskTasks
from syncd.state.store import Store
from tests.simulation.engine_in_memory import fresh_state

PARIS = ZoneInfo("Europe/Paris")
ID, OTHER = "a" * 32, "b" * 32


def at(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=PARIS).timestamp()


class Desk:
    """The portal's: `tasks` are planned there. `heard`: what it was told."""

    def __init__(self) -> None:
        self.tasks: tuple[DeskTask, ...] = ()
        self.revision, self.heard, self.fault = 1, list[TaskReport](), None

    fault: Exception | None

    async def exchange(self, told: TaskReport) -> Tasks:
        if self.fault is not None:
            raise self.fault
        self.heard.append(told)
        return Tasks(self.revision, self.tasks)

    async def close(self) -> None:
        """Nothing is held open."""


class Office:
    """A service, its clock, and the desk. `migrated`: jobs that were launched, and when."""

    def __init__(self, *jobs: Job, start: str = "2026-11-28 11:00", store: Store | None = None) -> None:
        self.time, self.desk, self.store = at(start), Desk(), store or fresh_state()
        self.migrated: list[tuple[str, str, str]] = []
        self.lines: list[tuple[str, dict[str, Any]]] = []
        self.launch: Callable[[], Any] = self._done
        config: Any = SimpleNamespace(
            jobs=jobs, timezone="Europe/Paris", old_trees=(OldTreeKeys("GEF", "/srv/gef", "/srv/gef.csv"),), language="fr"
        )  # fmt: skip
        self.asked = fresh_state()
        asked: Any = SimpleNamespace(requests=self.asked.requests, close=lambda: None)
        self.tasks = DeskTasks(
            config, self.store, "me", lambda event, **fields: self.lines.append((event, fields)), self._migrate,
            lambda config: self.desk, lambda config: asked, lambda: self.time,
        )  # fmt: skip

    async def _migrate(self, job: Job) -> Launch:
        self.migrated.append((job.migrate, job.map, f"{datetime.fromtimestamp(self.time, PARIS):%d %H:%M}"))
        result: Launch = await self.launch()
        return result

    async def _done(self) -> Launch:
        return Launch(self.time, self.time + 60, "done", {"copied": 3})

    def plan(self, *tasks: DeskTask) -> None:
        self.desk.tasks, self.desk.revision = tasks, self.desk.revision + 1
        self.store.progress.change(tasks_told=self.desk.revision)

    async def until(self, text: str) -> None:
        """The clock goes on as the service sleeps."""
        end = at(text)
        while True:
            await self.tasks.tick()
            await settled()
            await self.tasks.tick()
            if self.time >= end:
                return
            self.time = min(end, self.time + max(1.0, self.tasks._rest()))

    @property
    def states(self) -> dict[str, tuple[str, str]]:
        """As the portal last heard: next moment, last verdict."""
        return {
            s.task: (f"{datetime.fromtimestamp(s.next, PARIS):%d %H:%M}" if s.next else "", s.last.verdict)
            for s in self.desk.heard[-1].states
        }  # fmt: skip


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def task(frequency: str = "daily", minute: int = 840, first: date = date(2026, 11, 1), **more: Any) -> DeskTask:
    which = {name: more.pop(name) for name in ("every", "days") if name in more}
    return DeskTask(ID, "migrate", When(frequency, first, minute, **which), source="GEF", **more)


def test_a_portal_that_knows_no_tasks_is_asked_nothing() -> None:
    office = Office()
    asyncio.run(office.until("2026-11-28 23:00"))
    assert office.desk.heard == [] and office.migrated == []


def test_a_task_is_done_at_its_time_with_the_old_tree_that_its_name_stands_for() -> None:
    office = Office()
    office.plan(task(max_minutes=120))
    asyncio.run(office.until("2026-11-29 15:00"))
    assert office.migrated == [("/srv/gef", "/srv/gef.csv", "28 14:00"), ("/srv/gef", "/srv/gef.csv", "29 14:00")]
    assert office.desk.heard[-1].sources == ("GEF",) and office.states == {ID: ("30 14:00", "done")}
    assert office.desk.heard[-1].states[0].last.counts == {"copied": 3}


def test_nothing_is_asked_as_long_as_nothing_is_new() -> None:
    office = Office()
    office.plan(task())

    async def hours() -> int:
        await office.until("2026-11-28 11:05")
        before = len(office.desk.heard)
        for _ in range(50):
            office.tasks.passed(Pass(Why.EVENTS), RunResult())
            await office.tasks.tick()
        return len(office.desk.heard) - before

    assert asyncio.run(hours()) == 0


@pytest.mark.parametrize(
    ("day", "wanted"), [("2026-10-25", ["02:30"]), ("2027-03-28", ["03:00"])], ids=["back", "forward"]
)
def test_the_night_in_which_clocks_change_has_each_time_once(day: str, wanted: list[str]) -> None:
    """As the calendar of the configuration has it: 02:30 happens once in the long night, and is made up for in the short one."""
    office = Office(start=f"{day} 00:10")
    office.plan(task(minute=150, first=date(2026, 10, 1)))
    asyncio.run(office.until(f"{day} 20:00"))
    expected = Job("x", calendar("daily 02:30")).next(datetime.fromtimestamp(at(f"{day} 00:10"), PARIS))
    assert expected is not None and len(office.migrated) == 1
    assert [when[-5:] for *_, when in office.migrated] == [f"{expected.astimezone(PARIS):%H:%M}"]
    assert f"{expected.astimezone(PARIS):%d}" == day[-2:] and wanted


def test_it_does_not_begin_before_its_first_day_and_hour() -> None:
    office = Office()
    office.plan(task("several", 14 * 60, date(2026, 11, 28), every=2))
    asyncio.run(office.until("2026-11-28 18:30"))
    assert [when for *_, when in office.migrated] == ["28 14:00", "28 16:00", "28 18:00"]


def test_what_came_due_while_the_service_was_stopped_is_left_out() -> None:
    office = Office()
    office.plan(task())
    asyncio.run(office.until("2026-11-28 11:30"))
    later = Office(start="2026-11-28 15:00", store=office.store)
    later.desk = office.desk
    asyncio.run(later.until("2026-11-29 13:00"))
    assert later.migrated == [] and later.tasks._held.tasks == office.desk.tasks
    asyncio.run(later.until("2026-11-29 14:30"))
    assert [when for *_, when in later.migrated] == ["29 14:00"]


def test_once_is_once_and_still_done_where_it_was_taken_a_moment_late() -> None:
    office = Office(start="2026-11-28 14:02")
    office.plan(task("once", 840, date(2026, 11, 28)))
    asyncio.run(office.until("2026-11-30 15:00"))
    assert [when for *_, when in office.migrated] == ["28 14:02"] and office.states == {ID: ("", "done")}


def test_a_launch_of_its_own_leaves_out_what_came_due_meanwhile_and_others_go_on() -> None:
    office = Office()
    office.plan(task("several", 12 * 60, every=1), replace(task(minute=13 * 60), id=OTHER))

    async def day() -> None:
        over = asyncio.Event()

        async def long() -> Launch:
            await over.wait()
            return await office._done()

        office.launch = long
        await office.until("2026-11-28 15:30")
        assert [when for *_, when in office.migrated] == ["28 12:00", "28 13:00"]
        over.set()
        office.launch = office._done
        await office.until("2026-11-28 16:30")
        assert [when for *_, when in office.migrated][2:] == ["28 16:00"]

    asyncio.run(day())


def test_one_that_is_switched_off_while_it_runs_ends_and_says_so() -> None:
    office = Office()
    office.plan(task())

    async def day() -> None:
        office.launch = lambda: asyncio.Event().wait()
        await office.until("2026-11-28 14:10")
        assert office.tasks._running and office.states[ID][1] == "running"
        office.plan()
        await office.until("2026-11-28 14:20")
        assert not office.tasks._running

    asyncio.run(day())
    assert office.lines[-1] == ("task", {"task": "migrate", "what": "GEF", "verdict": "abandoned"})


def test_the_service_s_end_ends_what_it_does_and_the_next_one_knows() -> None:
    office = Office()
    office.plan(task(minute=11 * 60 + 30))

    async def serve() -> None:
        office.launch = lambda: asyncio.Event().wait()
        await office.until("2026-11-28 11:30")
        ticking = asyncio.create_task(office.tasks.ticking())
        await settled()
        ticking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ticking

    asyncio.run(serve())
    assert office.store.progress.read().desk_tasks.last[ID].verdict == "abandoned"


def test_what_a_killed_service_left_running_is_given_up() -> None:
    office = Office()
    office.plan(task())
    asyncio.run(office.until("2026-11-28 11:30"))
    held = office.store.progress.read().desk_tasks
    office.store.progress.change(desk_tasks=replace(held, last={ID: Launch(1.0, verdict="running")}))
    again = Office(store=office.store)
    again.tasks._end_what_was_killed()
    assert again.tasks._held.last[ID].verdict == "abandoned"


def test_an_old_tree_that_the_configuration_names_no_more_is_said() -> None:
    office = Office()
    office.plan(replace(task(), source="Archives"))
    asyncio.run(office.until("2026-11-28 14:10"))
    assert office.migrated == [] and office.desk.heard[-1].states[0].last.reason == "unknown_source"


def test_a_kind_or_a_frequency_of_a_later_version_does_no_harm() -> None:
    office = Office()
    office.plan(replace(task(), kind="tidy"), replace(task("yearly"), id=OTHER))
    asyncio.run(office.until("2026-11-28 14:10"))
    assert office.migrated == [] and office.states[OTHER] == ("", "")


def test_a_synchronisation_is_asked_of_the_service_and_its_answer_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_tasks, "LOOK", 0.0)
    office = Office()
    office.plan(replace(task(), kind="synchronise", source="", max_minutes=90))

    async def day() -> None:
        await office.until("2026-11-28 14:00")
        (request,) = office.asked.requests.open()
        assert (request.kind, request.clients, request.max_duration) == ("pass", (), 5400.0)
        office.asked.requests.answer(
            request.id, 7, {"verdict": "warning", "uploaded": 2, "refused": 1, "downloaded": 0}
        )
        while office.tasks._running:
            await asyncio.sleep(0)
        await office.tasks.tick()

    asyncio.run(day())
    last = office.desk.heard[-1].states[0].last
    assert (last.verdict, last.counts) == ("warning", {"uploaded": 2, "refused": 1})


def test_a_synchronisation_that_is_switched_off_is_withdrawn() -> None:
    office = Office()
    office.plan(replace(task(), kind="synchronise", source=""))

    async def day() -> None:
        await office.until("2026-11-28 14:00")
        assert office.asked.requests.open()
        office.plan()
        await office.until("2026-11-28 14:01")

    asyncio.run(day())
    assert office.asked.requests.open() == []


def test_a_pass_that_was_refused_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_tasks, "LOOK", 0.0)
    office = Office()
    office.plan(replace(task(), kind="synchronise", source=""))

    async def day() -> None:
        await office.until("2026-11-28 14:00")
        (request,) = office.asked.requests.open()
        office.asked.requests.answer(request.id, 0, {"error": "No.", "french": "Non.", "exit_code": 2})
        while office.tasks._running:
            await asyncio.sleep(0)
        await office.tasks.tick()

    asyncio.run(day())
    last = office.desk.heard[-1].states[0].last
    assert (last.verdict, last.cause) == ("abandoned", "Non.")


def test_the_jobs_of_the_configuration_are_told_with_their_next_moment_and_last_result() -> None:
    office = Office(
        Job("Nuit", calendar("daily 22:00"), frozenset({"002", "001"}), max_duration=5400.0),
        Job("GEF", calendar("daily 20:00"), migrate="/srv/gef", active=False),
    )
    office.plan()
    asyncio.run(office.until("2026-11-28 11:01"))
    done = RunResult(
        verdict=Verdict.DONE, counts={"uploaded": 4}, started=at("2026-11-27 22:00"), ended=at("2026-11-27 22:05")
    )
    office.tasks.passed(Pass(Why.JOB, job="Nuit"), done)
    asyncio.run(office.until("2026-11-28 11:02"))
    night, gef = office.desk.heard[-1].jobs
    assert (night.name, night.when, night.kind, night.clients, night.max_minutes) == (
        "Nuit",
        "daily 22:00",
        "synchronise",
        ("001", "002"),
        90,
    )
    assert night.next == at("2026-11-28 22:00") and night.last.counts == {"uploaded": 4}
    assert (gef.kind, gef.active, gef.next) == ("migrate", False, 0.0)
    assert job_key("Nuit") in office.store.progress.read().desk_tasks.last


@pytest.mark.parametrize("fault", [Unreachable("away"), AlreadyRunning("Another engine has taken over.")])
def test_a_portal_that_is_away_is_said_once_and_asked_again(fault: Exception) -> None:
    office = Office()
    office.plan(task())
    office.desk.fault = fault
    asyncio.run(office.until("2026-11-28 11:30"))
    assert [event for event, _ in office.lines] == ["tasks_failed"] and office.desk.heard == []
    office.desk.fault = None
    asyncio.run(office.until("2026-11-28 14:30"))
    assert len(office.migrated) == 1


def test_tasks_that_a_portal_of_before_knows_no_more_are_not_done() -> None:
    office = Office()
    office.plan(task())
    asyncio.run(office.until("2026-11-28 11:30"))
    office.store.progress.change(tasks_told=0)
    asyncio.run(office.until("2026-11-28 14:30"))
    assert office.migrated == []
