"""What people add to calendars: the cabinet's events and comments, for one client or many; a company's own notes."""

from __future__ import annotations

from datetime import date

from django.db.models import F
from django.utils import timezone

from syncd.core.plain_text import one_line
from syncd.portal.calendar import alerts
from syncd.portal.calendar.date_rights import keeping, noting
from syncd.portal.calendar.seen_dates import COMMENT, EVENT, NOTE, line_of
from syncd.portal.clients.segments import FIELDS, FOLLOWED, Segment, beyond, segments
from syncd.portal.clients.tree import not_here
from syncd.portal.models import CalendarEntry, Client
from syncd.portal.people.visibility import again
from syncd.portal.records import audit
from syncd.portal.records.feed import alone
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, may_keep_dates, may_manage_cabinet, may_note_dates

OF_ONE = "client"
MOST = 2000  # of one cabinet in one year: a page stays a page
NOTES = 500  # of one company in one year, which take nothing from others' room
_TITLE, _TEXT = 200, 2000
_YEARS = 5


@alone
def add_event(
    actor: Person, client: Client | None, day: date, title: str, text: str = "", scope: str = OF_ONE
) -> CalendarEntry:
    """An event of the cabinet: for this client, or for the clients that `scope` names (clients.segments). Raises Refusal."""
    actor = _keeping(actor, client)
    title = one_line(title, 4096)
    if not title or len(title) > _TITLE:
        raise Refusal(Code.EVENT_UNNAMED)
    return _add(actor, client, EVENT, _near(day), title, text, "", scope)


@alone
def add_comment(actor: Person, client: Client, key: str, text: str, scope: str = OF_ONE) -> CalendarEntry:
    """What is said about one date: advice of the cabinet, or a note of the company. Raises Refusal."""
    kind = COMMENT if actor.role.of_cabinet else NOTE
    actor = (keeping if kind == COMMENT else noting)(actor, client)
    line = line_of(actor, client, key)
    if line is None or not text.strip():
        raise Refusal(Code.COMMENT_EMPTY if line else Code.NO_DATE)
    return _add(actor, client, kind, line.day, "", text, key, scope if kind == COMMENT else OF_ONE)


@alone
def add_note(actor: Person, client: Client, day: date, title: str, text: str = "") -> CalendarEntry:
    """A date of the company's own, which its people and the cabinet read. Raises Refusal."""
    actor = noting(actor, client)
    title = one_line(title, 4096)
    if not title or len(title) > _TITLE:
        raise Refusal(Code.EVENT_UNNAMED)
    return _add(actor, client, NOTE, _near(day), title, text, "", OF_ONE)


@alone
def move(actor: Person, entry: CalendarEntry, day: date) -> None:
    """An event or note of one's side, to another day. Raises Refusal."""
    actor, entry = _changing(actor, entry)
    CalendarEntry.objects.filter(id=entry.id).update(day=_near(day), revision=F("revision") + 1)
    alerts.look_again(entry.client_id, entry.cabinet_id)
    audit.record(actor, "calendar_entry_moved", entry.title or entry.text)


@alone
def remove(actor: Person, entry: CalendarEntry) -> None:
    """An entry of one's side, with what was said about it. Raises Refusal."""
    actor, entry = _changing(actor, entry)
    CalendarEntry.objects.filter(cabinet=entry.cabinet_id, key=entry.id).delete()
    CalendarEntry.objects.filter(id=entry.id).delete()
    alerts.look_again(entry.client_id, entry.cabinet_id)
    audit.record(actor, "calendar_entry_removed", entry.title or entry.text)


def entry_of(actor: Person, ident: str) -> CalendarEntry:
    """Raises Refusal where there is none, or it is another side's."""
    found = CalendarEntry.objects.filter(cabinet=actor.cabinet, id=ident).select_related("client").first()
    if found is None or not _may_change(actor, found):
        raise Refusal(Code.NO_DATE)
    return found


def may_change(actor: Person, entry: CalendarEntry) -> bool:
    return _may_change(actor, entry)


