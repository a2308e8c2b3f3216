"""An invoice that was read is proposed for what it says, not for its name; it is only proposed, to whoever may open it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.portal.talk import person
from tests.portal.test_invoice_facts import read
from tests.support.invoices import BUYER, cii, factur_x

OTHER = "404833048"


def test_an_invoice_is_proposed_by_its_day_and_its_side(office: Any, put: Callable[..., Any]) -> None:
    from syncd.portal.messages.requests import asking, fitting
    from syncd.portal.messages.requests.asking import Wish
    from syncd.portal.messages.requests.lists import ListItem
    from syncd.portal.models import Grant, RequestedItem

    office.one.siren = BUYER
    office.one.save()
    Grant.objects.filter(user=office.marie, kind="*").update(verbs="view deposit download")
    items = [ListItem("Achats de novembre", "purchases"), ListItem("Ventes de novembre", "sales")]
    wish = Wish("TVA", items, timezone.localdate() + timedelta(days=9))
    request = asking.ask(person(office.boss), [office.one], wish).requests[0]
    RequestedItem.objects.update(start="2026-11-01", end="2026-11-30")
    bought = put(office.one, "Achats/facture octobre 2026.pdf", factur_x(cii()))  # its name says another month
    late = put(office.one, "Achats/novembre 2026.pdf", factur_x(cii("F-2", issued="20261002")))
    unfiled = put(office.one, "À classer/scan.pdf", factur_x(cii("F-3")))
    sold = put(
        office.one, "Achats/la nôtre.xml", cii("F-4", seller_siren=BUYER, buyer_siren=OTHER)
    )  # in the wrong folder
    put(office.one, "À classer/photo novembre 2026.pdf", b"%PDF-1.4 nothing %%EOF")
    read()
    purchases, sales = request.items.select_related("request__client").order_by("position")

    def near(user: Any) -> dict[str, set[str]]:
        return {k: {d.id for d in v} for k, v in fitting.proposals(person(user), [purchases, sales]).items()}

    assert near(office.marie) == {purchases.id: {bought.id, unfiled.id}, sales.id: {sold.id}}
    assert not request.items.exclude(how="").exists()  # proposed, and no more
    Grant.objects.filter(user=office.marie, kind="*").update(
        verbs="view deposit"
    )  # by names alone, of what they may not open
    assert near(office.marie) == {purchases.id: {late.id, sold.id}}
