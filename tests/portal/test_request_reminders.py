"""Letters of what is awaited: each on its day, one a person and day, none once it is there."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

PARIS = ZoneInfo("Europe/Paris")


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=PARIS).astimezone(UTC)


@pytest.fixture(autouse=True)
def _mail(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    monkeypatch.setattr(settings, "QUIET", 0.0)


def companies(count: int) -> tuple[Any, list[Any], list[Any]]:
    """(a correspondent, clients, one person of each), written by the batch."""
    from syncd.portal.clients import templates
    from syncd.portal.clients.tree import rules_json
    from syncd.portal.models import Cabinet, Client, Grant, User
    from syncd.portal.people.visibility import person_of

    cabinet = Cabinet.objects.create(name="Cabinet Martin")
    boss = User.objects.create(cabinet=cabinet, sign_in=f"boss{count}", name="Claire", role="correspondent")
    rules = rules_json(templates.load("commerce").folders)
    clients = [Client(cabinet=cabinet, code=f"{n:06}", name=f"Société {n}", rules=rules) for n in range(count)]
    Client.objects.bulk_create(clients)
    users = [
        User(cabinet=cabinet, sign_in=f"p{n}.{count}", email=f"p{n}@example.fr", role="contact") for n in range(count)
    ]
    User.objects.bulk_create(users)
    Grant.objects.bulk_create(
        Grant(user=u, client=c, kind="*", verbs="view deposit") for u, c in zip(users, clients, strict=True)
    )
    return person_of(boss), clients, users


def wish(due: date, **more: Any) -> Any:
    from syncd.portal.messages.requests.asking import Wish
    from syncd.portal.messages.requests.own_lists import shipped

    items = next(s for s in shipped() if s.name == "tva-mensuelle").items
    return Wish(**{"title": "TVA", "items": items, "due_on": due, **more})


def test_a_quarter_of_300_clients_sends_every_reminder_on_its_day_and_none_after_closing(
    portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that jumps from day to day, 1 September to 30 November 2026: every month's request makes itself on its day, companies
    answer when they like; each letter is the one that dates alone foretell."""
    from syncd.portal.messages.requests import answers, asking, history, reminders
    from syncd.portal.messages.requests.cadence import Cadence
    from syncd.portal.messages.requests.cadence import reminders as foretold
    from syncd.portal.messages.requests.rest_days import rests
    from syncd.portal.models import DocumentRequest, RequestedItem, RequestNotice

    monkeypatch.setattr(history, "asked", lambda *_: None)  # what threads hold, other tests tell
    chance = random.Random(7)
    boss, clients, users = companies(300)
    first = date(2026, 9, 1)
    asking.ask(boss, clients, wish(date(2026, 9, 10), monthly=True), at(first, 8))
    person_of = {c.id: u.id for c, u in zip(clients, users, strict=True)}
    told: list[tuple[str, date]] = []

    def tell(user: Any, items: Any, today: date) -> None:
        assert items and all(i.how == "" and i.request.closed_at is None for i in items)
        told.append((user.id, today))

    waits: dict[str, date] = {}  # by request: the day it is answered, before the letters of that day
    for n in range(91):
        today = first + timedelta(n)
        asking.make_due(at(today, 7))
        for request in DocumentRequest.objects.filter(made_at__gte=at(today, 0)):
            waits[request.id] = today + timedelta(chance.choice((0, 1, 1, 2, 2, 6, 9, 15, 40)))
        over = [r for r, day in waits.items() if day == today]
        RequestedItem.objects.filter(request__in=over).update(how="cabinet", closed_at=at(today))
        for request in DocumentRequest.objects.filter(id__in=over[:3]):
            answers.settle(request, at(today, 7))
        DocumentRequest.objects.filter(id__in=over[3:]).update(closed_at=at(today), remind_on=None)  # as `settle` does
        for hour in (7, 9):
            reminders.gather(at(today, hour), tell)
    wanted = set[tuple[str, date]]()
    for request in DocumentRequest.objects.all():
        made = request.made_at.astimezone(PARIS).date()
        for day in foretold(made, request.due_on, Cadence(), rests):
            if day >= min(waits[request.id], first + timedelta(91)):
                break
            wanted.add((person_of[request.client_id], day))
    assert DocumentRequest.objects.count() == 900
    assert Counter(told).most_common(1)[0][1] == 1
    assert set(told) == wanted and len(told) > 1200
    assert not any(rests(day) for _user, day in told)
    assert RequestNotice.objects.filter(on__gt=first + timedelta(91)).count() == 0


