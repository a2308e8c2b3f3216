"""Requests on the pages one begins with: what is late, what a tree awaits, the pile of the unfiled."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.portal.test_document_requests import said


@pytest.fixture
def asked(office: Any, browse: Callable[..., Any]) -> Any:
    """A request of Marie's company: the bank, purchases, and pay slips, which Marie may not see."""
    from syncd.portal.messages.requests import asking
    from syncd.portal.messages.requests.asking import Wish
    from syncd.portal.messages.requests.lists import ListItem
    from syncd.portal.people.visibility import person_of

    office.boss_, office.marie_ = person_of(office.boss), person_of(office.marie)
    items = [
        ListItem("Relevés", "bank", expected=2),
        ListItem("Factures", "purchases"),
        ListItem("Bulletins", "payroll"),
    ]
    wish = Wish("Fin d'année", items, timezone.localdate() + timedelta(days=20))
    office.request = asking.ask(office.boss_, [office.one], wish).requests[0]
    office.bank, office.bills, office.slips = office.request.items.order_by("position")
    office.browser, office.cabinet_ = browse(office.marie), browse(office.boss)
    return office


# -- both homes ------------------------------------------------------------------------------------------------------------


def test_what_is_late_stands_on_the_cabinets_first_page_with_its_button(asked: Any) -> None:
    from syncd.portal.models import DocumentRequest

    assert "Pièces demandées, en retard" not in asked.cabinet_.get("/").content.decode()
    DocumentRequest.objects.update(due_on=timezone.localdate() - timedelta(days=4))
    page = asked.cabinet_.get("/").content.decode()
    assert "Pièces demandées, en retard" in page and "3 pièces manquent sur 3" in page and "4 jours" in page
    assert re.search(r'Demandes</span> <b class="hot">1</b>', page)
    answer = asked.cabinet_.post("/demandes", {"back": "home", "do": "remind", "id": asked.request.id}, follow=True)
    assert "1 demande relancée" in said(answer)
    assert "en retard de 4 jours" in asked.browser.get("/").content.decode()
    assert asked.browser.post("/demandes", {"do": "remind", "id": asked.request.id}, follow=True).status_code == 200
    assert "en retard de 4 jours" in asked.cabinet_.get("/demandes?state=late").content.decode()


def test_a_client_late_with_what_its_tree_awaits_is_asked_for_it_once_and_then_reminded(
    office: Any, browse: Callable[..., Any]
) -> None:
    from syncd.portal.documents import late_clients
    from syncd.portal.models import Client, DocumentRequest
    from syncd.portal.people.visibility import person_of

    Client.objects.filter(id=office.one.id).update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    awaited = late_clients.awaited(person_of(office.boss))[office.one.id]
    boss = browse(office.boss)
    for _ in range(2):
        page = boss.post("/demandes", {"back": "home", "do": "late", "client": office.one.id}, follow=True)
        assert "1 demande relancée" in said(page)
    request = DocumentRequest.objects.get()
    assert {i.label for i in request.items.all()} == {a.folder for a in awaited} and request.items.all()[0].start
    assert "Cochez" in said(boss.post("/demandes", {"do": "remind"}, follow=True))


def test_from_the_pile_of_the_unfiled_a_document_is_asked_for_again(
    office: Any, browse: Callable[..., Any], put: Callable[..., Any]
) -> None:
    document, boss = put(office.one, "À classer/scan.pdf", b"1"), browse(office.boss)
    address = f"/demandes/nouvelle?client=000001&amp;document={document.id}"
    assert address in boss.get("/a-classer").content.decode()
    page = boss.get(address.replace("&amp;", "&")).content.decode()
    assert "« scan.pdf » à renvoyer" in page
    assert boss.get(f"/demandes/nouvelle?client=000002&document={document.id}").status_code == 404
