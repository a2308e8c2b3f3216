"""Letters of messages, requests and dates in both languages: none, one and many of everything they count."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.portal.calendar.test_pages import FACTS
from tests.portal.talk import person, say
from tests.portal.test_language import Texts, _french, _names

ONE = re.compile(
    r"\b(\d+) (?:nouveau |nouveaux |new )?(messages?|pièces?|items?|sociétés?|companies|company|échéances?|dates?|jours?|days?)\b"
)
MONDAY = datetime(2026, 12, 7, 9, tzinfo=UTC)


@pytest.fixture
def posting(talking: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    from django.conf import settings
    from django.utils import timezone

    from syncd.portal.models import Client, User

    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
    monkeypatch.setattr(settings, "QUIET", 0.0)
    monkeypatch.setattr(timezone, "now", lambda: MONDAY)
    Client.objects.filter(cabinet=talking.cabinet).update(**FACTS)
    User.objects.filter(id=talking.marie.id).update(email="x@example.fr")
    User.objects.filter(id=talking.boss.id).update(email="boss@example.fr", mail_pace="now")
    for one in (talking.marie, talking.boss, talking.one, talking.two):
        one.refresh_from_db()
    return talking


def _messages(office: Any, many: int) -> None:
    from django.core.cache import cache

    cache.clear()  # how often an address was asked
    from syncd.portal.messages import forwarding, mails
    from syncd.portal.models import ThreadReader

    for n in range(many):
        thread = say(office.boss, office.one, f"TVA {n}", "EDF")
        if many > 1:
            for m in range(32):
                say(office.boss, office.one, f"TVA {n}", f"EDF {m}")
    ThreadReader.objects.exclude(mail_since=None).update(mail_since=datetime(2026, 1, 1, tzinfo=UTC))
    mails.gather()
    forwarding.forward(person(office.marie), thread, "x@example.fr")
    forwarding.forward(person(office.marie), thread, "y@example.fr")


def _requests(office: Any, many: int) -> None:
    from syncd.portal.messages.requests import asking, reminders
    from syncd.portal.messages.requests.asking import Wish
    from syncd.portal.messages.requests.lists import ListItem
    from syncd.portal.models import Grant, Letter

    if many > 1:
        Grant.objects.create(user=office.marie, client=office.two, kind="*", verbs="view deposit message")
    items = [ListItem("EDF", "purchases", expected=many) for _ in range(12 if many > 1 else 1)]
    due = date(2026, 12, 10)
    made = asking.ask(person(office.boss), [office.one, office.two][:many], Wish("EDF", items, due), MONDAY)
    reminders.gather(MONDAY)
    Letter.objects.update(sent_at=MONDAY)
    later = MONDAY + timedelta(days=4 if many == 1 else 8)  # one day late, or many
    for request in made.requests:
        reminders.remind(person(office.boss), request, later)
    reminders.gather(later)


def _dates(office: Any, many: int) -> None:
    from syncd.portal.calendar import alerts, changes

    keys = ("tva-ca3@2026-11-30", "cfe-solde@2026-12-31", "is-acompte@2026-12-31-4")
    for key in keys[: 1 if many == 1 else 3]:
        alerts.ask(person(office.marie), office.one, key, 31)
    alerts.gather(MONDAY)
    changes.move(person(office.boss), office.one, keys[0], date(2026, 12, 23))
    changes.hide(person(office.boss), office.one, keys[1], True)
    alerts.gather(MONDAY + timedelta(days=1))


@pytest.mark.parametrize("many", [1, 2])
@pytest.mark.parametrize("told", [_messages, _requests, _dates])
def test_a_letter_is_in_its_readers_language_and_counts_as_people_do(
    posting: Any, told: Callable[[Any, int], None], many: int
) -> None:
    from django.db import transaction

    from syncd.portal.calendar import rule_files
    from syncd.portal.models import Letter, User

    sources = [rule.source for rule in rule_files.shipped().rules]
    told_of, counted = {}, set[tuple[bool, str]]()
    for language in ("fr", "en"):
        User.objects.filter(cabinet=posting.cabinet).update(language=language)
        before = set(Letter.objects.values_list("id", flat=True))
        with transaction.atomic():
            told(posting, many)
            found = list(Letter.objects.exclude(id__in=before).order_by("id"))
            transaction.set_rollback(True)
        told_of[language] = found
        assert len(found) >= 2, "a letter, and one that corrects or repeats it"
        for letter in found:
            said = [letter.subject, *letter.text.splitlines(), *Texts(letter.html).found]
            assert f'<html lang="{language}"' in letter.html
            if language == "en":
                assert _french(said, [*_names(posting), *sources]) == [], letter.subject
            found_in = ONE.findall(" ".join(said).replace("\u00a0", " "))
            counted |= {(int(number) > 1, word) for number, word in found_in}
    assert counted or told is _dates
    assert all(word.endswith("s") is more for more, word in counted), counted
    assert len(told_of["fr"]) == len(told_of["en"])
