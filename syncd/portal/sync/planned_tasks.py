"""Tasks that correspondents plan for the cabinet's engine; the engine takes them, and tells what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import msgspec
from django.utils import timezone

from syncd.core.desk_tasks import (
    MOST,
    MOST_MINUTES,
    STEPS,
    ConfiguredJob,
    DeskTask,
    Frequency,
    Kind,
    Launch,
    TaskReport,
    Tasks,
    When,
)
from syncd.core.errors import AlreadyRunning
from syncd.core.verdicts import Verdict
from syncd.portal.models import Cabinet, EngineCalendar, PlannedTask
from syncd.portal.people.visibility import again, managing_cabinet
from syncd.portal.records import audit
from syncd.portal.records.feed import alone, publishing
from syncd.portal.records.place_history import moment
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor, Engine, Person, may_manage_cabinet

MOST_TOLD = 200  # jobs, and old trees, of one engine


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task as somebody wishes it. `first`, `at`: None where it was not given, or not as a date or a time; `max_minutes`: None for
    no number."""

    kind: str
    source: str
    frequency: str
    first: date | None
    at: time | None
    every: int = 0
    days: tuple[int, ...] = ()
    max_minutes: int | None = 0
    active: bool = True


@dataclass(frozen=True, slots=True)
class Calendar:
    """`told_at`: when an engine last spoke of it, None: never. `revision`: up to which it has the tasks."""

    tasks: Sequence[PlannedTask]
    jobs: Sequence[ConfiguredJob] = ()
    sources: Sequence[str] = ()
    told_at: datetime | None = None
    revision: int = 0


def calendar(actor: Person) -> Calendar:
    """Nothing where the actor does not manage the cabinet."""
    if not may_manage_cabinet(actor):
        return Calendar(())
    tasks = list(PlannedTask.objects.filter(cabinet=actor.cabinet).order_by("kind", "source", "first", "minute", "id"))
    told = EngineCalendar.objects.filter(cabinet=actor.cabinet).first()
    if told is None:
        return Calendar(tasks)
    jobs = msgspec.convert(told.jobs, list[ConfiguredJob])
    return Calendar(tasks, jobs, told.sources, told.told_at, told.revision)


def one(actor: Person, task_id: str) -> PlannedTask:
    """Raises Refusal."""
    if not may_manage_cabinet(actor):
        raise Refusal(Code.NO_TASK)
    return _held(actor, task_id)


def plan(actor: Actor, wanted: Wanted, task_id: str = "") -> PlannedTask:
    """A new task, or (`task_id`) the one of before as it is to be from now on. Raises Refusal."""
    with publishing(actor.cabinet) as feed:
        actor = managing_cabinet(actor)
        held = _held(actor, task_id) if task_id else None
        first, minute = _checked(actor, wanted, held)
        if held is None and PlannedTask.objects.filter(cabinet=actor.cabinet).count() >= MOST:
            raise Refusal(Code.TASKS_TOO_MANY, most=MOST)
        task = held or PlannedTask(cabinet_id=actor.cabinet)
        task.kind, task.frequency, task.first, task.minute = wanted.kind, wanted.frequency, first, minute
        task.source = wanted.source if wanted.kind == Kind.MIGRATE else ""
        task.every = wanted.every if wanted.frequency == Frequency.SEVERAL else 0
        task.days = sorted(set(wanted.days)) if wanted.frequency in (Frequency.WEEKLY, Frequency.MONTHLY) else []
        task.max_minutes, task.active, task.changed_by = wanted.max_minutes or 0, wanted.active, actor.name[:200]
        task.next_at, task.revision = None, _changed(actor)
        task.save()
        feed.task()
        audit.record(actor, "task_changed" if held else "task_planned", task.source)
    return task


def remove(actor: Actor, task_id: str) -> None:
    """Raises Refusal."""
    with publishing(actor.cabinet) as feed:
        actor = managing_cabinet(actor)
        task = _held(actor, task_id)
        task.delete()
        _changed(actor)
        feed.task()
        audit.record(actor, "task_removed", task.source)


def _held(actor: Actor, task_id: str) -> PlannedTask:
    found = PlannedTask.objects.filter(cabinet=actor.cabinet, id=task_id).first()
    if found is None:
        raise Refusal(Code.NO_TASK)
    return found