def scopes(actor: Person, client: Client) -> list[Segment]:
    """For whom else this person may add an event from this client's calendar; none where they may not even for it."""
    if not may_keep_dates(actor, client.id, client.closed):
        return []
    return [s for s in _may_choose(actor) if s.field not in FIELDS or getattr(client, s.field) == s.value]


def all_scopes(actor: Person) -> list[Segment]:
    """For whom this person may add an event at all."""
    return _may_choose(actor) if actor.role.of_cabinet else []


def _may_choose(actor: Person) -> list[Segment]:
    """Parts of the cabinet's clients, each with how many: all of them by who may for all, a site by who reaches all of it."""
    if not may_keep_dates(actor, next(iter(actor.clients), ""), closed=False):  # the same in each of them
        return []
    found = segments(actor)
    if may_manage_cabinet(actor):
        return found
    others = beyond(actor)
    return [s for s in found if s.field == FOLLOWED or (s.field in FIELDS and (s.field, s.value) not in others)]


def _keeping(actor: Person, client: Client | None) -> Person:
    if client is not None:
        return keeping(actor, client)
    actor = again(actor)  # of several: whether of those, `_add` asks
    if not actor.role.of_cabinet:
        raise Refusal(Code.NOT_ALLOWED_HERE)
    return actor


def _may_change(actor: Person, entry: CalendarEntry) -> bool:
    if entry.cabinet_id != actor.cabinet:
        return False
    if entry.client is None:  # of several clients: whoever wrote it, and those who may for all
        return actor.role.of_cabinet and (entry.user_id == actor.id or may_manage_cabinet(actor))
    allowed = may_note_dates if entry.kind == NOTE else may_keep_dates
    return allowed(actor, entry.client.id, entry.client.closed)


def _changing(actor: Person, entry: CalendarEntry) -> tuple[Person, CalendarEntry]:
    """Both as they are now."""
    actor, held = again(actor), CalendarEntry.objects.filter(id=entry.id).select_related("client").first()
    if held is None:
        raise Refusal(Code.NO_DATE)
    if not _may_change(actor, held):
        raise not_here(held.client) if held.client is not None else Refusal(Code.NOT_ALLOWED_HERE)
    return actor, held


def _near(day: date) -> date:
    today = timezone.localdate()
    if abs(day.year - today.year) > _YEARS:
        raise Refusal(Code.DAY_FAR, day=f"{day:%d/%m/%Y}")
    return day


def _add(
    actor: Person, client: Client | None, kind: str, day: date, title: str, text: str, key: str, scope: str
) -> CalendarEntry:
    field, value = _for_whom(actor, client, scope)
    text = text.strip()
    if len(text) > _TEXT:
        raise Refusal(Code.COMMENT_LONG, limit=_TEXT)
    there = CalendarEntry.objects.filter(cabinet=actor.cabinet, day__year=day.year)
    there = there.filter(kind=NOTE, client=client) if kind == NOTE else there.exclude(kind=NOTE)
    if there.count() >= (most := NOTES if kind == NOTE else MOST):
        raise Refusal(Code.ENTRIES_MANY, limit=most)
    made = CalendarEntry.objects.create(
        cabinet_id=actor.cabinet, client=client if field == OF_ONE else None, kind=kind, field=field, value=value, key=key, day=day,
        title=title, text=text, user_id=actor.id, by=actor.name,
    )  # fmt: skip
    alerts.look_again(made.client_id, actor.cabinet)
    audit.record(actor, "calendar_entry_added", title or text)
    return made


def _for_whom(actor: Person, client: Client | None, scope: str) -> tuple[str, str]:
    """(field, value) of the entry. Raises Refusal."""
    field, _colon, value = scope.partition(":")
    if field == OF_ONE and not value and client is not None:
        return field, client.id
    if any(s.name == scope for s in _may_choose(actor)):
        return field, actor.id if field == FOLLOWED else value
    raise Refusal(Code.NOT_ALLOWED_HERE)
