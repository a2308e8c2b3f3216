"""What is still missing, or cannot be, before a quote or an invoice is issued: codes, each with what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from syncd.core.company_numbers import siren_in
from syncd.portal.invoicing.content import Buyer, Content, Kind, Seller
from syncd.portal.invoicing.invoice_lines import MOST, PRICE_PLACES, QUANTITY_PLACES, UNITS, ZERO, Line, places
from syncd.portal.invoicing.taxes import Category, Tax

EUROPE = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)  # of the Union, but France
LONGEST_NAME, LONGEST_TEXT, MOST_LINES = 300, 2000, 100
_ENDPOINT = re.compile(r"[A-Za-z0-9._-]{1,125}")
_COUNTRY = re.compile(r"[A-Z]{2}")
YEARS = range(2000, 2100)  # BR-FR-03


class Lack(msgspec.Struct, frozen=True):
    """`code`: of what is wrong; `line`: of which line, from 1, 0 of the whole; `about`: the word that is wrong."""

    code: str
    line: int = 0
    about: str = ""


def lacks(content: Content, seller: Seller, day: date) -> list[Lack]:
    """All of it, so that whoever writes it sees all at once; empty when it may be issued."""
    return [
        *_seller(content, seller), *_buyer(content.buyer), *_lines(content, seller), *_whole(content, day), *_sums(content)
    ]  # fmt: skip


def _seller(content: Content, seller: Seller) -> Iterator[Lack]:
    if not seller.name.strip():
        yield Lack("seller_name")
    if not (seller.street.strip() and seller.postcode.strip() and seller.city.strip()):
        yield Lack("seller_address")
    if content.kind is Kind.QUOTE:
        return
    if not seller.siren or siren_in(seller.siren) != seller.siren:
        yield Lack("seller_siren", about=seller.siren)
    if seller.siret and seller.siret[:9] != seller.siren:
        yield Lack("seller_siret", about=seller.siret)
    taxed = {line.tax.category for line in content.lines} - {Category.OUTSIDE}
    if taxed and not seller.vat and not seller.franchise:
        yield Lack("seller_vat")
    if seller.endpoint and not _ENDPOINT.fullmatch(seller.endpoint):
        yield Lack("endpoint", about=seller.endpoint)


def _buyer(buyer: Buyer) -> Iterator[Lack]:
    if not buyer.name.strip():
        yield Lack("buyer_name")
    elif len(buyer.name) > LONGEST_NAME:
        yield Lack("buyer_long")
    if not (buyer.street.strip() and buyer.city.strip()) or (buyer.country == "FR" and not buyer.postcode.strip()):
        yield Lack("buyer_address")
    if not _COUNTRY.fullmatch(buyer.country):
        yield Lack("country", about=buyer.country)
    if buyer.business and buyer.country == "FR" and (not buyer.siren or siren_in(buyer.siren) != buyer.siren):
        yield Lack("buyer_siren", about=buyer.siren)
    if buyer.siret and buyer.siret[:9] != buyer.siren:
        yield Lack("buyer_siret", about=buyer.siret)
    endpoint = buyer.endpoint
    if endpoint and (
        not _ENDPOINT.fullmatch(endpoint)
        or (buyer.business and buyer.country == "FR" and not endpoint.startswith(buyer.siren))
    ):
        yield Lack("endpoint", about=endpoint)


def _lines(content: Content, seller: Seller) -> Iterator[Lack]:
    if not content.lines:
        yield Lack("no_line")
    if len(content.lines) > MOST_LINES:
        yield Lack("many_lines")
    for n, line in enumerate(content.lines[:MOST_LINES], 1):
        yield from _line(n, line)
        category = line.tax.category
        if seller.franchise and category is not Category.EXEMPT:
            yield Lack("franchise_taxed", n)
        if category is Category.EXEMPT and not seller.franchise and not content.exemption.strip():
            yield Lack("no_exemption", n)
        if category is Category.REVERSE_CHARGE and not content.buyer.vat:
            yield Lack("reverse_charge_vat", n)
        if category is Category.INTRA_EU and not (content.buyer.vat and content.buyer.country in EUROPE):
            yield Lack("intra_eu_vat", n)
        if category is Category.EXPORT and content.buyer.country in EUROPE | {"FR"}:
            yield Lack("export_country", n)
    categories = {line.tax.category for line in content.lines}
    if Category.OUTSIDE in categories and len(categories) > 1:
        yield Lack("outside_alone")


def _line(n: int, line: Line) -> Iterator[Lack]:
    if not line.name.strip():
        yield Lack("line_name", n)
    elif len(line.name) > LONGEST_NAME or len(line.description) > LONGEST_TEXT:
        yield Lack("line_long", n)
    numbers = (line.quantity, line.price, line.rebate, line.tax.rate)
    if not all(number.is_finite() for number in numbers):
        yield Lack("number", n)
        return
    if places(line.quantity) > QUANTITY_PLACES or abs(line.quantity) > MOST or line.quantity == 0:
        yield Lack("quantity", n, f"{line.quantity:f}")
    if (
        line.price < 0
        or abs(line.quantity * line.price) > MOST
        or places(line.price) > PRICE_PLACES
        or line.price > MOST
    ):
        yield Lack("price", n, f"{line.price:f}")
    if not 0 <= line.rebate <= 100 or places(line.rebate) > 2:
        yield Lack("rebate", n, f"{line.rebate:f}")
    if not line.tax.known:
        yield Lack("rate", n, f"{line.tax.rate:f}")
    if line.unit not in UNITS:
        yield Lack("unit", n, line.unit)


def _whole(content: Content, day: date) -> Iterator[Lack]:
    if day.year not in YEARS:
        yield Lack("year", about=str(day.year))
    if not content.rebate.is_finite() or not 0 <= content.rebate <= 100 or places(content.rebate) > 2:
        yield Lack("rebate", about=f"{content.rebate:f}")
    if not 0 <= content.terms.days <= 365:
        yield Lack("days", about=str(content.terms.days))
    if content.kind is Kind.CREDIT and not content.preceding:
        yield Lack("no_preceding")
    if content.kind is Kind.CORRECTED and len(content.preceding) != 1:
        yield Lack("no_preceding")
    for text in (content.note, content.subject, content.exemption, content.terms.late_rate, content.terms.discount):
        if len(text) > LONGEST_TEXT:
            yield Lack("text_long")
    if content.kind is Kind.QUOTE and content.valid_until is not None and content.valid_until < day:
        yield Lack("valid_until", about=content.valid_until.isoformat())


def _sums(content: Content) -> Iterator[Lack]:
    if countable(content) != content:
        return  # said already
    found = content.totals()
    if found.gross > MOST:
        yield Lack("too_much")
    if found.gross < ZERO or any(each.net < ZERO for each in found.taxes):
        yield Lack("below_zero")


def countable(content: Content) -> Content:
    """The same with 0 for each number that is none, or larger than anybody owes."""

    def number(given: Decimal) -> Decimal:
        return given if given.is_finite() and abs(given) <= MOST else ZERO

    def percent(given: Decimal) -> Decimal:
        return given if given.is_finite() and 0 <= given <= 100 else ZERO

    def price(line: Line) -> Decimal:
        return number(line.price) if abs(number(line.quantity) * number(line.price)) <= MOST else ZERO

    lines = tuple(
        msgspec.structs.replace(
            line, quantity=number(line.quantity), price=price(line), rebate=percent(line.rebate),
            tax=line.tax if line.tax.rate == percent(line.tax.rate) else Tax(line.tax.category, ZERO),
        )
        for line in content.lines
    )  # fmt: skip
    return msgspec.structs.replace(content, lines=lines, rebate=percent(content.rebate))
