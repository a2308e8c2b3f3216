"""What a page showed and somebody pressed later: what changed in between is refused, or asked again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.portal.test_document_requests import asked, said, state

__all__ = ["asked"]


def answered(asked: Any, put: Callable[..., Any]) -> Any:
    """Marie's purchases, as the correspondent's page shows them."""
    from syncd.portal.messages.requests import answers

    document = put(asked.one, "Achats/facture.pdf", b"first")
    answers.give(asked.marie_, asked.bills, [document])
    return document


def refused(asked: Any, version: int) -> Any:
    answer = asked.bills.answers.get()
    form = {"item": asked.bills.id, "answer": answer.pk, "do": "refuse", "reason": "illegible", "version": version}
    return asked.cabinet_.post(f"/demandes/{asked.request.id}", form, follow=True)


def test_a_version_that_nobody_looked_at_is_not_refused(asked: Any, put: Callable[..., Any]) -> None:
    document = answered(asked, put)
    page = asked.cabinet_.get(f"/demandes/{asked.request.id}").content.decode()
    assert '<input type="hidden" name="version" value="1">' in page
    type(document).objects.filter(id=document.id).update(version=2)
    page = refused(asked, 1)
    assert "facture.pdf" in said(page) and "modifié" in said(page)
    assert asked.bills.answers.get().refused_at is None and state(asked.bills) == ("documents", "")
    assert "de nouveau demandé" in said(refused(asked, 2)) and state(asked.bills) == ("", "refused")


def test_a_document_refused_twice_is_refused_once(asked: Any, put: Callable[..., Any]) -> None:
    from syncd.portal.models import Audit, ThreadEntry

    answered(asked, put)
    refused(asked, 1)
    lines, entries = Audit.objects.count(), ThreadEntry.objects.count()
    refused(asked, 1)
    assert (Audit.objects.count(), ThreadEntry.objects.count()) == (lines, entries)


def test_a_document_that_went_is_not_refused(asked: Any, put: Callable[..., Any]) -> None:
    document = answered(asked, put)
    type(document).objects.filter(id=document.id).update(tombstone="x", deleted_at=datetime.now(UTC))
    assert "modifié" in said(refused(asked, 1))
    assert asked.bills.answers.get().refused_at is None


def test_what_came_meanwhile_is_not_said_to_be_without_object(asked: Any, put: Callable[..., Any]) -> None:
    from syncd.portal.messages.requests import answers
    from syncd.portal.models import RequestedItem
    from syncd.portal.refusals import Refusal

    stale = RequestedItem.objects.select_related("request__client__cabinet").get(id=asked.bills.id)
    answered(asked, put)
    with pytest.raises(Refusal):
        answers.waive(asked.marie_, stale, "rien cette année")
    assert state(asked.bills) == ("documents", "")
    assert answers.close(asked.boss_, [stale]) == 0 and state(asked.bills) == ("documents", "")
    with pytest.raises(Refusal):
        answers.reopen(asked.boss_, stale)


def test_of_the_items_of_a_page_those_still_awaited_are_closed(asked: Any, put: Callable[..., Any]) -> None:
    from syncd.portal.messages.requests import answers
    from syncd.portal.models import Audit, RequestedItem

    stale = list(RequestedItem.objects.filter(request=asked.request).select_related("request__client__cabinet"))
    answered(asked, put)
    assert answers.close(asked.boss_, stale) == 2
    assert Audit.objects.filter(what="request_item_closed").count() == 2


# -- receipts and letters --------------------------------------------------------------------------------------------------


def deposit(client: Any, document: Any, outcome: str, n: int) -> Any:
    from syncd.portal.models import Deposit, DepositLine

    now = datetime.now(UTC)
    made = Deposit.objects.create(
        cabinet=client.cabinet, client=client, number=f"2026-{n:06}", batch=f"b{n}", by="Marie", origin="company", at=now, last_at=now,
        told_at=now - timedelta(hours=1) + timedelta(seconds=n),
    )  # fmt: skip
    DepositLine.objects.create(deposit=made, document=document, given="a.pdf", outcome=outcome)
    return made


def test_what_is_kept_beside_counts_as_deposited(talking: Any, put: Callable[..., Any]) -> None:
    from syncd.portal.documents.received import counted
    from syncd.portal.messages import receipts
    from tests.portal.talk import person

    document = put(talking.one, "Achats/a.pdf", b"x")
    beside = deposit(talking.one, document, "beside", 1)
    assert counted(person(talking.boss), [beside]) == {beside.id: 1}
    receipts.gather()
    assert beside.entries.count() == 1


def test_deposits_that_hold_nothing_keep_no_receipt_back(
    talking: Any, put: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.portal.messages import receipts

    monkeypatch.setattr(receipts, "AT_ONCE", 3)
    document = put(talking.one, "Achats/a.pdf", b"x")
    for n in range(5):
        deposit(talking.one, document if n % 2 else None, "already" if n % 2 else "refused", n)
    stored = deposit(talking.one, document, "stored", 9)
    receipts.gather()
    assert stored.entries.count() == 1


def test_more_alerts_than_a_round_has_time_for_come_in_the_next(talking: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from syncd.portal.calendar import alerts
    from syncd.portal.models import CalendarAlert

    now = datetime.now(UTC)
    for n, user in enumerate((talking.boss, talking.marie, talking.paul)):
        CalendarAlert.objects.create(user=user, client=talking.one, days=7, next_at=now - timedelta(minutes=9 - n))
    monkeypatch.setattr(alerts, "SECONDS", 0.0)
    for left in (2, 1, 0):
        alerts.gather(now)
        assert CalendarAlert.objects.filter(next_at__lte=now).count() == left
