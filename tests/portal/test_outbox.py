"""A letter that cannot be written keeps nobody else's."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest


def test_one_odd_address_is_its_own_letters_matter(portal: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    from syncd.portal.models import Cabinet, Letter
    from syncd.portal.notifications import outbox

    cabinet = Cabinet.objects.create(name="Cabinet Martin")
    for to in ("jérôme@cabinet-martin.fr", "a\n@b.fr", "claire@cabinet-martin.fr"):
        Letter.objects.create(cabinet=cabinet, to=to, subject="x", text="x", html="x", due_at=datetime.now(UTC))
    sent: list[str] = []

    def send_messages(messages: list[Any]) -> int:
        for message in messages:
            message.message().as_bytes()  # what writing it to a server begins with
            message.to[0].encode("ascii")
            sent.extend(message.to)
        return len(messages)

    nothing = SimpleNamespace(open=lambda: None, close=lambda: None, send_messages=send_messages)
    monkeypatch.setattr(outbox, "get_connection", lambda backend: nothing)
    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    assert outbox.deliver() == 1 and sent == ["claire@cabinet-martin.fr"]
    assert list(Letter.objects.filter(sent_at__isnull=True).values_list("tries", flat=True)) == [1, 1]


def _letter(cabinet: Any, minutes: float, **more: Any) -> None:
    from syncd.portal.models import Letter

    at = datetime.now(UTC) - timedelta(minutes=minutes)
    made = Letter.objects.create(
        cabinet=cabinet, to="claire@cabinet-martin.fr", subject="x", text="x", html="x", **more
    )
    Letter.objects.filter(id=made.id).update(queued_at=at, due_at=at)


def test_a_mail_server_that_is_away_is_in_the_log_once_a_letter(
    office: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It was in no log, on no page, and no command said it."""
    from django.conf import settings

    from syncd.portal.models import Letter
    from syncd.portal.notifications import outbox

    def away() -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(outbox, "get_connection", lambda backend: SimpleNamespace(open=away))
    monkeypatch.setattr(settings, "EMAIL_HOST", "mail.example")
    _letter(office.cabinet, 1)
    with caplog.at_level(logging.WARNING):
        outbox.deliver()
        Letter.objects.update(due_at=datetime.now(UTC))
        outbox.deliver()
    (said,) = [r.getMessage() for r in caplog.records if r.name == outbox.__name__]
    assert "mail.example" in said and "Connection refused" in said and Letter.objects.get().tries == 2


def test_the_desk_says_that_letters_do_not_go_to_whoever_may_mend_it(office: Any, browse: Any) -> None:
    from syncd.portal.models import Letter

    def says() -> bool:
        return "ne partent plus" in browse(office.boss).get("/synchronisation").content.decode()

    _letter(office.cabinet, 5, tries=2, fault="Connection refused")
    assert not says()  # it may be about to go
    _letter(office.cabinet, 15, tries=3, fault="Connection refused")
    assert says()
    _letter(office.cabinet, 1, sent_at=datetime.now(UTC))  # the server takes others: it is that letter's address
    assert not says()
    Letter.objects.filter(sent_at__isnull=True).delete()
    assert not says()


def test_a_part_of_a_round_that_fails_keeps_no_letter_back(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.calendar import alerts
    from syncd.portal.messages import mails, receipts
    from syncd.portal.messages.requests import request_round
    from syncd.portal.notifications import notices, outbox
    from syncd.portal.operations import background
    from syncd.portal.people import sign_in_attempts

    def broken() -> None:
        raise ZeroDivisionError

    done: list[str] = []
    monkeypatch.setattr(sign_in_attempts, "answer", broken)
    for part in (notices, receipts, mails):
        monkeypatch.setattr(part, "gather", broken)
    monkeypatch.setattr(request_round, "round", lambda now: broken())
    monkeypatch.setattr(alerts, "gather", lambda: done.append("alerts"))
    monkeypatch.setattr(outbox, "deliver", lambda *_asked: done.append("letters"))
    background.tell()
    assert done == ["alerts", "letters"]
