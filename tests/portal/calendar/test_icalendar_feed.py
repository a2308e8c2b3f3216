"""iCalendar: read by two libraries that are not the one that wrote it, the same bytes twice, names that hide nothing."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta
from typing import Any

import pytest
import vobject
from icalendar import Calendar

from tests.portal.calendar.test_pages import CA3, FACTS


@pytest.fixture
def firm(office: Any) -> Any:
    from syncd.portal.models import Client

    Client.objects.filter(id=office.one.id).update(**FACTS, name="Dupont, Père ; Fils \\ Cie")
    office.one.refresh_from_db()
    return office


def lines(firm: Any, user: Any) -> list[Any]:
    from syncd.portal.calendar import icalendar_feed
    from syncd.portal.people.visibility import person_of

    return icalendar_feed.coming(person_of(user), [firm.one], date(2026, 11, 28))


def test_it_is_read_by_another_library_with_names_as_they_are(firm: Any) -> None:
    from syncd.portal.calendar import entries, icalendar_feed
    from syncd.portal.people.visibility import person_of

    entries.add_event(
        person_of(firm.boss), firm.one, date(2026, 12, 3), "Venir ; signer, vite", "Ligne une\nLigne deux"
    )
    written = icalendar_feed.written("Échéances", found := lines(firm, firm.marie))
    read = vobject.readOne(written.decode())
    assert [e.dtstart.value for e in read.vevent_list] == [line.day for line in found]
    own = next(e for e in read.vevent_list if "signer" in e.summary.value)
    assert own.summary.value == "Dupont, Père ; Fils \\ Cie : Venir ; signer, vite"
    assert own.description.value.startswith("Ligne une\nLigne deux\nAjouté par")
    assert all("Source" in e.description.value for e in read.vevent_list if e is not own), "no date without its source"
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    uids = [str(e["uid"]) for e in Calendar.from_ical(written).walk("VEVENT")]
    assert len(set(uids)) == len(uids) == len(found) > 20


def test_the_same_dates_give_the_same_bytes_and_a_change_grows_its_sequence(firm: Any) -> None:
    from syncd.portal.calendar import changes, icalendar_feed
    from syncd.portal.people.visibility import person_of

    def one() -> tuple[str, int, date]:
        events = Calendar.from_ical(icalendar_feed.written("x", lines(firm, firm.marie))).walk("VEVENT")
        event = next(e for e in events if CA3 in str(e["uid"]))
        return str(event["uid"]), int(event.decoded("sequence")), event.decoded("dtstart")

    assert icalendar_feed.written("x", lines(firm, firm.marie)) == icalendar_feed.written("x", lines(firm, firm.marie))
    before, boss = one(), person_of(firm.boss)
    changes.move(boss, firm.one, CA3, date(2026, 12, 23))
    moved = one()
    changes.restore(boss, firm.one, CA3)
    back = one()
    assert before[0] == moved[0] == back[0] and before[1] < moved[1] < back[1]
    assert (before[2], moved[2], back[2]) == (date(2026, 12, 21), date(2026, 12, 23), date(2026, 12, 21))


def test_it_holds_what_its_person_may_see_at_that_moment(firm: Any) -> None:
    from syncd.portal.calendar.icalendar_feed import agenda_of
    from syncd.portal.models import Grant

    assert b"DSN" in agenda_of(firm.boss) and b"DSN" not in agenda_of(firm.marie)
    Grant.objects.filter(user=firm.marie).delete()
    assert b"VEVENT" not in agenda_of(firm.marie)


def test_the_address_of_a_person_who_may_no_longer_come_is_nowhere(firm: Any) -> None:
    """Theirs, and that of whoever they gave a right to; it is there again with the person."""
    from django.test import Client as Browser

    from syncd.portal.models import Grant, User
    from syncd.portal.people import own_account
    from syncd.portal.people.visibility import person_of

    Grant.objects.filter(user=firm.paul, kind="*").update(verbs="view")
    marie, paul = (f"/agenda/{own_account.make_calendar(person_of(user))}.ics" for user in (firm.marie, firm.paul))
    answers = [Browser().get(where) for where in (marie, paul)]
    assert all(b"BEGIN:VEVENT" in answer.content for answer in answers)
    User.objects.filter(id=firm.marie.id).update(is_active=False)
    old = Browser().get(marie, headers={"If-None-Match": answers[0]["ETag"]})
    under = Browser().get(paul, headers={"If-None-Match": answers[1]["ETag"]})
    assert (old.status_code, under.status_code) == (404, 404)
    User.objects.filter(id=firm.marie.id).update(is_active=True)
    assert Browser().get(marie).status_code == 200


def test_five_thousand_dates(firm: Any) -> None:
    """They are written in a few seconds of one core, on any machine; a client's year in a tenth of one."""
    from syncd.portal.calendar import icalendar_feed
    from syncd.portal.calendar.seen_dates import Line

    many = [
        Line(f"k{n}", firm.one, date(2026, 1, 1) + timedelta(days=n % 400), f"Date {n} ; avec, signes\nx")
        for n in range(5000)
    ]
    begun = time.process_time()
    written = icalendar_feed.written("x", many)
    assert time.process_time() - begun < 12
    assert written.count(b"BEGIN:VEVENT") == 5000
    assert len(re.findall(rb"UID:", written)) == 5000