def letters() -> list[Any]:
    from syncd.portal.models import Letter

    return list(Letter.objects.order_by("id"))


@pytest.fixture
def asked(office: Any) -> Any:
    """Of Marie's company; three pieces, due in ten days, asked for on a Monday."""
    from syncd.portal.messages.requests import asking
    from syncd.portal.models import User
    from syncd.portal.people.visibility import person_of

    User.objects.filter(id=office.marie.id).update(email="marie@example.fr")
    office.marie.refresh_from_db()
    office.boss_ = person_of(office.boss)
    office.monday = date(2026, 9, 7)
    office.request = asking.ask(office.boss_, [office.one], wish(date(2026, 9, 17)), at(office.monday)).requests[0]
    return office


def gather(day: date, hour: int = 9) -> None:
    from syncd.portal.messages.requests import reminders

    reminders.gather(at(day, hour))


def close_all(request: Any, day: date) -> None:
    from syncd.portal.messages.requests import answers

    request.items.update(how="cabinet", closed_at=at(day))
    answers.settle(request, at(day))


def test_one_letter_says_all_that_is_awaited_of_all_companies(asked: Any) -> None:
    from syncd.portal.messages.requests import asking
    from syncd.portal.models import Grant

    Grant.objects.create(user=asked.marie, client=asked.two, kind="*", verbs="view deposit")
    asking.ask(asked.boss_, [asked.two], wish(date(2026, 9, 30), title="Bilan"), at(asked.monday, 10))
    gather(asked.monday, 7)
    assert letters() == []
    gather(asked.monday, 11)
    gather(asked.monday, 12)
    (letter,) = letters()
    assert letter.to == "marie@example.fr" and "6 pièces attendues pour le 17/09/2026 – 2 sociétés" in letter.subject
    assert "Relevés bancaires" in letter.text and "Bilan" in letter.text and "août 2026" in letter.text
    asking.ask(asked.boss_, [asked.one], wish(date(2026, 9, 30), title="Autre"), at(asked.monday, 14))
    gather(asked.monday, 15)
    assert len(letters()) == 1
    gather(asked.monday + timedelta(1))
    assert (
        len(letters()) == 1 and "Autre" in letters()[0].text
    )  # what had not gone out was dropped for what says it all


def test_a_mail_server_that_is_dead_for_three_days_gets_one_letter_of_what_is_awaited_now(asked: Any) -> None:
    """No double; the oldest reminders merged into one."""
    from syncd.portal.messages.requests import reminders
    from syncd.portal.models import Letter

    for day in (asked.monday, date(2026, 9, 10), date(2026, 9, 16)):
        gather(day)
        Letter.objects.update(tries=3, due_at=at(day))
    (letter,) = letters()
    asked.request.items.filter(kind="bank").update(how="cabinet", closed_at=at(asked.monday))
    reminders.revise(at(date(2026, 9, 16), 10))
    (same,) = letters()
    assert same.id == letter.id and same.tries == 0, "another letter by now: it waits no hour for its next try"
    Letter.objects.update(tries=3)
    reminders.revise(at(date(2026, 9, 16), 10))
    assert letters()[0].tries == 3, "the same words are the same letter"
    assert "Relevés bancaires" not in same.text and "Factures de ventes" in same.text
    close_all(asked.request, date(2026, 9, 16))
    reminders.revise(at(date(2026, 9, 16), 11))
    assert letters() == []
    gather(date(2026, 9, 21))
    assert letters() == []


