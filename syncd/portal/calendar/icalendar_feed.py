"""A person's calendar as iCalendar: what they may see at that moment, under names that stay, in bytes that repeat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from syncd.core.plain_text import one_line
from syncd.portal.calendar.seen_dates import Line, lines_of
from syncd.portal.language import speaking, spoken
from syncd.portal.models import Client, User
from syncd.portal.people.visibility import person_of, reached_clients
from syncd.portal.records.mail_queue import address
from syncd.portal.rights import Person

BACK, AHEAD = timedelta(days=60), timedelta(days=400)
MOST = 20_000  # events: two hundred clients' year, a few megabytes
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def agenda_of(user: User) -> bytes:
    """Of somebody whom the address named; in their language."""
    person = person_of(user)
    with speaking(user.language):
        clients = list(Client.objects.filter(reached_clients(person), closed=False).order_by("code"))
        return written(
            one_line(_("{cabinet} : échéances").format(cabinet=user.cabinet.name)),
            coming(person, clients, timezone.localdate()),
        )


def coming(actor: Person, clients: Sequence[Client], today: date) -> list[Line]:
    return list(lines_of(actor, clients, today - BACK, today + AHEAD).lines[:MOST])


def written(name: str, lines: Sequence[Line]) -> bytes:
    """The same lines give the same bytes. `name`: of the whole."""
    from icalendar import Calendar, Event  # loaded for a calendar alone: half as many modules as the rest of the portal

    made = Calendar()
    made.add("prodid", "-//syncd//calendar//" + spoken().upper())
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("refresh-interval", timedelta(hours=12), parameters={"VALUE": "DURATION"})
    for line in lines:
        event = Event()
        event.add("uid", f"{line.client.id}.{line.key}@syncd")
        event.add("dtstamp", line.entry.at.replace(microsecond=0) if line.entry else _EPOCH)
        event.add("dtstart", line.day)
        event.add("dtend", line.day + timedelta(days=1))
        event.add("summary", one_line(f"{line.client.name} : {line.title}", 500))
        event.add("description", _said(line))
        event.add("sequence", line.revision)
        event.add("transp", "TRANSPARENT")
        event.add("url", address(f"/calendrier/{line.client.code}"))
        made.add_component(event)
    return bytes(made.to_ical(sorted=False))


def _said(line: Line) -> str:
    """No date without its source."""
    said = []
    if line.legal is not None:
        said.append(_("Date indicative. Source : {source}").format(source=line.legal.rule.source))
        if line.said is not None:
            said.append(_("Déplacée par le cabinet : {why}").format(why=line.why or "–"))
    elif line.entry is not None:
        said += [line.entry.text, _("Ajouté par {by}").format(by=line.entry.by)]
    said += [f"{c.by} : {c.text}" for c in line.comments]
    if line.tick is not None:
        said.append(_("Fait, dit {by}").format(by=line.tick.by))
    return "\n".join(filter(None, said))
