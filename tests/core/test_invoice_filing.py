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
