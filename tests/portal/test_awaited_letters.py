"""What a letter of what is awaited says when it goes: what is still awaited, of who may still give it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.portal.test_request_reminders import _mail, asked, at, close_all, gather, letters

__all__ = ["_mail", "asked"]


def test_a_letter_says_what_is_awaited_when_it_goes_and_not_when_it_was_written(asked: Any) -> None:
    from django.utils import timezone

    from syncd.portal.messages.requests import reminders
    from syncd.portal.models import Grant, Letter

    def queued() -> Any:
        return Letter.objects.select_related("cabinet", "user").get()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "localdate", lambda *_: asked.monday)
        gather(asked.monday)
        letter = queued()
        before = letter.text
        assert reminders.may_go(letter) and letter.text == before and letter.topic == "requests"
        Grant.objects.create(user=asked.marie, client=asked.one, kind="bank", verbs="")
        assert reminders.may_go(letter) and "Relevés" not in letter.text and "2 pièces" in letter.subject
        Grant.objects.filter(user=asked.marie).delete()
        assert not reminders.may_go(queued())
    assert Letter.objects.count() == 1


def test_a_document_that_is_deleted_starts_the_reminders_again_and_one_that_comes_ends_them(
    asked: Any, put: Callable[..., Any]
) -> None:
    from syncd.portal.documents import lifecycle
    from syncd.portal.messages.requests import answers

    purchase = next(i for i in asked.request.items.all() if i.kind == "purchases")
    document = put(asked.one, "Achats/edf.pdf", b"1")
    answers.give(asked.boss_, purchase, [document])
    close_all(asked.request, asked.monday)
    gather(date(2026, 9, 16))
    assert letters() == []
    purchase.refresh_from_db()
    type(purchase).objects.filter(id=purchase.id).update(how="documents")
    lifecycle.remove(asked.boss_, document)
    assert answers.look_again(at(date(2026, 9, 18))) == 1
    gather(date(2026, 9, 18))
    gather(date(2026, 9, 21))
    (letter,) = letters()
    assert "Factures d'achats" in letter.text.replace("’", "'") and "Relevés" not in letter.text
    lifecycle.restore(asked.boss_, document)
    assert answers.look_again(at(date(2026, 9, 22))) == 1
    type(letter).objects.update(sent_at=at(date(2026, 9, 21)))
    for day in (date(2026, 9, 22), date(2026, 9, 28), date(2026, 10, 5)):
        gather(day)
    assert letters() == [letter]
