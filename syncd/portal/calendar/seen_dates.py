"""The calendar that a person reads: legal dates as the cabinet keeps them, its events, the company's notes, with comments."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec
from django.db.models import Q

from syncd.portal.calendar.client_facts import facts_of, of_clients
from syncd.portal.calendar.generation import Event, calendar
from syncd.portal.calendar.period_words import title
from syncd.portal.models import CalendarChange, CalendarEntry, CalendarTick, Client
from syncd.portal.rights import Person, may_read_hidden_dates, may_see_dates

EVENT, COMMENT, NOTE = "event", "comment", "note"
_YEARS = range(2000, 2100)  # of dates that anybody asks for


class Comment(msgspec.Struct, frozen=True):
    """`id`: of its entry; `kind`: comment of the cabinet or note of the company."""

    id: str
    kind: str
    text: str
    by: str
    at: datetime


class Line(msgspec.Struct, frozen=True):
    """`legal`: the date that the rules give, None for what people added; `said`: the day that the rules say, where the cabinet
    says another; `hidden`: only the cabinet sees it. `revision` grows whenever its day or words change by people."""

    key: str
    client: Client
    day: date
    title: str
    legal: Event | None = None
    entry: CalendarEntry | None = None
    said: date | None = None
    why: str = ""
    hidden: bool = False
    tick: CalendarTick | None = None
    comments: tuple[Comment, ...] = ()
    revision: int = 0

    @property
    def shifted(self) -> bool:
        return self.legal is not None and self.legal.day != self.legal.legal and self.said is None

    def to_check(self, today: date) -> bool:
        return self.legal is not None and self.legal.rule.to_check(today)


class Lines(msgspec.Struct, frozen=True):
    """`missing`, `irregular`: as Calendar says it, by client's id, of whom something is."""

    lines: tuple[Line, ...]
    missing: Mapping[str, tuple[str, ...]]
    irregular: Mapping[str, tuple[tuple[date, date], ...]]


def lines_of(actor: Person, clients: Sequence[Client], first: date, last: date, *, hidden: bool = False) -> Lines:
    """What the actor may see of these clients from `first` to `last`, by day; `hidden`: also what the cabinet took out, for
    its people. The caller has asked for the clients. Five questions of the database, however many there are."""
    facts = facts_of(clients)
    people = _People(clients)
    found: list[Line] = []
    missing, irregular = dict[str, tuple[str, ...]](), dict[str, tuple[tuple[date, date], ...]]()
    for client in clients:
        # what was moved into the time may have been due outside it
        moved = {c.key: c.day for c in people.changes[client.id].values() if c.day}
        made = calendar(facts[client.id], *(_around(moved, first, last) if moved else _years(first, last)))
        if made.missing:
            missing[client.id] = made.missing
        if made.irregular:
            irregular[client.id] = made.irregular
        keeps = hidden and may_read_hidden_dates(actor, client.id)
        at = slice(bisect_left(made.events, first, key=_due), bisect_right(made.events, last, key=_due))
        due = (
            [*made.events[at], *(e for e in made.events if e.key in moved and not first <= e.day <= last)]
            if moved
            else made.events[at]
        )
        lines = [people.legal(client, e) for e in due if may_see_dates(actor, client.id, e.rule.kind)]
        lines += people.own(client)
        found += [line for line in lines if first <= line.day <= last and (keeps or not line.hidden)]
    found.sort(key=lambda line: (line.day, line.title, line.client.folded, line.key))
    return Lines(tuple(found), missing, irregular)


def line_of(actor: Person, client: Client, key: str) -> Line | None:
    """One date by its key, wherever it is now; None where the actor sees none of it."""
    if (day := _day_of(key)) is not None:
        moved = CalendarChange.objects.filter(client=client, key=key, day__isnull=False).first()
        days = [day, moved.day] if moved is not None and moved.day is not None else [day]
    else:
        days = [own.day for own in CalendarEntry.objects.filter(id=key, kind__in=(EVENT, NOTE))]
    if not days:
        return None
    found = lines_of(actor, [client], *_wide(min(days), max(days)), hidden=True)
    return next((line for line in found.lines if line.key == key), None)


def _day_of(key: str) -> date | None:
    """The last day of the period that a key of a legal date names."""
    try:
        found = date.fromisoformat(key.partition("@")[2][:10])
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def _due(event: Event) -> date:
    return event.day


def _years(first: date, last: date) -> tuple[date, date]:
    """Whole years, so that whoever asks next finds them made."""
    return date(first.year, 1, 1), date(last.year, 12, 31)


def _around(moved: Mapping[str, date], first: date, last: date) -> tuple[date, date]:
    """The same with a year on both sides, also of what was moved into that time from further away."""
    from_ = [day for key, on in moved.items() if first <= on <= last and (day := _day_of(key)) is not None]
    return _wide(min([first, *from_]), max([last, *from_]))


def _wide(first: date, last: date) -> tuple[date, date]:
    return date(first.year - 1, 1, 1), date(last.year + 1, 12, 31)


class _People:
    """What people added and changed, of some clients."""

    def __init__(self, clients: Iterable[Client]) -> None:
        self.clients = {c.id: c for c in clients}
        cabinets = {c.cabinet_id for c in self.clients.values()}
        self.changes = defaultdict[str, dict[str, CalendarChange]](dict)
        theirs = of_clients(self.clients.values())
        for change in CalendarChange.objects.filter(theirs):
            self.changes[change.client_id][change.key] = change
        self.ticks = {(t.client_id, t.key): t for t in CalendarTick.objects.filter(theirs).select_related("document")}
        mine = theirs | Q(client=None)
        self.entries = list(CalendarEntry.objects.filter(mine, cabinet__in=cabinets).order_by("at"))
        self.about = defaultdict[str, list[CalendarEntry]](list)
        for entry in self.entries:
            if entry.key:
                self.about[entry.key].append(entry)

    def legal(self, client: Client, event: Event) -> Line:
        change = self.changes[client.id].get(event.key)
        moved = change is not None and change.day is not None
        day = change.day if change is not None and change.day is not None else event.day
        return Line(
            event.key, client, day, title(event), event, said=event.day if moved else None, why=change.why if change else "",
            hidden=bool(change and change.hidden), tick=self.ticks.get((client.id, event.key)), comments=self.comments(client, event.key),
            revision=change.revision if change else 0,
        )  # fmt: skip

    def own(self, client: Client) -> list[Line]:
        return [
            Line(
                e.id, client, e.day, e.title, entry=e, tick=self.ticks.get((client.id, e.id)), comments=self.comments(client, e.id),
                revision=e.revision,
            )
            for e in self.entries if not e.key and concerns(e, client)
        ]  # fmt: skip

    def comments(self, client: Client, key: str) -> tuple[Comment, ...]:
        return tuple(Comment(e.id, e.kind, e.text, e.by, e.at) for e in self.about[key] if concerns(e, client))


def concerns(entry: CalendarEntry, client: Client) -> bool:
    """Whether it is for that client."""
    if entry.cabinet_id != client.cabinet_id:
        return False
    match entry.field:
        case "all":
            return True
        case "client":
            return entry.client_id == client.id
        case "responsible":
            return client.responsible_id == entry.value
        case "site" | "group" | "sector":
            return bool(entry.value) and getattr(client, entry.field) == entry.value
    return False
