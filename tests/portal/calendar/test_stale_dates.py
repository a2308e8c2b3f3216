"""What changed in a calendar since its page was shown; what was hidden, and comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.portal.calendar.test_pages import CA3, HERE, NOVEMBER, _november, act, firm, read

__all__ = ["_november", "firm"]


def test_a_client_switched_off_since_the_page_was_shown_is_not_changed(firm: Any) -> None:
    from datetime import timedelta

    from syncd.portal.calendar import alerts, changes, entries
    from syncd.portal.models import CalendarEntry, Client
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Refusal

    boss, marie, stale = person_of(firm.boss), person_of(firm.marie), Client.objects.get(id=firm.one.id)
    note = entries.add_note(marie, firm.one, date(2026, 12, 1), "Inventaire")
    Client.objects.filter(id=firm.one.id).update(closed=True)
    for change in (
        lambda: changes.move(boss, stale, CA3, date(2026, 12, 23)), lambda: changes.hide(boss, stale, CA3, True),
        lambda: entries.add_comment(boss, stale, CA3, "x"), lambda: entries.add_note(marie, stale, date(2026, 12, 2), "x"),
        lambda: entries.move(marie, note, note.day + timedelta(1)), lambda: entries.remove(marie, note),
        lambda: alerts.ask(marie, stale, CA3, 7),
    ):  # fmt: skip
        stale.closed = False
        with pytest.raises(Refusal, match="désactivé"):
            change()
    assert CalendarEntry.objects.get().day == date(2026, 12, 1)
    Client.objects.filter(id=firm.one.id).update(closed=False)
    entries.remove(marie, note)
    with pytest.raises(Refusal, match="plus au calendrier"):
        entries.move(marie, note, date(2026, 12, 3))


def test_what_is_hidden_comes_back_on_the_day_that_it_was_moved_to(firm: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import CalendarChange

    boss = browse(firm.boss)
    act(boss, "move", key=CA3, day="2026-12-23", why="accord")
    act(boss, "hide", key=CA3, why="accord")
    page = read(boss, f"{HERE}?month=2026-12")
    assert 'value="unhide"' in page and NOVEMBER not in read(browse(firm.marie), f"{HERE}?month=2026-12")
    assert "voit de nouveau cette date" in act(boss, "unhide", key=CA3)
    page = read(browse(firm.marie), f"{HERE}?month=2026-12")
    assert NOVEMBER in page and "Date changée par le cabinet" in page
    change = CalendarChange.objects.get()
    assert (change.day, change.hidden, change.why) == (date(2026, 12, 23), False, "accord")
    assert 'value="unhide"' not in read(boss, f"{HERE}?month=2026-12")
