"""Many clients chosen at once, by site, group or sector: for a request, for an event, within what the person reaches."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.portal import talk
from tests.portal.talk import person


@pytest.fixture
def firm(talking: Any) -> Any:
    """Two clients of Nantes, of which an associate has one; a third is switched off."""
    from syncd.portal.models import Client

    talking.here, talking.there, talking.off = (
        Client.objects.create(
            cabinet=talking.cabinet, code=code, name=code, rules=talking.one.rules, closed=code == "off"
        )
        for code in ("n1", "n2", "off")
    )
    Client.objects.filter(code__in=("n1", "n2", "off")).update(site="Nantes", group="Holding & <Fils>")
    Client.objects.filter(code="n1").update(sector="BTP", responsible=talking.boss)
    return talking


@pytest.fixture
def associate(firm: Any) -> Any:
    from syncd.portal.models import Grant, Portfolio, User

    user = User.objects.create(cabinet=firm.cabinet, sign_in="anne", name="Anne", role="associate", parent=firm.boss)
    Grant.objects.create(user=user, kind="*", verbs="view download deposit delete manage message")
    Portfolio.objects.create(user=user, field="client", value=firm.here.id)
    return user


def page(browser: Any, path: str) -> str:
    return plain(talk.page(browser, path))


def plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")


def names(user: Any) -> dict[str, int]:
    from syncd.portal.clients.segments import segments

    return {s.name: s.count for s in segments(person(user))}


def test_each_part_says_how_many_clients_of_it_one_reaches(firm: Any, associate: Any) -> None:
    all_of = names(firm.boss)
    assert all_of.pop("all") == sum(1 for c in ("000001", "000002", "n1", "n2")) and list(all_of) == [
        "responsible", "site:Nantes", "group:Holding & <Fils>", "sector:BTP",
    ]  # fmt: skip
    assert all_of == {"responsible": 1, "site:Nantes": 2, "group:Holding & <Fils>": 2, "sector:BTP": 1}
    assert names(associate) == {"all": 1, "site:Nantes": 1, "group:Holding & <Fils>": 1, "sector:BTP": 1}


def test_a_site_is_asked_for_documents_by_three_clicks_and_the_number_is_said(
    firm: Any, associate: Any, browse: Callable[..., Any]
) -> None:
    from syncd.portal.models import DocumentRequest

    boss = browse(firm.boss)
    assert 'href="/demandes/nouvelle?for="' in page(boss, "/demandes")
    first = plain(boss.get("/demandes/nouvelle?for=").content.decode())
    link = re.search(r'href="(\?for=[^"]*Nantes)">Site Nantes</a><span class="hint">2 clients', first)
    assert link and "Holding &amp; &lt;Fils&gt;" in first
    lists = page(boss, f"/demandes/nouvelle{link[1]}")
    assert "À 2 clients à la fois" in lists
    second = re.search(r'href="(\?for=[^"]*list=libre)"', lists)
    assert second and "Envoyer à 2 clients" in page(boss, f"/demandes/nouvelle{second[1]}".replace("&amp;", "&"))
    day = f"{timezone.localdate() + timedelta(days=9):%Y-%m-%d}"
    wish = {
        "for": "site:Nantes",
        "client": "",
        "list": "libre",
        "title": "Kbis",
        "label-1": "Kbis",
        "kind-1": "legal",
        "due": day,
    }
    boss.post("/demandes/nouvelle", wish)
    assert sorted(r.client.code for r in DocumentRequest.objects.all()) == ["n1", "n2"]
    browse(associate).post("/demandes/nouvelle", wish | {"title": "Bail"})  # the same site, as far as they reach it
    assert [r.client.code for r in DocumentRequest.objects.filter(title="Bail")] == ["n1"]
    for odd in ("site:", "site:Vienne", "name:n1", "cabinet_id:1", "client", "\0", "x" * 5000):
        boss.post("/demandes/nouvelle", wish | {"for": odd, "title": "Odd"})
    browse(firm.marie).post("/demandes/nouvelle", wish | {"title": "Odd"})
    assert not DocumentRequest.objects.filter(title="Odd").exists()


def test_an_event_for_a_site_stands_in_its_calendars_and_nowhere_else(
    firm: Any, associate: Any, browse: Callable[..., Any]
) -> None:
    from syncd.portal.models import CalendarEntry

    boss, day = browse(firm.boss), timezone.localdate() + timedelta(days=2)
    form = {"day": f"{day:%Y-%m-%d}", "title": "Réunion <b>", "text": "", "scope": "site:Nantes"}
    assert "Site Nantes – 2 clients" in page(boss, "/calendrier")
    said = plain(boss.post("/calendrier", form, follow=True).content.decode())
    assert "est au calendrier de 2 clients." in said and "Réunion &lt;b&gt;" in said
    where = f"?month={day:%Y-%m}"
    for code, shows in (("n1", True), ("n2", True), ("000001", False)):
        assert ("Réunion <b>" in page(boss, f"/calendrier/{code}{where}")) is shows, code
    assert CalendarEntry.objects.get().client is None
    # whoever does not reach all of the site may not speak to it, nor may a company, nor is anything else a part of the clients
    anne = browse(associate)
    assert "site:Nantes" not in page(anne, "/calendrier") and "site:Nantes" not in page(anne, "/calendrier/n1")
    assert "sector:BTP" in page(anne, "/calendrier/n1")  # of which they reach every client
    for who, scope in (
        (anne, "site:Nantes"), (anne, "all"), (browse(firm.marie), "site:Nantes"), (boss, "client"), (boss, "name:n1"), (boss, "site:"), (boss, "site:\0"),
    ):  # fmt: skip
        who.post("/calendrier", form | {"scope": scope})
        who.post("/calendrier/n1/action", form | {"scope": scope, "do": "event"} if scope != "client" else {"do": "x"})
    assert CalendarEntry.objects.count() == 1
    anne.post("/calendrier/n1/action", form | {"scope": "sector:BTP", "do": "event"})
    assert CalendarEntry.objects.filter(field="sector", value="BTP").count() == 1
