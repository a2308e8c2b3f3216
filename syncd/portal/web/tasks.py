"""Activity › Tâches: what the cabinet's engine does at set times; a page to plan one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_http_methods

from syncd.core.desk_tasks import LAST_DAY, MOST_MINUTES, STEPS, ConfiguredJob, Frequency, Kind, When, calendar_text
from syncd.core.untrusted_numbers import number
from syncd.core.verdicts import Verdict
from syncd.core.words.migration import REASONS as MIGRATION
from syncd.portal.language import counted, label, reason, spoken, weekday
from syncd.portal.models import PlannedTask
from syncd.portal.records.place_history import moment
from syncd.portal.sync import planned_tasks
from syncd.portal.sync.planned_tasks import Calendar, Wanted
from syncd.portal.web.forms import day
from syncd.portal.web.request import REFUSED, Asker, for_correspondents
from syncd.portal.web.runs import did

FREQUENCIES = {
    Frequency.ONCE: noop("Une fois"), Frequency.SEVERAL: noop("Plusieurs fois par jour"), Frequency.DAILY: noop("Tous les jours"),
    Frequency.WEEKLY: noop("Chaque semaine"), Frequency.MONTHLY: noop("Chaque mois"),
}  # fmt: skip
_SHORT = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}


@require_GET
@for_correspondents
def show(asker: Asker) -> HttpResponse:
    calendar = planned_tasks.calendar(asker.person)
    return asker.page(
        "tasks",
        calendar=calendar,
        tasks=[_task(t, calendar) for t in calendar.tasks],
        jobs=[_job(j) for j in calendar.jobs],
    )


@require_http_methods(["GET", "POST"])
@for_correspondents
def new(asker: Asker) -> HttpResponse:
    return _form(asker, None)


@require_http_methods(["GET", "POST"])
@for_correspondents
def one(asker: Asker, task_id: str) -> HttpResponse:
    """`do`: save, remove."""
    try:
        held = planned_tasks.one(asker.person, task_id)
    except REFUSED:
        raise Http404 from None
    if asker.request.method == "POST" and asker.request.POST.get("do") == "remove":
        planned_tasks.remove(asker.person, task_id)
        asker.say(_("Tâche supprimée."))
        return redirect("tasks")
    return _form(asker, held)


def _form(asker: Asker, held: PlannedTask | None) -> HttpResponse:
    fault, given = "", _given(held)
    if asker.request.method == "POST":
        wanted = _wanted(asker.request.POST)
        try:
            planned_tasks.plan(asker.person, wanted, held.id if held else "")
        except REFUSED as e:
            fault, given = str(e), _typed(asker.request.POST)
        else:
            asker.say(_("Tâche enregistrée : la synchronisation du cabinet la prend dans un instant."))
            return redirect("tasks")
    calendar = planned_tasks.calendar(asker.person)
    sources = sorted({*calendar.sources, *([held.source] if held is not None and held.source else [])})
    return asker.page(
        "task", status=403 if fault else 200, held=held, given=given, fault=fault, sources=sources, steps=STEPS, most=MOST_MINUTES,
        frequencies=[(f.value, _(said)) for f, said in FREQUENCIES.items()], week=[(str(n), weekday(n)) for n in range(7)],
        month=[*((str(n), str(n)) for n in range(1, 32)), (str(LAST_DAY), _("le dernier jour"))],
    )  # fmt: skip


def _given(held: PlannedTask | None) -> dict[str, Any]:
    if held is None:
        today = timezone.localdate()
        return {
            "what": Kind.SYNCHRONISE.value, "frequency": Frequency.DAILY.value, "first": today.isoformat(), "at": "20:00", "every": "2",
            "days": [], "month_day": "1", "minutes": "", "active": True,
        }  # fmt: skip
    monthly = held.frequency == Frequency.MONTHLY
    return {
        "what": f"{held.kind}:{held.source}" if held.source else held.kind, "frequency": held.frequency,
        "first": held.first.isoformat(), "at": f"{held.minute // 60:02}:{held.minute % 60:02}", "every": str(held.every or 2),
        "days": [] if monthly else [str(d) for d in held.days], "month_day": str(held.days[0]) if monthly and held.days else "1",
        "minutes": str(held.max_minutes or ""), "active": held.active,
    }  # fmt: skip


def _typed(post: QueryDict) -> dict[str, Any]:
    """What somebody typed, as it is shown again."""
    names = ("what", "frequency", "first", "at", "every", "month_day", "minutes")
    return {n: post.get(n, "")[:200] for n in names} | {
        "days": post.getlist("day"),
        "active": post.get("active") == "on",
    }


def _wanted(post: Mapping[str, Any]) -> Wanted:
    typed = _typed(post)  # type: ignore[arg-type]
    kind, _colon, source = typed["what"].partition(":")
    named = [typed["month_day"]] if typed["frequency"] == Frequency.MONTHLY else typed["days"]
    days = [number(text, 31) for text in named]
    return Wanted(
        kind, source, typed["frequency"], day(typed["first"]), _time(typed["at"]), number(typed["every"], 24) or 0,
        tuple(d for d in days if d is not None) if None not in days else (), _minutes(typed["minutes"]), typed["active"],
    )  # fmt: skip


def _minutes(text: str) -> int | None:
    """0 where nothing is said; None where it is no number of minutes."""
    return (number(text.strip(), MOST_MINUTES) or None) if text.strip() else 0


def _time(text: str) -> time | None:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 (of any day)
    except ValueError:
        return None


def _task(task: PlannedTask, calendar: Calendar) -> dict[str, Any]:
    when = When(task.frequency, task.first, task.minute, task.every, tuple(task.days))
    start = datetime.combine(task.first, time(task.minute // 60, task.minute % 60))
    over = task.frequency == Frequency.ONCE and timezone.make_aware(start) + timedelta(minutes=1) <= timezone.now()
    return {
        "task": task, "what": what(task.kind, task.source), "when": spoken_when(when), "start": start,
        "taken": task.revision <= calendar.revision, "missed": over and task.next_at is None, "last": _last(task.verdict, task.started_at, task.counts, task.reason, task.cause),
    }  # fmt: skip


def _job(job: ConfiguredJob) -> dict[str, Any]:
    last, started = job.last, moment(job.last.started) if job.last.started else None
    return {
        "job": job, "what": what(job.kind, ""), "when": in_words(job.when), "next": moment(job.next) if job.next else None,
        "last": _last(last.verdict, started, last.counts, last.reason, last.cause),
    }  # fmt: skip


def what(kind: str, source: str) -> str:
    match kind:
        case Kind.SYNCHRONISE:
            return _("Synchroniser")
        case Kind.MIGRATE if source:
            return _("Reprendre l'existant : {name}").format(name=source)
        case Kind.MIGRATE:
            return _("Reprendre l'existant")
    return kind


def _last(verdict: str, started: datetime | None, counts: Mapping[str, int], why: str, cause: str) -> dict[str, Any]:
    """The last launch; `label` '' where there was none."""
    if not verdict or started is None:
        return {"label": ""}
    said, copied = _why(why, cause), counts.get("copied", 0)
    done = [counted(copied, "document copié", "documents copiés")] if copied else []
    if not done or any(count for name, count in counts.items() if name != "copied"):
        done.append(did(counts))
    return {
        "label": label(Verdict(verdict)), "tone": verdict, "at": started,
        "why": f"{said[0].upper()}{said[1:]}".rstrip(".") + "." if said else "",
        "did": ", ".join(done) if any(counts.values()) else "",
    }  # fmt: skip


def _why(code: str, cause: str) -> str:
    """Why it was given up; '' where it was not. What an engine has no code for, it says as a sentence."""
    if not code:
        return cause
    if code in MIGRATION:
        return MIGRATION[code](spoken())
    return reason(code, cause).removeprefix("interrompu : ").removeprefix("stopped: ")


def spoken_when(when: When) -> str:
    if when.frequency == Frequency.SEVERAL:
        at = f"{when.minute // 60:02}:{when.minute % 60:02}"
        if when.every == 1:
            return _("Toutes les heures, comme à {at}").format(at=at)
        return _("Toutes les {n} heures, comme à {at}").format(n=when.every, at=at)
    return in_words(calendar_text(when))


def in_words(text: str) -> str:
    """A calendar expression of `schedule.calendar`, said; cron's five fields stay as they are."""
    word, *rest = text.split() or [""]
    times = [t.rstrip(",") for t in rest if ":" in t]
    others = [t.lower().rstrip(",") for t in rest if ":" not in t]
    at = _listed(times)
    if word == "daily" and times:
        return _("Tous les jours à {at}").format(at=at)
    if word == "weekly" and times and all(t[:3] in _SHORT for t in others):
        days = [weekday(n) for n in sorted({_SHORT[t[:3]] for t in others})]
        return _("Chaque semaine, {days}, à {at}").format(days=_listed(days), at=at)
    if word == "monthly" and times:
        return _("Chaque mois, {days}, à {at}").format(days=_listed([_month_day(t) for t in others]), at=at)
    if word == "once" and times and len(others) == 1 and (on := _date(others[0])) is not None:
        return _("Une fois, le {date} à {at}").format(date=f"{on:%d/%m/%Y}", at=at)
    return text


def _month_day(text: str) -> str:
    return _("le dernier jour") if text == "last" else _("le {n}").format(n=text)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _listed(parts: Sequence[str]) -> str:
    """`a, b et c`."""
    *before, last = parts or [""]
    return _("{names} et {last}").format(names=", ".join(before), last=last) if before else last
