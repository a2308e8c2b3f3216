"""What the fiscal calendar needs of a client's card: on the card, from the sheet, from the accounting software."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

FACTS = {
    "legal_form": "sarl", "vat_regime": "monthly", "profit_category": "bic", "profit_tax": "is", "headcount": "1-10", "closing_day": "31/12",
    "department": "29", "ape": "4711D", "ape_2025": "47.11Y",
}  # fmt: skip


def test_the_card_keeps_them_and_shows_them(office: Any, browse: Callable[..., Any]) -> None:
    boss = browse(office.boss)
    form = {"name": office.one.name, **FACTS, "fiscal_flags": ["is_3000", "vehicles"]}
    assert boss.post("/clients/000001", form).status_code == 302
    office.one.refresh_from_db()
    assert {f: getattr(office.one, f) for f in FACTS} == FACTS | {"ape_2025": "4711Y"}
    assert office.one.fiscal_flags == "is_3000 vehicles"
    page = boss.get("/clients/000001").content.decode()
    assert '<option value="monthly" selected>Réel normal mensuel' in page and 'value="vehicles" checked' in page
    assert 'value="tns_5">' in page


def test_who_may_not_change_the_card_reads_them(office: Any, browse: Callable[..., Any]) -> None:
    from syncd.portal.models import Client, Grant, Portfolio, User

    Client.objects.filter(id=office.one.id).update(**FACTS, fiscal_flags="is_3000")
    lucie = User.objects.create(cabinet=office.cabinet, sign_in="lucie", role="associate")
    Grant.objects.create(user=lucie, kind="*", verbs="view deposit")
    Portfolio.objects.create(user=lucie, field="client", value=office.one.id)
    page = browse(lucie).get("/clients/000001").content.decode()
    for said in (
        "Réel normal mensuel",
        "31/12",
        "IS de référence au-dessus de 3 000 €",
        "<dd>SARL</dd>",
        "<dd>4711D</dd>",
    ):
        assert said in page
    assert '47.11Y <span class="hint">non vérifié' in page and page.count("non vérifié") == 1


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("vat_regime", "CA3", "Réel normal mensuel"), ("closing_day", "31/11", "31/12"), ("closing_day", "décembre", "31/12"),
        ("department", "96", "01 à 95"), ("department", "Finistère", "01 à 95"), ("fiscal_flags", "is_3000 grande", "« grande »"),
        ("ape_2025", "47", "4711D"), ("siren", "000000000", "clé de contrôle"), ("siret", "00000000000000", "clé de contrôle"),
        ("vat", "FR41303265045", "clé de contrôle"), ("siren", "７３２８２９３２０", "9 chiffres"),
    ],
)  # fmt: skip
def test_what_a_field_may_not_say(office: Any, browse: Callable[..., Any], field: str, text: str, said: str) -> None:
    from django.utils.html import escape

    answer = browse(office.boss).post("/clients/000001", {"name": office.one.name, field: text})
    assert answer.status_code == 403 and escape(said) in answer.content.decode()
    office.one.refresh_from_db()
    assert getattr(office.one, field) == ""


@pytest.mark.parametrize(
    ("field", "text", "kept"),
    [
        ("vat_regime", "réel normal MENSUEL", "monthly"), ("legal_form", "SAS ou SASU", "sas"), ("department", "1", "01"), ("department", "2b", "2B"),
        ("closing_day", "30-6", "30/06"), ("headcount", "50 et plus", "50+"), ("siret", "35600000049837", "35600000049837"),
        ("fiscal_flags", "Véhicules taxés ; IS de référence au-dessus de 3 000 €", "is_3000 vehicles"), ("vat", "FRK7399859412", "FRK7399859412"),
        ("fiscal_flags", "vehicles is_3000", "is_3000 vehicles"), ("vat", "FR83404833048", "FR83404833048"),
    ],
)  # fmt: skip
def test_what_people_type_is_kept_as_a_word(portal: Any, field: str, text: str, kept: str) -> None:
    from syncd.portal.clients import profile

    values, faults = profile.cleaned({field: text})
    assert (values[field], faults) == (kept, [])
    assert profile.cleaned(values)[0][field] == kept  # what is kept says so again


def test_a_sheet_says_them_in_the_words_of_people(office: Any) -> None:
    from syncd.portal.clients import import_xlsx
    from syncd.portal.models import Client
    from syncd.portal.people.visibility import person_of

    model = load_workbook(io.BytesIO(import_xlsx.model()))["Clients"]
    offered = {check.formula1 for check in model.data_validations.dataValidation}
    assert '"Aucun salarié,1 à 10,11 à 49,50 et plus"' in offered and all(len(o) < 258 for o in offered if o)
    book, out = Workbook(), io.BytesIO()
    page = book.active
    assert page is not None
    page.append(["Code dossier", "Raison sociale", "Régime de TVA", "Jour de clôture", "Particularités fiscales"])
    page.append(["A1", "Un", "Réel simplifié", "31/03", "CFE d'au moins 3 000 € ; E-reporting"])
    page.append(["A2", "Deux", "Trimestre", "", ""])
    book.save(out)
    sheet = import_xlsx.read(office.cabinet, out)
    assert [(f.row, f.column) for f in sheet.faults] == [(3, "Régime de TVA")]
    person = person_of(office.boss)
    import_xlsx.create(person, sheet.newcomers, person)
    made = Client.objects.get(code="A1")
    assert (made.vat_regime, made.closing_day, made.fiscal_flags) == ("simplified", "31/03", "cfe_3000 e_reporting")


def test_the_accounting_software_says_them_too(office: Any) -> None:
    from syncd.core.client_cards import CardChange
    from syncd.core.client_register import CLIENT_FIELDS
    from syncd.portal.clients import engine_cards
    from syncd.portal.models import Cabinet
    from syncd.portal.rights import Engine

    assert set(FACTS) <= set(CLIENT_FIELDS)
    Cabinet.objects.filter(id=office.cabinet.id).update(engine_cards=True)
    engine = Engine(office.cabinet.id)
    change = CardChange(
        "000001", office.one.id, {"vat_regime": "Franchise en base", "department": "99", "closing_day": "05/06"}
    )
    for _again in range(2):  # what is kept is read again with what comes
        told = engine_cards.change(engine, [change])[0]
        assert (told.status, set(told.faults)) == ("ok", {"department"})
        office.one.refresh_from_db()
        assert (office.one.vat_regime, office.one.closing_day, office.one.department) == ("franchise", "05/06", "")
    assert engine_cards.cards(engine).clients[0].values["vat_regime"] == "franchise"


def test_the_list_of_the_naf_is_whole() -> None:
    from syncd.portal.clients.fiscal_words import naf_rev2

    assert len(naf_rev2()) == 732 and {"0111Z", "4711D", "6920Z", "9900Z"} <= naf_rev2()
