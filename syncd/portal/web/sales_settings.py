"""Customers, articles, and how a company sells: pages beside its quotes and invoices."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from syncd.portal.invoicing import customers, files, keys, mentions, numbering, profile, sheet_import, typed_values
from syncd.portal.invoicing.content import Buyer
from syncd.portal.invoicing.entry import Level, enter
from syncd.portal.web import sales_words
from syncd.portal.web.private_space import entered
from syncd.portal.web.request import Asker
from syncd.portal.web.sales import taken, text_of


@require_GET
@entered
def customer_list(asker: Asker, code: str) -> HttpResponse:
    client = asker.client(code)
    sales = enter(asker.person, client)
    found, wanted = customers.customers_of(sales), asker.request.GET.get("client", "")
    return asker.page(
        "sales_customers", client=client, customers=found, may_draft=sales.may(Level.DRAFT),
        chosen=next((c for c in found if c.id == wanted), None), open=bool(wanted) or not found, empty=Buyer(),
    )  # fmt: skip


@require_GET
@entered
def article_list(asker: Asker, code: str) -> HttpResponse:
    client = asker.client(code)
    sales = enter(asker.person, client)
    found, wanted = customers.articles_of(sales), asker.request.GET.get("article", "")
    words = dict(sales_words.taxes())
    rows = [
        {
            "id": a.id, "line": a.line, "price": text_of(a.line.price), "tax": typed_values.tax_text(a.line.tax),
            "said": words.get(typed_values.tax_text(a.line.tax), ""),
        }
        for a in found
    ]  # fmt: skip
    return asker.page(
        "sales_articles", client=client, articles=rows, may_draft=sales.may(Level.DRAFT), taxes=sales_words.taxes(), units=sales_words.units(),
        chosen=next((r for r in rows if r["id"] == wanted), None), open=bool(wanted) or not found,
    )  # fmt: skip


@require_GET
@entered
def model(asker: Asker, code: str, what: str) -> HttpResponse:
    """The empty Excel sheet."""
    kind: sheet_import.What = "articles" if what == "articles" else "customers"
    made = sheet_import.model(asker.person, asker.client(code), kind)
    return taken(made, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", f"{what}.xlsx")


@require_GET
@entered
def show(asker: Asker, code: str) -> HttpResponse:
    client = asker.client(code)
    sales = enter(asker.person, client, Level.ISSUE)
    known, today = profile.of(sales), timezone.localdate()
    series = {family: numbering.series(known.prefixes.of(family), today) for family in ("quote", "invoice", "credit")}
    started = dict(sales.series.filter(series__in=series.values()).values_list("series", "last"))
    numbers = [(f, s, numbering.number(s, started.get(s, 0) + 1), s in started) for f, s in series.items()]
    return asker.page(
        "sales_settings", client=client, profile=known, models=sales_words.models(), logo_places=sales_words.logo_places(), numbers=numbers,
        holders=keys.holders(asker.person, client) if sales.manages else [],
        acts=[(a, sales_words.done(a.what)) for a in keys.trail(asker.person, client)] if sales.manages else [], levels=sales_words.levels(), can_write=files.can_write(), put_back=profile.put_back(sales),
        mentions=[m for m in mentions.shipped() if m.valid_to >= today], manages=sales.manages, has_logo=bool(known.look.logo),
    )  # fmt: skip
