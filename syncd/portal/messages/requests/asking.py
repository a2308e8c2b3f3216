"""A cabinet asks one company, or many at once; a request that is made every month makes itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import msgspec
from django.utils import timezone

from syncd.core.fiscal_years import Exercise as CoreExercise
from syncd.core.months import months_later
from syncd.core.plain_text import one_line
from syncd.portal.messages.requests import history
from syncd.portal.messages.requests.cadence import Cadence, next_reminder
from syncd.portal.messages.requests.lists import MOST, NOTE, ListItem
from syncd.portal.messages.requests.periods import span
from syncd.portal.messages.requests.rest_days import rests
from syncd.portal.models import Client, DocumentRequest, Exercise, RequestedItem, RequestSeries
from syncd.portal.models.ids import new_id
from syncd.portal.people.visibility import again
from syncd.portal.records import audit
from syncd.portal.records.feed import writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb, Wanted, may_with_wanted

TITLE, CLIENTS, AHEAD = 120, 1000, timedelta(days=730)
TWICE = timedelta(minutes=1)  # the same, asked again so soon, is a second click


@dataclass(frozen=True, slots=True)
class Wish:
    """`told`: ids of the people who are told; empty: all who may answer. `monthly`: made again every month."""

    title: str
    items: Sequence[ListItem]
    due_on: date
    note: str = ""
    cadence: Cadence = field(default_factory=Cadence)
    told: Sequence[str] = ()
    monthly: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """`left`: clients who were asked for nothing, since the actor may not, or they are switched off."""

    requests: list[DocumentRequest]
    left: list[Client]


def wanted_of(client: Client, kind: str) -> Wanted:
    return Wanted(client.cabinet_id, client.id, kind, client.closed)


def ask(actor: Person, clients: Sequence[Client], wish: Wish, now: datetime | None = None) -> Asked:
    """One request each, of the items that the actor may ask for there. Raises Refusal."""
    now = now or datetime.now(UTC)
    today = timezone.localdate(now)
    wish = _checked(wish, today)
    if len(clients) > CLIENTS:
        raise Refusal(Code.TOO_MANY_CLIENTS, most=CLIENTS)
    with writing(actor.cabinet):
        actor = again(actor)
        fresh = {c.id: c for c in Client.objects.select_related("cabinet").filter(id__in=[c.id for c in clients])}
        clients = [fresh[c.id] for c in clients if c.id in fresh]
        mine = {c.id: [i for i in wish.items if _may(actor, c, i.kind)] for c in clients}
        asked = [c for c in clients if mine[c.id]]
        if not asked:
            raise Refusal(Code.NOT_ALLOWED_HERE)
        already = _just_asked(actor, [(c, mine[c.id]) for c in asked], wish, now)
        made = _make(actor, [(c, mine[c.id]) for c in asked if c.id not in already], wish, now)
        audit.record_each(actor, "documents_requested", [f"{r.client.code} {r.title}" for r in made])
    return Asked([*already.values(), *made], [c for c in clients if not mine[c.id]])


def _may(actor: Person, client: Client, kind: str) -> bool:
    return may_with_wanted(actor, Verb.MANAGE, wanted_of(client, kind))


def _checked(wish: Wish, today: date) -> Wish:
    title, note = one_line(wish.title, 1000), one_line(wish.note, NOTE)
    items = [i for i in wish.items if i.label]
    if not title or len(title) > TITLE:
        raise Refusal(Code.REQUEST_UNNAMED, most=TITLE)
    if not items:
        raise Refusal(Code.REQUEST_EMPTY)
    if len(items) > MOST:
        raise Refusal(Code.REQUEST_LONG, most=MOST)
    if not today <= wish.due_on <= today + AHEAD:
        raise Refusal(Code.DUE_PAST)
    return Wish(title, items, wish.due_on, note, wish.cadence, list(wish.told)[:50], wish.monthly)


def _just_asked(
    actor: Person, each: Sequence[tuple[Client, Sequence[ListItem]]], wish: Wish, now: datetime
) -> dict[str, DocumentRequest]:
    """By client: what was asked there a moment ago in the same words, of the same items, told to the same people."""
    alike = DocumentRequest.objects.filter(
        client__in=[c.id for c, _items in each], title=wish.title, note=wish.note, due_on=wish.due_on, user_id=actor.id,
        series__isnull=not wish.monthly, made_at__gt=now - TWICE,
    )  # fmt: skip
    found = [r for r in alike.select_related("client").prefetch_related("items") if set(r.told) == set(wish.told)]
    exercises, items = _exercises([r.client_id for r in found]), {c.id: items for c, items in each}
    return {
        r.client_id: r
        for r in found
        if [_asked_for(i) for i in sorted(r.items.all(), key=lambda i: i.position)]
        == [_asked_for(i) for i in _items_of(r, items[r.client_id], timezone.localdate(r.made_at), exercises[r.client_id])]
    }  # fmt: skip


def _asked_for(item: RequestedItem) -> tuple[object, ...]:
    return item.label, item.kind, item.start, item.end, item.expected, item.note


def _make(
    actor: Person, each: Sequence[tuple[Client, Sequence[ListItem]]], wish: Wish, now: datetime
) -> list[DocumentRequest]:
    today = timezone.localdate(now)
    cadence, by = msgspec.to_builtins(wish.cadence), {"user_id": actor.id, "by": actor.name}
    series = dict[str, RequestSeries]()
    if wish.monthly:
        series = {
            c.id: RequestSeries(
                id=new_id(), cabinet_id=c.cabinet_id, client=c, title=wish.title, note=wish.note, items=msgspec.to_builtins(list(items)),
                cadence=cadence, told=list(wish.told), start_on=today, due_on=wish.due_on, next_on=months_later(today, 1), **by,
            )
            for c, items in each
        }  # fmt: skip
        RequestSeries.objects.bulk_create(series.values())
    requests = [
        DocumentRequest(
            id=new_id(), cabinet_id=c.cabinet_id, client=c, series=series.get(c.id), title=wish.title, note=wish.note, cadence=cadence,
            told=list(wish.told), made_at=now, due_on=wish.due_on,
            remind_on=next_reminder(today, wish.due_on, wish.cadence, date.min, rests), **by,
        )
        for c, _items in each
    ]  # fmt: skip
    DocumentRequest.objects.bulk_create(requests, batch_size=500)
    _write_items([(r, items) for r, (_c, items) in zip(requests, each, strict=True)], today)
    history.asked([(r, [i.kind for i in items]) for r, (_c, items) in zip(requests, each, strict=True)])
    return requests


def _write_items(each: Sequence[tuple[DocumentRequest, Sequence[ListItem]]], made: date) -> None:
    exercises = _exercises([r.client_id for r, _items in each])
    rows = [row for r, items in each for row in _items_of(r, items, made, exercises[r.client_id])]
    RequestedItem.objects.bulk_create(rows, batch_size=500)


def _items_of(
    request: DocumentRequest, items: Sequence[ListItem], made: date, exercises: Sequence[CoreExercise]
) -> list[RequestedItem]:
    rows = []
    for n, item in enumerate(items):
        start, end = span(item.period, made, exercises) or (None, None)
        rows.append(
            RequestedItem(
                id=new_id(), request=request, position=n, label=item.label, kind=item.kind, start=start, end=end,
                expected=item.expected, note=item.note,
            )
        )  # fmt: skip
    return rows


def _exercises(clients: Sequence[str]) -> defaultdict[str, list[CoreExercise]]:
    found = defaultdict[str, list[CoreExercise]](list)
    for n in range(0, len(clients), 500):
        for e in Exercise.objects.filter(client_id__in=clients[n : n + 500]):
            found[e.client_id].append(CoreExercise(e.label, e.start, e.end, e.closed))
    return found


def make_due(now: datetime) -> int:
    """The requests of every month whose day has come; how many. A month in which the client is switched off is passed over."""
    today = timezone.localdate(now)
    waiting = RequestSeries.objects.filter(next_on__lte=today)
    cabinets = waiting.order_by("cabinet").values_list("cabinet", flat=True).distinct()
    return sum(_make_due(cabinet, now, today) for cabinet in list(cabinets))


def _make_due(cabinet: str, now: datetime, today: date) -> int:
    with writing(cabinet):
        waiting = RequestSeries.objects.filter(cabinet=cabinet, next_on__lte=today).order_by("id")
        came = list(waiting.select_related("client")[:500])
        each = [(_next_of(s, now, today), s) for s in came if not s.client.closed]
        DocumentRequest.objects.bulk_create((r for r, _s in each), batch_size=500)
        for day in {s.next_on for s in came if s.next_on is not None}:
            of_day = [(r, msgspec.convert(s.items, list[ListItem])) for r, s in each if s.next_on == day]
            _write_items(of_day, day)
            history.asked([(request, [i.kind for i in items]) for request, items in of_day])
        for series in came:
            series.made += 1
            series.next_on = months_later(series.start_on, series.made)
        RequestSeries.objects.bulk_update(came, ["made", "next_on"], batch_size=100)
    return len(each)


def _next_of(series: RequestSeries, now: datetime, today: date) -> DocumentRequest:
    due, cadence = months_later(series.due_on, series.made), msgspec.convert(series.cadence, Cadence)
    return DocumentRequest(
        id=new_id(), cabinet_id=series.cabinet_id, client=series.client, series=series, title=series.title, note=series.note,
        cadence=series.cadence, told=series.told, user_id=series.user_id, by=series.by, made_at=now, due_on=due,
        remind_on=next_reminder(today, due, cadence, date.min, rests),
    )  # fmt: skip


def stop(actor: Person, series: RequestSeries) -> None:
    """No further month of it; what was made stays. Raises Refusal."""
    with writing(actor.cabinet):
        actor = again(actor)
        items = msgspec.convert(series.items, list[ListItem])
        if not any(_may(actor, series.client, i.kind) for i in items):
            raise Refusal(Code.NO_REQUEST)
        RequestSeries.objects.filter(id=series.id).update(next_on=None)
        audit.record(actor, "request_series_stopped", f"{series.client.code} {series.title}")
