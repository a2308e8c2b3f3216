"""Where an invoice belongs, and what it may be called: sure, or silent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from syncd.core import invoice_filing
from tests.support.invoices import BUYER, SELLER

ME, HER = BUYER, SELLER
PLAIN = {"À classer": "inbox", "Achats": "purchases", "Ventes": "sales", "Social": "payroll"}
BY_YEAR = {**PLAIN, "Achats/2025": "purchases", "Achats/2026": "purchases", "Achats/Divers": "purchases"}
SPLIT = [("2025", date(2024, 7, 1), date(2025, 6, 30)), ("2026", date(2025, 7, 1), date(2026, 6, 30))]
AUTUMN, SPRING, LATE = date(2025, 10, 1), date(2026, 3, 1), date(2026, 10, 1)


@pytest.mark.parametrize(
    ("client", "seller", "buyer", "side", "of_another"),
    [(ME, HER, ME, "purchases", False), (ME, ME, HER, "sales", False), (ME, ME, ME, "", False), (ME, HER, HER, "", True),
     ("", HER, ME, "", False), (ME, "", "", "", False), (ME, HER, "", "", False), (ME, "", ME, "purchases", False), (ME, "", HER, "", True)],
)  # fmt: skip
def test_whose_an_invoice_is(client: str, seller: str, buyer: str, side: str, of_another: bool) -> None:
    assert invoice_filing.side(client, seller, buyer) == side
    assert invoice_filing.of_another(client, seller, buyer) is of_another


@pytest.mark.parametrize(
    ("kind", "days", "folders", "exercises", "place"),
    [
        ("purchases", [SPRING], PLAIN, [], "Achats"), ("sales", [SPRING], PLAIN, SPLIT, "Ventes"), ("", [SPRING], PLAIN, [], ""),
        ("purchases", [SPRING], BY_YEAR, [], "Achats/2026"), ("purchases", [AUTUMN], BY_YEAR, [], "Achats/2025"),
        ("purchases", [AUTUMN], BY_YEAR, SPLIT, "Achats/2026"), ("purchases", [LATE], BY_YEAR, SPLIT, ""),
        ("purchases", [date(2024, 1, 1)], BY_YEAR, [], ""), ("purchases", [AUTUMN, SPRING], BY_YEAR, [], ""),
        ("purchases", [AUTUMN, SPRING], BY_YEAR, SPLIT, "Achats/2026"), ("purchases", [SPRING, LATE], BY_YEAR, SPLIT, ""),
        ("purchases", [SPRING], {"Achats": "purchases", "Charges": "purchases"}, [], ""), ("bank", [SPRING], PLAIN, [], ""),
        ("purchases", [SPRING], {"Achats/2026": "purchases"}, [], "Achats/2026"),
    ],
)  # fmt: skip
def test_where_it_goes(
    kind: str, days: list[date], folders: dict[str, str], exercises: list[invoice_filing.Period], place: str
) -> None:  # fmt: skip
    assert invoice_filing.folder(kind, days, folders, exercises) == place


def test_what_it_is_called() -> None:
    called = invoice_filing.name
    assert called(SPRING, "EDF", "F2026-001", Decimal("1234.56"), "EUR") == "20260301 - EDF - F2026-001 - 1 234,56 €"
    assert called(SPRING, ' A/B: "C"? ', "F\\1\n", Decimal(-5), "USD") == "20260301 - A-B- -C - F-1 - -5,00 USD"
    assert called(SPRING, "x" * 300, "9" * 300, Decimal(1), "").count("x") == 60
    one = Decimal(1)
    for day, who, number, gross in (
        (None, "a", "1", one),
        (SPRING, "", "1", one),
        (SPRING, "a", "..", one),
        (SPRING, "a", "1", None),
    ):
        assert called(day, who, number, gross, "EUR") == ""


YEARS = {
    **PLAIN,
    "Achats/2025": "purchases",
    "Achats/2026": "purchases",
    "Ventes/2025": "sales",
    "Ventes/2026": "sales",
}
OF_FARM = {**PLAIN, "Achats/2025-2026": "purchases", "Achats/2026-2027": "purchases"}
FARM = [("2025-2026", date(2025, 7, 1), date(2026, 6, 30)), ("2026-2027", date(2026, 7, 1), date(2027, 6, 30))]
TWO, ONE_LEVEL = {**PLAIN, "Frais": "purchases"}, {"À classer": "inbox", "Banque": "bank"}
JAN, JUN, JUL, DEC = date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 31)
OLD, OTHER = date(2019, 5, 5), "404833048"
CASES: list[tuple[str, str, str, list[date], dict[str, str], list[invoice_filing.Period], str]] = [
    (ME, HER, ME, [JAN], PLAIN, [], "Achats"), (ME, ME, HER, [JAN], PLAIN, [], "Ventes"),
    (ME, HER, ME, [JAN], YEARS, [], "Achats/2026"), (ME, HER, ME, [DEC], YEARS, [], "Achats/2026"),
    (ME, ME, HER, [JAN], YEARS, [], "Ventes/2026"), (ME, ME, HER, [AUTUMN], YEARS, [], "Ventes/2025"),
    (ME, HER, ME, [OLD], YEARS, [], ""), (ME, ME, HER, [OLD], YEARS, [], ""),
    (ME, HER, ME, [JUN], OF_FARM, FARM, "Achats/2025-2026"), (ME, HER, ME, [JUL], OF_FARM, FARM, "Achats/2026-2027"),
    (ME, HER, ME, [JUN, JUL], OF_FARM, FARM, ""), (ME, HER, ME, [JUN, JUN], OF_FARM, FARM, "Achats/2025-2026"),
    (ME, ME, HER, [JUN], OF_FARM, FARM, "Ventes"), (ME, HER, ME, [JUN], OF_FARM, [], "Achats"),
    (ME, HER, ME, [JAN], TWO, [], ""), (ME, ME, HER, [JAN], TWO, [], "Ventes"),
    (ME, HER, ME, [JAN], ONE_LEVEL, [], ""), (ME, ME, HER, [JAN], ONE_LEVEL, [], ""),
    (ME, HER, OTHER, [JAN], PLAIN, [], ""), (ME, OTHER, HER, [JAN], YEARS, [], ""),
    (ME, ME, ME, [JAN], PLAIN, [], ""), (ME, "", "", [JAN], PLAIN, [], ""),
    (ME, "", ME, [JAN], PLAIN, [], "Achats"), (ME, ME, "", [JAN], PLAIN, [], "Ventes"),
    ("", HER, ME, [JAN], PLAIN, [], ""), ("", "", "", [JAN], PLAIN, [], ""),
    (ME, HER, "", [JAN], PLAIN, [], ""), (ME, "", HER, [JAN], PLAIN, [], ""),
    (ME, HER, ME, [], PLAIN, [], "Achats"), (ME, HER, ME, [], YEARS, [], ""),
    (ME, HER, ME, [JAN, JAN], YEARS, [], "Achats/2026"), (ME, HER, ME, [AUTUMN, JAN], YEARS, [], ""),
    (ME, HER, ME, [AUTUMN, JAN], YEARS, FARM, ""), (ME, ME, HER, [JAN], BY_YEAR, [], "Ventes"),
    (ME, HER, ME, [JAN], BY_YEAR, SPLIT, "Achats/2026"), (ME, HER, ME, [date(2024, 7, 1)], BY_YEAR, SPLIT, "Achats/2025"),
    (ME, HER, ME, [date(2024, 6, 30)], BY_YEAR, SPLIT, ""), (ME, HER, ME, [JAN], {}, [], ""),
    (ME, HER, ME, [JAN], {"Achats/Divers": "purchases"}, [], "Achats/Divers"), (ME, HER, ME, [JUL], BY_YEAR, SPLIT, ""),
]  # fmt: skip


def test_forty_invoices_go_where_a_person_would_put_them_or_nowhere() -> None:
    assert len(CASES) == 40
    for client, seller, buyer, days, folders, exercises, place in CASES:
        side = invoice_filing.side(client, seller, buyer)
        assert (invoice_filing.folder(side, days, folders, exercises) if side else "") == place, (
            seller,
            buyer,
            days,
            place,
        )
