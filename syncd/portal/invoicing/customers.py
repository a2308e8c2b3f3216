"""The customers and the articles that a company keeps, to be chosen and not typed again."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from syncd.core.company_numbers import siren_in
from syncd.core.search_folding import fold
from syncd.portal.invoicing.content import Buyer
from syncd.portal.invoicing.entry import Level, Sales, changing, enter
from syncd.portal.invoicing.invoice_lines import MOST as MOST_PRICE
from syncd.portal.invoicing.invoice_lines import PRICE_PLACES, UNITS, Line, places
from syncd.portal.models import Client
from syncd.portal.models.sales import SalesArticle, SalesCustomer
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person

MOST = 5000
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Customer:
    id: str
    buyer: Buyer


@dataclass(frozen=True, slots=True)
class Article:
    id: str
    line: Line


def customers_of(sales: Sales) -> list[Customer]:
    """By name."""
    rows = sales.customers.filter(retired=False)[: MOST + 1]
    found = [Customer(r.id, msgspec.json.decode(r.data, type=Buyer)) for r in rows if r.data]
    return sorted(found, key=lambda c: (fold(c.buyer.name), c.id))


def articles_of(sales: Sales) -> list[Article]:
    """By name."""
    rows = sales.articles.filter(retired=False)[: MOST + 1]
    found = [Article(r.id, msgspec.json.decode(r.data, type=Line)) for r in rows if r.data]
    return sorted(found, key=lambda a: (fold(a.line.name), a.id))


def customers(actor: Person, client: Client) -> list[Customer]:
    """Raises Refusal."""
    return customers_of(enter(actor, client))


def articles(actor: Person, client: Client) -> list[Article]:
    """Raises Refusal."""
    return articles_of(enter(actor, client))


def check_customer(buyer: Buyer) -> None:
    """What may be kept; what an invoice needs besides is asked when it is issued. Raises Refusal."""
    if not buyer.name.strip() or len(buyer.name) > LONGEST:
        raise Refusal(Code.SALES_CUSTOMER, most=LONGEST)
    if buyer.siren and siren_in(buyer.siren) != buyer.siren:
        raise Refusal(Code.SIREN_WRONG, text=buyer.siren[:20])
    if any(len(str(value)) > 1000 for value in msgspec.structs.asdict(buyer).values()):
        raise Refusal(Code.SALES_CUSTOMER, most=LONGEST)


def check_article(line: Line) -> None:
    """Raises Refusal."""
    numbers_fit = line.price.is_finite() and 0 <= line.price <= MOST_PRICE and places(line.price) <= PRICE_PLACES
    named = (
        bool(line.name.strip())
        and len(line.name) <= LONGEST
        and len(line.description) <= 2000
        and len(line.reference) <= 100
    )
    if not named or not numbers_fit or not line.tax.known or line.unit not in UNITS:
        raise Refusal(Code.SALES_ARTICLE, most=LONGEST)


def keep_customer(actor: Person, client: Client, buyer: Buyer, customer_id: str = "") -> str:
    """A new one, or one that is there. Issued invoices keep what they say. Raises Refusal."""
    check_customer(buyer)
    with changing(actor, client, Level.DRAFT) as sales:
        return put_customer(sales, buyer, customer_id)


def put_customer(sales: Sales, buyer: Buyer, customer_id: str = "") -> str:
    data = msgspec.json.encode(buyer).decode()
    if customer_id:
        if not sales.customers.filter(id=customer_id, retired=False).update(data=data):
            raise Refusal(Code.SALES_GONE)
        return customer_id
    if sales.customers.filter(retired=False).count() >= MOST:
        raise Refusal(Code.SALES_MANY, most=MOST)
    row = SalesCustomer(client=sales.client, data=data)
    row.save(force_insert=True)
    return row.id


def keep_article(actor: Person, client: Client, line: Line, article_id: str = "") -> str:
    """Raises Refusal."""
    check_article(line)
    with changing(actor, client, Level.DRAFT) as sales:
        return put_article(sales, line, article_id)


def put_article(sales: Sales, line: Line, article_id: str = "") -> str:
    data = msgspec.json.encode(line).decode()
    if article_id:
        if not sales.articles.filter(id=article_id, retired=False).update(data=data):
            raise Refusal(Code.SALES_GONE)
        return article_id
    if sales.articles.filter(retired=False).count() >= MOST:
        raise Refusal(Code.SALES_MANY, most=MOST)
    row = SalesArticle(client=sales.client, data=data)
    row.save(force_insert=True)
    return row.id


def retire(actor: Person, client: Client, *, customer_id: str = "", article_id: str = "") -> None:
    """No longer offered. Raises Refusal."""
    with changing(actor, client, Level.DRAFT) as sales:
        rows = sales.customers if customer_id else sales.articles
        if not rows.filter(id=customer_id or article_id, retired=False).update(retired=True):
            raise Refusal(Code.SALES_GONE)
