"""A request that is sent twice: the same is dropped, one that differs in anything is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncd.portal.messages.requests.periods import Period
from tests.portal.talk import person
from tests.portal.test_document_requests import Held


@pytest.mark.parametrize("other", ["items", "expected", "note", "item's note", "told", "monthly", "nothing"])
def test_what_differs_in_anything_is_asked_however_soon(
    office: Any, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    """Of one client and of many: a title and a day that are the same make no second click."""
    from dataclasses import replace

    from syncd.portal.messages.requests import asking
    from syncd.portal.messages.requests.lists import ListItem
    from syncd.portal.models import DocumentRequest

    monkeypatch.setattr(asking, "datetime", Held)
    item = ListItem("Relevés de septembre", "bank", Period.QUARTER)
    first = asking.Wish("Pièces manquantes", [item, ListItem("Bilan")], timezone.localdate() + timedelta(days=20))
    second = {
        "items": replace(first, items=[ListItem("Factures de septembre", "bank", Period.QUARTER), ListItem("Bilan")]),
        "expected": replace(first, items=[ListItem(item.label, "bank", item.period, 2), ListItem("Bilan")]),
        "note": replace(first, note="Avant le contrôle"),
        "item's note": replace(first, items=[ListItem(item.label, "bank", item.period, note="PDF"), ListItem("Bilan")]),
        "told": replace(first, told=[office.marie.id]),
        "monthly": replace(first, monthly=True),
        "nothing": first,
    }[other]
    boss = person(office.boss)
    asking.ask(boss, [office.one], first)
    for _twice in range(2):
        assert len(asking.ask(boss, [office.one, office.two], second).requests) == 2
    at_one, at_two = (DocumentRequest.objects.filter(client=c).count() for c in (office.one, office.two))
    assert (at_one, at_two) == (1 if other == "nothing" else 2, 1)


def test_of_200_clients_at_once_each_gets_what_differs_and_nobody_twice(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from syncd.portal.clients.tree import rules_json, rules_of
    from syncd.portal.messages.requests import asking
    from syncd.portal.messages.requests.lists import ListItem
    from syncd.portal.models import Client, DocumentRequest

    monkeypatch.setattr(asking, "datetime", Held)
    rules = rules_json(rules_of(office.one).folders)
    many = Client.objects.bulk_create(
        Client(cabinet=office.cabinet, code=f"b{n:03}", name=f"B {n}", rules=rules) for n in range(200)
    )
    due = timezone.localdate() + timedelta(days=20)
    of = {m: asking.Wish("Pièces manquantes", [ListItem(f"Relevés de {m}", "bank")], due) for m in ("mai", "juin")}
    made = asking.ask(person(office.boss), many[:50], of["mai"]).requests
    asking.ask(person(office.boss), many, of["juin"])
    with CaptureQueriesContext(
        connection,
    ) as asked:
        again = asking.ask(person(office.boss), many, of["mai"]).requests
    assert {r.id for r in made} < {r.id for r in again} and len(again) == 200
    assert DocumentRequest.objects.count() == 400 and len(asked) < 100