@pytest.mark.parametrize("how", ["right", "revoked", "mails off", "client closed", "address"])
def test_who_lost_the_right_is_written_to_no_more_and_what_waits_is_not_sent(asked: Any, how: str) -> None:
    from syncd.portal.messages.requests import reminders
    from syncd.portal.models import Client, Grant, Letter, User

    gather(asked.monday)
    Letter.objects.update(tries=1)
    if how == "right":
        Grant.objects.filter(user=asked.marie).delete()
    elif how == "client closed":
        Client.objects.filter(id=asked.one.id).update(closed=True)
    else:
        news: dict[str, dict[str, Any]] = {
            "revoked": {"is_active": False},
            "mails off": {"mail_deposits": False},
            "address": {"email": ""},
        }
        User.objects.filter(id=asked.marie.id).update(**news[how])
    reminders.revise(at(asked.monday, 23) + timedelta(days=9000))
    gather(date(2026, 9, 10))
    gather(date(2026, 9, 21))
    assert letters() == []


def test_cascade_revoked_above_nobody_below_is_written_to(asked: Any) -> None:
    from syncd.portal.models import Grant, User

    User.objects.filter(id=asked.paul.id).update(email="paul@example.fr")
    Grant.objects.filter(user=asked.paul, kind="*").update(verbs="view deposit")
    User.objects.filter(id=asked.marie.id).update(is_active=False)
    gather(asked.monday)
    assert letters() == []


def test_a_person_who_may_only_look_is_not_asked_for_anything(asked: Any) -> None:
    from syncd.portal.models import User

    User.objects.filter(id=asked.paul.id).update(email="paul@example.fr")
    gather(asked.monday)
    assert [x.to for x in letters()] == ["marie@example.fr"]


def test_only_those_who_were_chosen_are_told_and_all_who_may_see_it(asked: Any) -> None:
    from syncd.portal.messages.requests import asking
    from syncd.portal.messages.requests.listing import open_items
    from syncd.portal.models import Grant, User
    from syncd.portal.people.visibility import person_of

    User.objects.filter(id=asked.paul.id).update(email="paul@example.fr")
    Grant.objects.filter(user=asked.paul, kind="*").update(verbs="view deposit")
    close_all(asked.request, asked.monday)
    asking.ask(asked.boss_, [asked.one], wish(date(2026, 9, 30), told=[asked.paul.id]), at(asked.monday))
    gather(asked.monday)
    assert [x.to for x in letters()] == ["paul@example.fr"]
    assert len(open_items(person_of(asked.marie))) == 3


def test_reminded_by_hand_people_are_told_today_or_after_the_holiday(asked: Any) -> None:
    from syncd.portal.messages.requests import reminders
    from syncd.portal.models import Letter
    from syncd.portal.refusals import Refusal

    gather(asked.monday)
    Letter.objects.update(sent_at=at(asked.monday))
    assert reminders.remind(asked.boss_, asked.request, at(date(2026, 9, 8))) == date(2026, 9, 8)
    gather(date(2026, 9, 8))
    gather(date(2026, 9, 8), 14)
    assert len(letters()) == 2
    assert reminders.remind(asked.boss_, asked.request, at(date(2026, 9, 13))) == date(2026, 9, 14)  # a Sunday
    gather(date(2026, 9, 13))
    gather(date(2026, 9, 14))
    assert len(letters()) == 2  # the one of the 8th had not gone out: this one says it all
    close_all(asked.request, date(2026, 9, 14))
    with pytest.raises(Refusal):
        reminders.remind(asked.boss_, asked.request)


def test_a_letter_that_waited_for_the_mail_server_goes_neither_at_night_nor_on_a_sunday(asked: Any) -> None:
    from syncd.portal.messages.requests import reminders

    gather(asked.monday)
    (letter,) = letters()
    for hour, day, due in (
        (3, date(2026, 9, 8), at(date(2026, 9, 8), 8)), (10, date(2026, 9, 13), at(date(2026, 9, 14), 8)),
        (10, date(2026, 9, 14), at(date(2026, 9, 14), 10)),
    ):  # fmt: skip
        type(letter).objects.update(tries=1, due_at=at(day, hour))
        reminders.revise(at(day, hour))
        letter.refresh_from_db()
        assert letter.due_at == due