def _changed(actor: Actor) -> int:
    """The cabinet's tasks are others now; within the transaction that locks the cabinet."""
    cabinet = Cabinet.objects.get(id=actor.cabinet)
    cabinet.tasks += 1
    cabinet.save(update_fields=["tasks"])
    return cabinet.tasks


def _checked(actor: Actor, wanted: Wanted, held: PlannedTask | None) -> tuple[date, int]:
    """The day, and the minute of it, that it starts. Raises Refusal."""
    if wanted.kind not in set(Kind):
        raise Refusal(Code.TASK_OF_NOTHING)
    if wanted.kind == Kind.MIGRATE and not (held is not None and held.source == wanted.source):
        told = EngineCalendar.objects.filter(cabinet=actor.cabinet).first()
        if told is None or wanted.source not in told.sources:
            raise Refusal(Code.TASK_SOURCE_UNKNOWN, name=wanted.source)
    if wanted.frequency not in set(Frequency):
        raise Refusal(Code.TASK_FREQUENCY_UNKNOWN)
    if wanted.first is None or wanted.at is None:
        raise Refusal(Code.TASK_START_MISSING)
    if wanted.frequency == Frequency.ONCE and wanted.active:
        start = timezone.make_aware(datetime.combine(wanted.first, wanted.at))
        if start + timedelta(minutes=1) <= datetime.now(UTC):  # the minute that is going on is done at once
            raise Refusal(Code.TASK_START_PAST)
    if wanted.frequency == Frequency.SEVERAL and wanted.every not in STEPS:
        raise Refusal(Code.TASK_STEP_UNKNOWN)
    most_days = {Frequency.WEEKLY: range(7), Frequency.MONTHLY: range(32)}.get(Frequency(wanted.frequency))
    if most_days is not None and (not wanted.days or not set(wanted.days) <= set(most_days)):
        raise Refusal(Code.TASK_DAY_MISSING)
    if wanted.max_minutes is None or not 0 <= wanted.max_minutes <= MOST_MINUTES:
        raise Refusal(Code.TASK_MINUTES_MALFORMED, most=MOST_MINUTES)
    return wanted.first, wanted.at.hour * 60 + wanted.at.minute


@alone
def exchange(actor: Engine, told: TaskReport) -> Tasks:
    """What is planned and switched on, to the engine that has the lease; what it tells is kept. Raises AlreadyRunning where another
    has the lease, ValueError for a verdict that is none."""
    cabinet = Cabinet.objects.get(id=again(actor).cabinet)
    if cabinet.lease_instance != told.instance:
        raise AlreadyRunning("Another engine has taken over.")
    for last in (*(s.last for s in told.states), *(j.last for j in told.jobs)):
        if last.verdict:
            Verdict(last.verdict)
    EngineCalendar.objects.update_or_create(
        cabinet=cabinet,
        defaults={
            "told_at": datetime.now(UTC), "revision": cabinet.tasks,
            "sources": [name[:200] for name in told.sources[:MOST_TOLD] if name],
            "jobs": msgspec.to_builtins(told.jobs[:MOST_TOLD]),
        },
    )  # fmt: skip
    tasks = {task.id: task for task in PlannedTask.objects.filter(cabinet=cabinet)}
    for state in told.states:
        if (task := tasks.get(state.task)) is not None and task.active:
            _keep(task, state.next, state.last)
    active = [task for _, task in sorted(tasks.items()) if task.active]
    return Tasks(cabinet.tasks, tuple(_spoken(task) for task in active))


def _keep(task: PlannedTask, next_at: float, last: Launch) -> None:
    task.next_at = moment(next_at) if next_at else None
    if last.started:
        task.started_at, task.ended_at = moment(last.started), moment(last.ended) if last.ended else None
        task.verdict, task.counts = last.verdict, last.counts
        task.reason, task.cause = last.reason, last.cause[:300]
    task.save()


def _spoken(task: PlannedTask) -> DeskTask:
    when = When(task.frequency, task.first, task.minute, task.every, tuple(task.days))
    return DeskTask(task.id, task.kind, when, task.source, task.max_minutes)
