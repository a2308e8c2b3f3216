"""A cabinet's engine changes clients' cards where it was given that right, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from syncd.core.client_cards import CardChange
from syncd.core.fiscal_years import Exercise


def engine(office: Any) -> Any:
    from syncd.portal.rights import Engine

    return Engine(office.cabinet.id)


def allow(office: Any, client: Any = None, on: bool = True) -> None:
    from syncd.portal.clients import engine_cards
    from syncd.portal.people.visibility import person_of

    engine_cards.allow(person_of(office.boss), client, on)


def one(office: Any, change: CardChange) -> Any:
    from syncd.portal.clients import engine_cards

    (result,) = engine_cards.change(engine(office), [change])
    return result


def test_without_the_right_nothing_is_changed_and_nobody_created(office: Any) -> None:
    from syncd.portal.clients import engine_cards
    from syncd.portal.models import Client

    before = list(Client.objects.order_by("id").values())
    known = engine_cards.cards(engine(office))
    assert [(c.code, c.changeable) for c in known.clients] == [
        ("000001", False),
        ("000002", False),
    ] and not known.creates
    there = one(
        office,
        CardChange("000001", office.one.id, {"site": "Lyon"}, Exercise("2026", date(2026, 1, 1), date(2026, 12, 31))),
    )
    new = one(office, CardChange("000003", values={"name": "Trois"}))
    foreign = one(office, CardChange("000009", office.foreign.id, {"site": "Lyon"}))
    assert {(r.status, r.reason) for r in (there, new, foreign)} == {("refused", "not_allowed_here")}
    assert list(Client.objects.order_by("id").values()) == before and not office.one.exercises.exists()


def test_the_right_for_one_client_is_that_clients_alone(office: Any) -> None:
    from syncd.portal.clients import engine_cards

    allow(office, office.one)
    assert [c.changeable for c in engine_cards.cards(engine(office)).clients] == [True, False]
    assert one(office, CardChange("000001", office.one.id, {"site": "Lyon"})).status == "ok"
    assert one(office, CardChange("000002", office.two.id, {"site": "Lyon"})).status == "refused"
    assert one(office, CardChange("000003", values={"name": "Trois"})).status == "refused"
    allow(office, office.one, on=False)
    assert one(office, CardChange("000001", office.one.id, {"site": "Nantes"})).status == "refused"


def test_under_the_right_a_card_follows_and_the_engine_is_told(office: Any) -> None:
    from syncd.core.protocol import Caller
    from syncd.portal.models import Audit, Client
    from syncd.portal.sync import changes

    allow(office)
    Client.objects.filter(id=office.one.id).update(sector="BTP", responsible=office.boss)
    caller = Caller("e", "machine", "instance", lease=False)
    before = changes.hello(engine(office), caller, None)
    wanted = CardChange(
        "000001", office.one.id, {"name": "SARL Neuve", "siret": "73282932000074", "kind_of_work": "autonome"}
    )
    result = one(office, wanted)
    assert (result.status, result.faults) == ("ok", {})
    office.one.refresh_from_db()
    card = (office.one.name, office.one.siren, office.one.sector, office.one.kind_of_work, office.one.responsible)
    assert card == ("SARL Neuve", "732829320", "BTP", "autonome", office.boss)
    (told,) = changes.hello(engine(office), caller, before.cursor).clients
    assert (told.name, told.card.kind_of_work) == ("SARL Neuve", "autonome")
    line = Audit.objects.get(what="client_changed")
    assert (line.by, line.about) == ("synchronisation", "000001")
    head = changes.hello(engine(office), caller, None).cursor
    one(office, wanted)
    assert (
        changes.hello(engine(office), caller, None).cursor == head
        and Audit.objects.filter(what="client_changed").count() == 1
    )


def test_what_a_field_may_not_say_leaves_that_field_alone(office: Any) -> None:
    allow(office)
    wanted = {
        "siret": "73282932000075",
        "site": "Lyon",
        "responsible": "personne",
        "contact_email": "x",
        "unheard_of": "x",
    }
    result = one(office, CardChange("000001", office.one.id, wanted))
    assert result.status == "ok" and set(result.faults) == {"siret", "responsible", "contact_email"}
    assert "clé de contrôle" in result.faults["siret"] and "personne" in result.faults["responsible"]
    office.one.refresh_from_db()
    assert (office.one.site, office.one.siret, office.one.contact_email) == ("Lyon", "", "")


def test_a_client_is_created_once_with_its_tree_its_card_and_its_exercise(office: Any) -> None:
    from syncd.portal.models import Client, User

    allow(office)
    year = Exercise("2026", date(2026, 1, 1), date(2026, 12, 31))
    wanted = CardChange(
        "007868",
        values={"name": "SARL Dupont", "site": "Lyon", "responsible": "BOSS"},
        exercise=year,
        template="liberal",
    )
    people = User.objects.count()
    for _ in range(2):  # an answer that was lost is asked for again
        assert one(office, wanted).status == "ok"
    client = Client.objects.get(cabinet=office.cabinet, code="007868")
    assert (client.name, client.site, client.template, client.responsible) == (
        "SARL Dupont",
        "Lyon",
        "liberal",
        office.boss,
    )
    assert [e.label for e in client.exercises.all()] == ["2026"] and client.folders.exists()
    assert User.objects.count() == people
    other = Exercise("2026", date(2026, 4, 1), date(2027, 3, 31))
    one(office, CardChange("007868", client.id, exercise=other))
    assert client.exercises.get().start == date(2026, 1, 1)  # nothing that is there is written over


@pytest.mark.parametrize(("code", "reason"), [("000001", "code_closed"), ("00000A", "code_taken")])
def test_a_client_that_is_closed_or_a_twin_by_case_is_left_alone(office: Any, code: str, reason: str) -> None:
    from syncd.portal.models import Client

    allow(office)
    Client.objects.filter(id=office.one.id).update(closed=True)
    Client.objects.filter(id=office.two.id).update(code="00000a")
    assert one(office, CardChange(code, values={"name": "x"})).reason == reason


def test_a_template_that_there_is_not_is_refused(office: Any) -> None:
    allow(office)
    assert one(office, CardChange("1", values={"name": "x"}, template="boulangerie")).reason == "no_template"


def test_cards_are_read_in_a_few_questions(office: Any, make_client: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from syncd.portal.clients import engine_cards

    with CaptureQueriesContext(connection) as few:
        engine_cards.cards(engine(office))
    for n in range(20):
        make_client(office.cabinet, f"1{n:05}", "sci")
    with CaptureQueriesContext(connection) as many:
        assert len(engine_cards.cards(engine(office)).clients) == 22
    assert len(many) == len(few)


def test_the_right_is_given_and_taken_at_the_desk_with_its_line(office: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Audit

    boss = browse(office.boss)
    assert "ne modifie pas cette fiche" in boss.get("/clients/000001").content.decode()
    assert boss.post("/clients/000001/droit", {"right": "on"}).status_code == 302
    office.one.refresh_from_db()
    assert office.one.engine_cards and "Retirer ce droit" in boss.get("/clients/000001").content.decode()
    boss.post("/reglages/action", {"do": "cards", "cards": "on"})
    office.cabinet.refresh_from_db()
    assert office.cabinet.engine_cards and "de tous les clients" in boss.get("/clients/000001").content.decode()
    boss.post("/reglages/action", {"do": "cards"})
    office.cabinet.refresh_from_db()
    assert not office.cabinet.engine_cards
    lines = Audit.objects.filter(what__startswith="engine_cards").order_by("id").values_list("by", "what", "about")
    assert list(lines) == [
        ("boss", "engine_cards_on", "000001"), ("boss", "engine_cards_on", "*"), ("boss", "engine_cards_off", "*"),
    ]  # fmt: skip
    page = boss.get("/reglages/historique").content.decode()
    assert "fiches ouvertes à la synchronisation" in page


def test_nobody_but_a_correspondent_gives_it(office: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Grant, Portfolio, User

    anne = User.objects.create(cabinet=office.cabinet, sign_in="anne", role="associate")
    Grant.objects.create(user=anne, kind="*", verbs="view deposit download delete manage")
    Portfolio.objects.create(user=anne, field="all", value="")
    for person in (anne, office.marie):
        browser = browse(person)
        assert "/droit" not in browser.get("/clients/000001").content.decode()
        assert browser.post("/clients/000001/droit", {"right": "on"}).status_code == 404
    office.one.refresh_from_db()
    assert not office.one.engine_cards


def test_a_command_gives_it_too_with_its_line(office: Any) -> None:
    from syncd.portal.clients import engine_cards
    from syncd.portal.models import Audit
    from syncd.portal.rights import Operator

    engine_cards.allow(Operator(office.cabinet.id, "Cabinet Martin"), office.one, True)
    line = Audit.objects.get(what="engine_cards_on")
    assert (line.by, line.about, line.user_id) == ("Cabinet Martin", "000001", "")


def test_the_engine_is_told_how_its_cabinets_mails_look(office: Any) -> None:
    """They had the portal's layout, and neither the cabinet's colour nor its logo."""
    from syncd.core.protocol import Caller
    from syncd.portal.models import Cabinet
    from syncd.portal.sync import changes

    caller = Caller("e", "machine", "instance", lease=False)
    first = changes.hello(engine(office), caller, None)
    Cabinet.objects.filter(id=office.cabinet.id).update(
        colour="#7a1450", logo=b"\x89PNG\r\n\x1a\n", logo_type="image/png"
    )
    for cursor, brief in ((None, False), (first.cursor, False), (first.cursor, True)):
        told = changes.hello(engine(office), caller, cursor, brief)
        assert (told.colour, told.logo) == ("#7a1450", Cabinet.objects.count() == 1)
    Cabinet.objects.filter(id=office.cabinet.id).update(host="documents.martin.fr")
    assert changes.hello(engine(office), caller, None).logo
