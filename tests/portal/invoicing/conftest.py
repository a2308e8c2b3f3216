"""A company that sells: its contact manages the private space, and so everything here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.portal.invoicing.content import Buyer, Content, Kind, Seller
from syncd.portal.invoicing.invoice_lines import Line
from syncd.portal.invoicing.taxes import Category, Tax

D = Decimal
SELLER = Seller(
    "Atelier Dupont", "732829320", "73282932000074", "FR44732829320", "SARL au capital de 10 000 €, RCS Nantes 732 829 320",
    "1 rue du Port", "44000", "Nantes", email="contact@dupont.example", iban="FR7630006000011234567890189",
)  # fmt: skip
BUYER = Buyer(
    "Mairie de Paris", True, "552100554", street="2 place Hôtel-de-Ville", postcode="75001", city="Paris", vat="FR83552100554"
)  # fmt: skip
LINES = (
    Line("Pose d'une porte", D("1.5"), D(480), Tax(Category.STANDARD, D(10)), "HUR", reference="POSE"),
    Line("Porte en chêne", D(3), D("333.33"), goods=True, rebate=D(5)),
)
TODAY = date(2026, 11, 28)


def opened(office: Any) -> SimpleNamespace:
    """Marie's space is open, and she said who the company is."""
    from syncd.portal.invoicing import profile
    from syncd.portal.invoicing.profile import Profile
    from syncd.portal.models import User
    from syncd.portal.people.visibility import person_of
    from syncd.portal.private_space import keys

    marie = person_of(User.objects.get(id=office.marie.id))
    keys.open_space(marie, office.one)
    profile.save(marie, office.one, Profile(seller=SELLER))
    return SimpleNamespace(**vars(office), person=marie, client=office.one)


@pytest.fixture
def company(office: Any) -> SimpleNamespace:
    return opened(office)


@pytest.fixture
def company_there(office_there: Any) -> SimpleNamespace:
    """The same, seen by every thread."""
    return opened(office_there)


@pytest.fixture
def no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules and sheets are asked elsewhere: numbers and amounts are the question."""
    from syncd.portal.invoicing import files, xml_validity

    monkeypatch.setattr(xml_validity, "checked_xml", lambda frozen: (b"", "XSD"))
    monkeypatch.setattr(files, "check_means", lambda: None)
    monkeypatch.setattr(files, "try_to_make", lambda actor, client, row: None)


def written(company: Any, kind: Kind = Kind.INVOICE, **values: Any) -> Any:
    """A draft with two lines."""
    from syncd.portal.invoicing import drafts

    row = drafts.begin(company.person, company.client, kind)
    content = Content(**{"buyer": BUYER, "lines": LINES, **values})
    return drafts.save(company.person, company.client, row.id, content)


def issued(company: Any, kind: Kind = Kind.INVOICE, today: date = TODAY, **values: Any) -> Any:
    from syncd.portal.invoicing import issuing

    return issuing.issue(company.person, company.client, written(company, kind, **values).id, today)


@pytest.fixture
def refused() -> Callable[[Callable[[], Any]], str]:
    """The code that something is refused with."""
    from syncd.portal.refusals import Refusal

    def code(does: Callable[[], Any]) -> str:
        with pytest.raises(Refusal) as caught:
            does()
        return str(caught.value.code)

    return code
