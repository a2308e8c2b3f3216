"""What the cabinet says of a client's legal dates in the place of the rules: another day, hidden, dealt with."""

from __future__ import annotations

from datetime import date

from django.db.models import F
from django.utils import timezone

from syncd.core.plain_text import one_line
from syncd.portal.calendar import alerts
from syncd.portal.calendar.date_rights import keeping
from syncd.portal.calendar.seen_dates import Line, line_of
from syncd.portal.models import CalendarChange, CalendarTick, Client, Document
from syncd.portal.people.visibility import visible
from syncd.portal.records import audit
from syncd.portal.records.feed import alone
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person

_WHY, _YEARS = 500, 5


@alone
def move(actor: Person, client: Client, key: str, day: date, why: str = "") -> None:
    """It is due on another day, whatever the rules say from now on. Raises Refusal."""
    actor, line = _keeping(actor, client, key)
    if abs(day.year - timezone.localdate().year) > _YEARS:
        raise Refusal(Code.DAY_FAR, day=f"{day:%d/%m/%Y}")
    _change(actor, client, line, day=day, why=one_line(why, 4096)[:_WHY])
    audit.record(actor, "calendar_moved", f"{client.code} {key}")


@alone
def hide(actor: Person, client: Client, key: str, on: bool, why: str = "") -> None:
    """It does not concern this client: the company no longer sees it; not `on`: it does again, on the day it had. Raises
    Refusal."""
    actor, line = _keeping(actor, client, key)
    said = one_line(why, 4096)[:_WHY] if on or line.said is None else line.why
    _change(actor, client, line, hidden=on, why=said)
    audit.record(actor, "calendar_hidden" if on else "calendar_shown", f"{client.code} {key}")


@alone
def restore(actor: Person, client: Client, key: str) -> None:
    """As the rules say it. Raises Refusal."""
    actor, line = _keeping(actor, client, key)
    _change(actor, client, line, day=None, hidden=False, why="")
    audit.record(actor, "calendar_restored", f"{client.code} {key}")


@alone
def tick(actor: Person, client: Client, key: str, on: bool, document: str = "") -> None:
    """Dealt with; `document`: what shows it, by id, of those that the actor may see. Raises Refusal."""
    actor, _line = _keeping(actor, client, key, own=True)
    if on:
        shown = (
            Document.objects.filter(visible(actor), client=client, id=document, tombstone="").first()
            if document
            else None
        )
        if document and shown is None:
            raise Refusal(Code.NO_DATE)
        CalendarTick.objects.get_or_create(client=client, key=key, defaults={"document": shown, "by": actor.name})
    else:
        CalendarTick.objects.filter(client=client, key=key).delete()
    audit.record(actor, "calendar_ticked" if on else "calendar_unticked", f"{client.code} {key}")


def _keeping(actor: Person, client: Client, key: str, *, own: bool = False) -> tuple[Person, Line]:
    now = keeping(actor, client)
    line = line_of(now, client, key)
    if line is None or (line.legal is None and not own):
        raise Refusal(Code.NO_DATE)
    return now, line


def _change(actor: Person, client: Client, line: Line, **values: object) -> None:
    """`revision` grows also where the rules' own day returns: whoever copied the date learns of it."""
    change, made = CalendarChange.objects.get_or_create(
        client=client, key=line.key, defaults={"by": actor.name, "revision": 1, **values}
    )
    if not made:
        CalendarChange.objects.filter(id=change.id).update(
            by=actor.name, at=timezone.now(), revision=F("revision") + 1, **values
        )
    alerts.look_again(client.id, client.cabinet_id)
