"""The cabinet's clients as a table: sorted as people read, cut, given to somebody; nothing of others' clients."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest


@pytest.fixture
def four(office: Any, make_client: Any) -> Any:
    """Besides the first two, whose names begin with an accent or a capital."""
    from syncd.portal.models import Client

    office.three, office.four = make_client(office.cabinet, "000003"), make_client(office.cabinet, "000004", "sci")
    for client, name, site in (
        (office.one, "Zoé Fleurs", "Nantes"), (office.two, "Éric Plomberie", "Rezé"), (office.three, "eau & co", ""), (office.four, "Œuvre <b>d'art</b>", "Nantes"),
    ):  # fmt: skip
        Client.objects.filter(id=client.id).update(name=name, site=site)
    return office


def codes(browser: Any, query: str = "") -> list[str]:
    answer = browser.get(f"/clients{query}")
    assert answer.status_code == 200
    return re.findall(r'<td class="who"><a href="/dossiers/(\w+)"', answer.content.decode())


def test_clients_are_sorted_by_every_column_as_people_read(four: Any, browse: Any, put: Any) -> None:
    from syncd.portal.models import Client, Document

    put(four.two, "À classer/a.pdf", b"a")
    old, new = put(four.one, "Achats/b.pdf", b"b"), put(four.three, "Achats/c.pdf", b"c")
    Document.objects.filter(id=old.id).update(created_at=datetime(2026, 1, 1, tzinfo=UTC))
    Document.objects.filter(id=new.id).update(created_at=datetime(2026, 2, 1, tzinfo=UTC))
    Client.objects.filter(id=four.four.id).update(responsible=four.boss)
    boss = browse(four.boss)
    assert codes(boss) == ["000001", "000002", "000003", "000004"]
    assert codes(boss, "?sort=name") == ["000003", "000002", "000004", "000001"]
    assert codes(boss, "?sort=-name") == ["000001", "000004", "000002", "000003"]
    assert codes(boss, "?sort=unfiled")[0] == "000002" and codes(boss, "?sort=responsible")[0] == "000004"
    assert codes(boss, "?sort=last") == ["000002", "000003", "000001", "000004"]
    assert codes(boss, "?sort=nothing") == codes(boss)
    page = boss.get("/clients?sort=name").content.decode()
    assert 'aria-sort="ascending"' in page and "?sort=-name" in page and "&lt;b&gt;" in page and "<b>d" not in page


def test_the_list_is_cut_by_words_site_and_whose_clients_they_are(four: Any, browse: Any) -> None:
    from syncd.portal.models import Client, OpenReport

    Client.objects.filter(id=four.four.id).update(responsible=four.boss)
    OpenReport.objects.create(client=four.three, reason="stop_not_ours", since=datetime.now(UTC))
    boss = browse(four.boss)
    assert codes(boss, "?q=oeuvre") == ["000004"] and codes(boss, "?site=Nantes") == ["000001", "000004"]
    assert codes(boss, "?mine=1") == ["000004"] == codes(boss, f"?responsible={four.boss.id}")
    assert codes(boss, "?look=1") == ["000003"]
    page = boss.get("/clients?look=1&q=nobody").content.decode()
    assert "Aucun client ne répond" in page


def test_a_narrower_portfolio_lists_its_own_and_gives_nobody_others(four: Any, browse: Any) -> None:
    from syncd.portal.models import Client, Grant, Portfolio, User

    associate = User.objects.create(cabinet=four.cabinet, sign_in="associate", name="Julien", role="associate")
    Grant.objects.create(user=associate, kind="*", verbs="view download deposit delete manage")
    Portfolio.objects.create(user=associate, field="site", value="Nantes")
    his = browse(associate)
    assert codes(his) == ["000001", "000004"] and codes(his, "?q=eric") == []
    his.post(
        "/clients/choisis",
        {"do": "assign", "id": [four.one.id, four.two.id, four.foreign.id], "responsible": associate.id},
    )
    given = dict(Client.objects.values_list("code", "responsible__sign_in"))
    assert given == {"000001": "associate", "000002": None, "000003": None, "000004": None, "000009": None}
    answer = his.post("/clients/choisis", {"do": "close", "id": [four.one.id]})
    assert "/reglages" not in answer.headers["Location"]


@pytest.mark.parametrize("who", ["marie", "foreigner", "gone"])
def test_clients_are_given_to_colleagues_only(four: Any, browse: Any, who: str) -> None:
    from syncd.portal.models import Cabinet, Client, User

    other = Cabinet.objects.get(name="Autre cabinet")
    people = {
        "marie": four.marie, "foreigner": User.objects.create(cabinet=other, sign_in="f", role="correspondent"),
        "gone": User.objects.create(cabinet=four.cabinet, sign_in="g", role="assistant", is_active=False),
    }  # fmt: skip
    browse(four.boss).post("/clients/choisis", {"do": "assign", "id": four.one.id, "responsible": people[who].id})
    assert Client.objects.get(id=four.one.id).responsible is None


def test_whoever_manages_none_of_them_is_refused(four: Any) -> None:
    from syncd.portal.clients.assignment import assign
    from syncd.portal.models import Grant, Portfolio, User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.refusals import Refusal

    aide = User.objects.create(cabinet=four.cabinet, sign_in="aide", role="assistant")
    Grant.objects.create(user=aide, kind="*", verbs="view deposit")
    Portfolio.objects.create(user=aide, field="all")
    with pytest.raises(Refusal):
        assign(person_of(aide), [four.one.id], aide)


def test_several_are_given_to_one_and_to_nobody_again(four: Any, browse: Any) -> None:
    from syncd.portal.models import Audit, Client, FeedRow

    boss = browse(four.boss)
    ids = [four.one.id, four.two.id]
    said = boss.post("/clients/choisis", {"do": "assign", "id": ids, "responsible": four.boss.id, "query": "q=x"})
    assert said.headers["Location"] == "/clients?q=x"
    assert Client.objects.filter(responsible=four.boss).count() == 2
    assert FeedRow.objects.filter(kind="client", client__in=ids).count() >= 2  # reports are cut by it
    assert Audit.objects.get(what="clients_assigned").about.startswith("2 ")
    boss.post("/clients/choisis", {"do": "assign", "id": ids, "responsible": "-"})
    assert not Client.objects.filter(responsible=four.boss).exists()


def test_the_accesses_of_those_that_were_chosen_are_one_list(four: Any, browse: Any) -> None:
    from syncd.portal.models import Grant, User

    for client, name in ((four.two, "Nour"), (four.three, "Quentin")):
        person = User.objects.create(cabinet=four.cabinet, sign_in=name.lower(), name=name, role="contact")
        Grant.objects.create(user=person, client=client, kind="*", verbs="view")
    boss = browse(four.boss)
    where = boss.post("/clients/choisis", {"do": "people", "id": [four.one.id, four.two.id]}).headers["Location"]
    page = boss.get(where).content.decode()
    assert "Marie Dupont" in page and "Nour" in page and "Quentin" not in page


def test_those_that_were_chosen_are_switched_off_with_a_typed_phrase(four: Any, browse: Any) -> None:
    from syncd.portal.models import Client

    boss = browse(four.boss)
    where = boss.post("/clients/choisis", {"do": "close", "id": [four.one.id, four.foreign.id]}).headers["Location"]
    page = boss.get(where).content.decode()
    assert "1 client concerné" in page and "Zoé Fleurs" in page and "Éric" not in page
    boss.post("/reglages/clients", {"client": "000001", "do": "off", "typed": "désactiver 2 clients"})
    assert not Client.objects.filter(closed=True).exists()
    boss.post("/reglages/clients", {"client": "000001", "do": "off", "typed": "désactiver 1 client"})
    assert list(Client.objects.filter(closed=True).values_list("code", flat=True)) == ["000001"]


def test_those_that_are_there_already_wait_for_what_their_template_says(office: Any) -> None:
    """The migration: trees of before say nothing of what is expected."""
    from importlib import import_module

    from django.apps import apps

    from syncd.portal.models import Client

    def expected(client: Any) -> dict[str, str]:
        client.refresh_from_db()
        return {r["path"]: r["expected"] for r in client.rules if r.get("expected", "never") != "never"}

    want = expected(office.one)
    bare = [{k: v for k, v in r.items() if k != "expected"} for r in office.one.rules]
    Client.objects.filter(id=office.one.id).update(rules=bare)
    Client.objects.filter(id=office.two.id).update(rules=[{**bare[1], "expected": "never"}])
    import_module("syncd.portal.migrations.0024_first_page").expect(apps, None)
    assert expected(office.one) == want and want["Banque"] == "statement"
    assert expected(office.two) == {}  # somebody said otherwise
