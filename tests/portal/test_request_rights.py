"""Requests for documents and rights: every role meets of an item what the rule says, and no page gives away a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from tests.portal.test_document_requests import state


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


# -- rights ----------------------------------------------------------------------------------------------------------------


def test_every_role_meets_of_an_item_what_the_rule_says(make_client: Callable[..., Any]) -> None:
    """Every page and verb × every person × two kinds of folder × own, other and switched-off client."""
    from django.db import transaction
    from django.test import Client as Browser

    from syncd.portal.messages.requests import asking
    from syncd.portal.messages.requests.asking import Wish, wanted_of
    from syncd.portal.messages.requests.lists import ListItem
    from syncd.portal.models import Client, RequestedItem, User
    from syncd.portal.people.visibility import person_of, wanted_items
    from syncd.portal.rights import Verb, may_with_wanted
    from tests.portal.test_rights import House

    class Empty(House):
        """Without documents: they are asked elsewhere."""

        def of_every_fate(self, *_: Any) -> Iterator[Any]:
            return iter(())

    house = Empty(make_client, lambda *_: None)
    Client.objects.filter(id=house.off.id).update(closed=False)
    for who, clients in (("correspondent", [house.mine, house.other, house.off]), ("elsewhere", [house.foreign])):
        boss = person_of(User.objects.get(id=house.people[who].id))
        for client in clients:
            kinds = [ListItem(f"{client.id} {kind}", kind) for kind in ("purchases", "payroll")]
            asking.ask(boss, [client], Wish("x", kinds, timezone.localdate()))
    Client.objects.filter(id=house.off.id).update(closed=True)
    items, given = list(RequestedItem.objects.select_related("request__client").order_by("id")), 0
    for name, user in house.people.items():
        person, browser = person_of(User.objects.get(id=user.id)), Browser()
        browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        for verb in (Verb.VIEW, Verb.DEPOSIT):
            want = {i.id for i in items if may_with_wanted(person, verb, wanted_of(i.request.client, i.kind))}
            assert set(RequestedItem.objects.filter(wanted_items(person, verb)).values_list("id", flat=True)) == want
        asked = {i.request_id for i in items}
        pages = {r: browser.get(f"/demandes/{r}").content.decode() for r in asked}
        sheets = browser.get("/demandes/fiches", {"id": sorted(asked)}).content.decode()
        for item in items:
            wanted = wanted_of(item.request.client, item.kind)
            may = {v: may_with_wanted(person, v, wanted) for v in Verb}
            assert (item.id in pages[item.request_id]) is may[Verb.VIEW], (name, item.label)
            assert (f">{item.label}<" in sheets) is may[Verb.VIEW]
            if item.kind == "payroll":
                assert (browser.get(f"/demandes/piece/{item.id}").status_code == 200) is may[Verb.VIEW]
            for do, verb in (("waive", Verb.DEPOSIT), ("close", Verb.MANAGE)):
                with transaction.atomic():
                    answer = browser.post(f"/demandes/{item.request_id}", {"item": item.id, "do": do, "word": "x"})
                    assert answer.status_code in (302, 404)
                    assert (RequestedItem.objects.get(id=item.id).how != "") is may[verb], (name, do, item.label)
                    transaction.set_rollback(True)
            given += sum(may.values())
    assert given > 30


def test_of_the_cabinets_pages_a_company_meets_none(asked: Any) -> None:
    assert asked.browser.get("/demandes/nouvelle?client=000001").status_code == 404
    assert asked.browser.post("/demandes/nouvelle", {"client": "000001"}).status_code == 404
    asked.browser.post("/demandes", {"do": "late", "client": asked.one.id})
    asked.browser.post("/demandes", {"do": "remind", "id": asked.request.id})
    asked.request.refresh_from_db()
    assert asked.request.pressed_on is None


def test_whatever_is_asked_of_the_pages_none_fails(asked: Any) -> None:
    from tests.portal.test_odd_values import DAYS, ODD

    for odd in (ODD[0], ODD[2], ODD[7], DAYS[0], DAYS[1], "<b>é\u202e"):
        assert asked.cabinet_.get("/demandes/piece/x", {"id": odd}).status_code == 404
        form = dict.fromkeys(("state", "q", "client", "page", "list", "document", "id"), odd)
        for page in ("/demandes", "/demandes/nouvelle", "/demandes/fiches"):
            assert asked.cabinet_.get(page, form).status_code < 500, (page, odd)
        assert asked.cabinet_.get("/demandes/nouvelle", {"client": "000001", "document": odd}).status_code == 404
        form = dict.fromkeys(
            ("answer", "document", "reason", "word", "expected-1", "before", "due", "told", "title"), odd
        )
        one = {"item": asked.bills.id, "client": "000001", "list": "bilan", "id": odd}
        for do, page in (
            ("give", ""),
            ("waive", ""),
            ("refuse", ""),
            (odd, ""),
            ("late", "/demandes"),
            ("", "/demandes/nouvelle"),
        ):
            where = page or f"/demandes/{asked.request.id}"
            assert asked.cabinet_.post(where, {**form, **one, "do": do}).status_code < 500, (page, do, odd)


@pytest.mark.parametrize("how", ["refused", "deleted"])
def test_whoever_may_not_see_a_document_does_not_learn_its_name_from_why_an_item_is_open_again(
    asked: Any, browse: Callable[..., Any], put: Callable[..., Any], how: str
) -> None:
    """Somebody who sees pay slips gave one for an invoice by mistake."""
    from syncd.portal.documents import lifecycle
    from syncd.portal.messages.requests import answers
    from syncd.portal.models import Grant, User
    from syncd.portal.people.visibility import person_of

    rita = User.objects.create(cabinet=asked.one.cabinet, sign_in="rita", name="Rita", role="contact")
    Grant.objects.create(user=rita, client=asked.one, kind="*", verbs="view deposit download")
    slip = put(asked.one, "Social/Solde de M. Lenoir.pdf", b"x")
    answers.give(person_of(rita), asked.bills, [slip])
    if how == "refused":
        answers.refuse(asked.boss_, asked.bills.answers.select_related("item__request__client").get(), "wrong_document")
    else:
        lifecycle.remove(asked.boss_, slip)
        answers.look_again(datetime.now(UTC))
    assert state(asked.bills) == ("", how)
    for page in (f"/demandes/{asked.request.id}", f"/demandes/piece/{asked.bills.id}"):
        assert "Lenoir" in browse(rita).get(page).content.decode()
        seen = unescape(asked.browser.get(page).content.decode())
        assert "Lenoir" not in seen and "Un document " in seen