def test_whoever_had_the_letter_of_the_day_is_told_the_next_day(asked: Any) -> None:
    """Asked in the morning, given at noon, refused at two: why is not left to a reminder that may never come."""
    from syncd.portal.messages.requests import reminders
    from syncd.portal.models import DocumentRequest, Letter

    DocumentRequest.objects.update(cadence={"before": [], "after": [], "every": 0})
    asked.request.refresh_from_db()
    gather(asked.monday)
    Letter.objects.update(sent_at=at(asked.monday))
    tuesday = asked.monday + timedelta(1)
    assert reminders.remind(asked.boss_, asked.request, at(asked.monday, 14)) == tuesday  # as `refuse` does
    for day, there in ((asked.monday, 1), (tuesday, 2), (tuesday + timedelta(1), 2)):
        gather(day, 15)
        assert len(letters()) == there
        Letter.objects.update(sent_at=at(day))


@pytest.mark.parametrize(
    ("night", "said"), [(date(2026, 10, 25), date(2026, 10, 26)), (date(2027, 3, 28), date(2027, 3, 30))]
)
def test_the_nights_on_which_clocks_change_neither_double_a_letter_nor_lose_one(
    asked: Any, night: date, said: date
) -> None:
    """The clock changes on a Sunday; the letter is of the next working day (29 March 2027 is Easter Monday), from eight
    o'clock of the cabinet, wherever its reader lives."""
    from syncd.portal.messages.requests import asking
    from syncd.portal.models import Letter

    close_all(asked.request, asked.monday)
    asking.ask(asked.boss_, [asked.one], wish(night + timedelta(7)), at(night - timedelta(3)))
    gather(night - timedelta(3))
    Letter.objects.update(sent_at=at(night - timedelta(3)))
    start = at(night, 0)
    moments: Iterator[datetime] = (start + timedelta(minutes=30 * n) for n in range(160))
    from syncd.portal.messages.requests import reminders

    seen = []
    for moment in moments:
        before = len(letters())
        reminders.gather(moment)
        if len(letters()) > before:
            seen.append(moment.astimezone(PARIS))
    assert [(m.date(), m.hour) for m in seen] == [(said, 8)]


def test_a_request_of_every_month_due_on_the_31st_comes_on_the_last_day_of_shorter_ones(office: Any) -> None:
    """A month in which the client is switched off is passed over."""
    from syncd.portal.messages.requests import asking
    from syncd.portal.models import Client, DocumentRequest, RequestSeries
    from syncd.portal.people.visibility import person_of

    boss = person_of(office.boss)
    asking.ask(boss, [office.one], wish(date(2027, 1, 31), monthly=True), at(date(2027, 1, 8)))
    for day in (date(2027, 2, 7), date(2027, 2, 8), date(2027, 2, 8), date(2027, 3, 8)):
        asking.make_due(at(day))
    found = DocumentRequest.objects.order_by("due_on")
    assert [r.due_on for r in found] == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]
    assert [str(r.items.all()[0].start) for r in found] == ["2026-12-01", "2027-01-01", "2027-02-01"]
    Client.objects.filter(id=office.one.id).update(closed=True)
    asking.make_due(at(date(2027, 4, 8)))
    Client.objects.filter(id=office.one.id).update(closed=False)
    assert (asking.make_due(at(date(2027, 5, 8))), DocumentRequest.objects.count()) == (1, 4)
    asking.stop(boss, RequestSeries.objects.get())
    assert asking.make_due(at(date(2027, 12, 8))) == 0


def test_a_round_with_nothing_to_tell_costs_one_question(asked: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from syncd.portal.messages.requests import reminders

    gather(asked.monday)
    with CaptureQueriesContext(connection) as queries:
        reminders.gather(at(asked.monday, 12))
    assert len(queries) == 1
