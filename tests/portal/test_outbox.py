"""A letter that cannot be written keeps nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
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
