"""Alerts: once, on their day, at once where it has passed, corrected once, and never to who may no longer see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.portal.calendar.test_pages import CA3, FACTS, NOVEMBER

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def firm(office: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    from django.conf import settings

    from syncd.portal.models import Client

    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1", raising=False)
    Client.objects.filter(cabinet=office.cabinet).update(**FACTS)
    for user in (office.marie, office.boss):
        user.email = f"{user.sign_in}@example.org"
        user.save()
    office.one.refresh_from_db()
    return office


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """A round at that day and hour; the subjects and texts of the mails it queued."""
    from django.utils import timezone

    from syncd.portal.calendar import alerts
    from syncd.portal.models import Letter

    def round_(day: date, hour: int = 8, zone: ZoneInfo = PARIS) -> list[str]:
        now = datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC)
        before = set(Letter.objects.values_list("id", flat=True))
        monkeypatch.setattr(timezone, "now", lambda: now)
        alerts.gather(now)
        return [
            f"{letter.to}\n{letter.subject}\n{letter.text}"
            for letter in Letter.objects.exclude(id__in=before).order_by("id")
        ]

    return round_


def ask(user: Any, client: Any, key: str, days: int | None) -> None:
    from syncd.portal.calendar import alerts
    from syncd.portal.people.visibility import person_of

    alerts.ask(person_of(user), client, key, days)


def test_one_mail_on_its_day_and_none_after(firm: Any, at: Callable[..., list[str]]) -> None:
    at(date(2026, 11, 1))
    ask(firm.marie, firm.one, CA3, 7)
    assert at(date(2026, 11, 2)) == []
    assert all(at(date(2026, 12, day)) == [] for day in range(1, 14))
    assert at(date(2026, 12, 14), 6) == [], "not before the morning"
    told = at(date(2026, 12, 14))
    assert (
        len(told) == 1 and told[0].startswith("marie@example.org") and NOVEMBER in told[0] and "21 décembre" in told[0]
    )
    assert "indicatives" in told[0] and "tardive" not in told[0] and "juriblio.fr" in told[0], "its source, too"
    assert all(at(date(2026, 12, day), hour) == [] for day in range(14, 32) for hour in (9, 23))


def test_a_month_before_over_a_change_of_the_clock(firm: Any, at: Callable[..., list[str]]) -> None:
    """The instalment of 16 March… and a date of the 21st of April, whose alert falls before the clocks go forward."""
    at(date(2027, 3, 1))
    ask(firm.marie, firm.one, "tva-ca3@2027-03-31", 30)
    assert at(date(2027, 3, 21)) == []
    assert len(at(date(2027, 3, 22))) == 1
    ask(firm.marie, firm.one, "tva-ca3@2027-02-28", 0)
    assert at(date(2027, 3, 21), 22) == [] and len(at(date(2027, 3, 22), 23)) == 1


def test_the_morning_is_the_cabinets_own_in_mayotte_too(firm: Any, at: Callable[..., list[str]]) -> None:
    at(date(2026, 12, 13))
    ask(firm.marie, firm.one, CA3, 7)
    assert at(date(2026, 12, 13), 23, ZoneInfo("Indian/Mayotte")) == []
    assert len(at(date(2026, 12, 14), 10, ZoneInfo("Indian/Mayotte"))) == 1


def test_an_alert_whose_day_has_passed_goes_out_at_once_and_says_so(firm: Any, at: Callable[..., list[str]]) -> None:
    at(date(2026, 12, 18), 15)
    ask(firm.marie, firm.one, CA3, 7)
    told = at(date(2026, 12, 18), 15)
    assert len(told) == 1 and "alerte tardive" in told[0]
    assert at(date(2026, 12, 19)) == []
    ask(firm.marie, firm.one, "tva-ca3@2026-10-31", 7)
    assert at(date(2026, 12, 18), 16) == [], "what is over is no alert"


def test_a_date_that_moves_afterwards_is_told_once_more(firm: Any, at: Callable[..., list[str]]) -> None:
    from syncd.portal.calendar import changes
    from syncd.portal.people.visibility import person_of

    at(date(2026, 12, 13))
    ask(firm.marie, firm.one, CA3, 7)
    assert len(at(date(2026, 12, 14))) == 1
    boss = person_of(firm.boss)
    changes.move(boss, firm.one, CA3, date(2026, 12, 23))
    told = at(date(2026, 12, 14), 12)
    assert len(told) == 1 and "23 décembre 2026, au lieu du lundi 21 décembre" in told[0]
    assert at(date(2026, 12, 14), 13) == at(date(2026, 12, 15)) == []
    changes.hide(boss, firm.one, CA3, True)
    assert "retirée du calendrier" in at(date(2026, 12, 15), 12)[0]
    assert at(date(2026, 12, 16)) == []
    changes.restore(boss, firm.one, CA3)
    assert len(at(date(2026, 12, 16), 12)) == 1 and at(date(2026, 12, 17)) == []


def test_a_card_that_changes_moves_what_was_told(firm: Any, at: Callable[..., list[str]]) -> None:
    from syncd.portal.models import Client

    at(date(2026, 12, 13))
    ask(firm.marie, firm.one, CA3, 7)
    at(date(2026, 12, 14))
    Client.objects.filter(id=firm.one.id).update(legal_form="sa")
    told = at(date(2026, 12, 15))
    assert len(told) == 1 and "24 décembre 2026, au lieu du" in told[0]


def test_every_date_in_one_mail_a_day(firm: Any, at: Callable[..., list[str]]) -> None:
    from syncd.portal.calendar import entries
    from syncd.portal.people.visibility import person_of

    at(date(2026, 11, 30))
    ask(firm.boss, firm.one, "", 3)
    ask(firm.boss, firm.two, "", 3)
    assert at(date(2026, 12, 1)) == []
    told = at(date(2026, 12, 12))
    assert len(told) == 1 and told[0].count("CFE : paiement du solde –") == 2 and "000001" in told[0]
    entries.add_event(person_of(firm.boss), firm.one, date(2026, 12, 14), "Rendez-vous")
    assert "Rendez-vous" in at(date(2026, 12, 12), 11)[0]
    counts = [len(at(date(2026, 12, 13) + timedelta(days=n))) for n in range(20)]
    assert max(counts) == 1 and sum(counts) == 1  # the VAT of the 21st


def test_what_is_done_or_no_longer_seen_is_not_told(firm: Any, at: Callable[..., list[str]]) -> None:
    from syncd.portal.calendar import changes
    from syncd.portal.models import Client, Grant
    from syncd.portal.people.visibility import person_of

    at(date(2026, 12, 1))
    for key in (CA3, "is-acompte@2026-12-31-4", "cfe-solde@2026-12-31"):
        ask(firm.marie, firm.one, key, 1)
    changes.tick(person_of(firm.boss), firm.one, "cfe-solde@2026-12-31", True)
    assert ["IS : acompte" in t and "CFE" not in t for t in at(date(2026, 12, 14))] == [True]
    Client.objects.filter(id=firm.one.id).update(closed=True)
    assert at(date(2026, 12, 20)) == []
    Client.objects.filter(id=firm.one.id).update(closed=False)
    Grant.objects.filter(user=firm.marie, kind="*").update(verbs="")
    Grant.objects.create(user=firm.marie, client=firm.one, kind="purchases", verbs="view")
    assert at(date(2026, 12, 20), 9) == at(date(2026, 12, 21)) == []
    assert at(date(2026, 12, 15), 9) == [], "and no correction tells of what one may no longer see"


def test_an_alert_that_waited_goes_to_nobody_who_may_no_longer_see(firm: Any, at: Callable[..., list[str]]) -> None:
    from syncd.portal.calendar import alerts
    from syncd.portal.models import Grant, Letter, User

    at(date(2026, 12, 1))
    for key in (CA3, "is-acompte@2026-12-31-4"):
        ask(firm.marie, firm.one, key, 10)
    assert len(at(date(2026, 12, 11))) == 1
    (letter,) = Letter.objects.select_related("user")
    assert alerts.may_go(letter)
    grants = Grant.objects.filter(user=firm.marie)
    before = list(grants.values_list("id", "verbs"))
    grants.update(verbs="")
    assert not alerts.may_go(letter)
    for ident, verbs in before:
        Grant.objects.filter(id=ident).update(verbs=verbs)
    assert len(at(date(2026, 12, 11), 9)) == 1, "and is told anew of what one may still see"
    User.objects.filter(id=firm.marie.id).update(is_active=False)
    assert not alerts.may_go(Letter.objects.select_related("user").latest("id"))


def test_who_has_no_address_or_wants_no_mail_gets_none(firm: Any, at: Callable[..., list[str]]) -> None:
    from syncd.portal.models import User

    at(date(2026, 12, 1))
    ask(firm.marie, firm.one, CA3, 7)
    User.objects.filter(id=firm.marie.id).update(mail_deposits=False)
    assert at(date(2026, 12, 14)) == []
    User.objects.filter(id=firm.marie.id).update(mail_deposits=True, is_active=False)
    assert at(date(2026, 12, 15)) == []
    User.objects.filter(id=firm.marie.id).update(is_active=True)
    assert len(at(date(2026, 12, 16))) == 1


def test_an_alert_is_taken_back(firm: Any, at: Callable[..., list[str]]) -> None:
    from syncd.portal.models import CalendarAlert

    at(date(2026, 12, 1))
    ask(firm.marie, firm.one, CA3, 7)
    ask(firm.marie, firm.one, CA3, None)
    assert not CalendarAlert.objects.exists() and at(date(2026, 12, 14)) == []


def test_nobody_asks_for_what_they_do_not_reach(firm: Any) -> None:
    from syncd.portal.refusals import Refusal

    for client in (firm.two, firm.foreign):
        with pytest.raises(Refusal):
            ask(firm.marie, client, "", 7)


def test_idle_it_is_one_question(firm: Any, at: Callable[..., list[str]]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from syncd.portal.calendar import alerts

    at(date(2026, 12, 1))
    ask(firm.marie, firm.one, "", 7)
    at(date(2026, 12, 1), 9)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        alerts.gather(datetime(2026, 12, 1, 12, tzinfo=UTC))
    assert len(asked) == 1 and "next_at" in asked[0]["sql"]
    plan = connection.cursor().execute(f"explain query plan {asked[0]['sql']}").fetchall()
    assert any("next_at" in str(row) and "SEARCH" in str(row) for row in plan), plan


def test_what_is_added_and_moved_within_minutes_is_one_mail(
    firm: Any, at: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings
    from django.utils import timezone

    from syncd.portal.calendar import alerts, changes, entries
    from syncd.portal.models import Letter
    from syncd.portal.people.visibility import person_of

    monkeypatch.setattr(settings, "QUIET", 300.0)
    at(date(2026, 12, 1))
    ask(firm.marie, firm.one, "", 20)
    assert len(at(date(2026, 12, 1), 9)) == 1
    before, boss = Letter.objects.count(), person_of(firm.boss)
    for minute in range(20):
        now = datetime(2026, 12, 1, 10, minute, tzinfo=PARIS).astimezone(UTC)
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        if minute < 4:
            entries.add_event(boss, firm.one, date(2026, 12, 8), f"Point {minute}")
            changes.move(boss, firm.one, CA3, date(2026, 12, 10 + minute))
        alerts.gather(now)
    (letter,) = Letter.objects.order_by("id")[before:]
    assert all(f"Point {n}" in letter.text for n in range(4)) and "13 décembre" in letter.text
