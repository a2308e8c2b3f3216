"""A company's quotes and invoices: their list, a draft, what was issued, its file. To whoever may not see them, none of it exists."""

from __future__ import annotations

import base64
import hashlib
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from syncd.core.untrusted_numbers import number
from syncd.portal.invoicing import (
    customers,
    drafts,
    entry,
    exports,
    files,
    issuing,
    listing,
    profile,
    sending,
    sheet,
    typed_values,
)
from syncd.portal.invoicing.entry import Level, Sales
from syncd.portal.invoicing.listing import Entry, Wanted
from syncd.portal.language import money
from syncd.portal.models import Client
from syncd.portal.private_space import spaces
from syncd.portal.web import sales_words
from syncd.portal.web.download import PDF
from syncd.portal.web.private_space import entered
from syncd.portal.web.request import Asker

FAMILIES = ("", "quote", "invoice", "credit")
BLANK, MORE = 3, 8  # lines to be filled in


def address(client: Client, document_id: str = "") -> str:
    return (
        reverse("sales_document", args=[client.code, document_id])
        if document_id
        else reverse("sales", args=[client.code])
    )


@require_GET
@entered
def home(asker: Asker) -> HttpResponse:
    """Of several companies, which; of one, its own; of none, where to begin."""
    found = entry.places_of(asker.person)
    if len(found) == 1:
        return redirect(address(found[0]))
    private = spaces.places_of(asker.person)
    if not found and not private:
        raise Http404
    return asker.page("sales_home", clients=found, private=private)


@require_GET
@entered
def show(asker: Asker, code: str) -> HttpResponse:
    client, query = asker.client(code), asker.request.GET
    family = query.get("type", "")
    wanted = Wanted(
        family if family in FAMILIES else "",
        "draft" if query.get("etat") == "brouillons" else "",
        query.get("q", "")[:200],
    )
    found = listing.listed(asker.person, client, wanted, number(query.get("page", "1")) or 1)
    sales = entry.enter(asker.person, client)
    kept = {n: v for n, v in (("type", wanted.family), ("q", wanted.words)) if v}
    return asker.page(
        "sales", client=client, rows=[_row(e) for e in found.entries], total=found.total, page=found.page, pages=found.pages,
        family=wanted.family, words=wanted.words, query=urlencode(kept), may_draft=sales.may(Level.DRAFT), may_issue=sales.may(Level.ISSUE),
        can_write=files.can_write(), today=timezone.localdate(), first=date(timezone.localdate().year, 1, 1),
    )  # fmt: skip


def _row(e: Entry) -> dict[str, Any]:
    sign = "−" if e.row.kind == "credit" else ""
    return {
        "row": e.row, "summary": e.summary, "kind": sales_words.kind(e.row.kind),
        "gross": sign + money(typed_values.number(e.summary.gross), "EUR"), "net": sign + money(typed_values.number(e.summary.net), "EUR"),
    }  # fmt: skip


@require_GET
@entered
def document(asker: Asker, code: str, document_id: str) -> HttpResponse:
    client = asker.client(code)
    sales, row = drafts.seen(asker.person, client, document_id)
    return _issued(asker, client, sales, row) if row.number else _draft(asker, client, sales, row)


def _draft(asker: Asker, client: Client, sales: Sales, row: Any) -> HttpResponse:
    content = drafts.content_of(row)
    blank = MORE if asker.request.GET.get("lignes") else BLANK
    lacking = [sales_words.lack(x) for x in issuing.missing(sales, row)]
    frozen = issuing.as_if_issued(sales, row)
    return asker.page(
        "sales_draft", client=client, document=row, content=content, kind=sales_words.kind(row.kind), lacking=lacking,
        lines=[*(_line(x) for x in content.lines), *[None] * blank], fixed=bool(content.deductions),
        customers=customers.customers_of(sales), articles=customers.articles_of(sales),
        taxes=sales_words.taxes(), units=sales_words.units(), may_draft=sales.may(Level.DRAFT), may_issue=sales.may(Level.ISSUE),
        can_write=files.can_write(), net=money(frozen.totals.net, "EUR"), vat=money(frozen.totals.vat, "EUR"), gross=money(frozen.totals.gross, "EUR"),
        franchise=profile.of(sales).seller.franchise, rebate=text_of(content.rebate) if content.rebate else "",
        reference=profile.of(sales).reference == row.id,
    )  # fmt: skip


def _line(line: Any) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(line), "tax": typed_values.tax_text(line.tax), "quantity": text_of(line.quantity), "price": text_of(line.price),
        "rebate": text_of(line.rebate) if line.rebate else "",
    }  # fmt: skip


def text_of(value: Any) -> str:
    return f"{value.normalize():f}".replace(".", ",") if value.is_finite() else ""


def _issued(asker: Asker, client: Client, sales: Sales, row: Any) -> HttpResponse:
    frozen = drafts.frozen_of(row)
    source = sales.documents.filter(id=row.source).first() if row.source else None
    return asker.page(
        "sales_issued", client=client, document=row, frozen=frozen, heading=sales_words.heading(frozen.content, row.number),
        gross=money(frozen.totals.gross, "EUR"), follows=[_row(e) for e in listing.follows(sales, row)], source=source,
        may_draft=sales.may(Level.DRAFT), may_issue=sales.may(Level.ISSUE), is_quote=row.family == "quote", is_invoice=row.family == "invoice",
        sends=[(f, asker.labels.shown(f)) for f in sending.folders(asker.person, client)] if row.family != "quote" else [],
        reference=profile.of(sales).reference == row.id,
    )  # fmt: skip


@require_GET
@entered
def as_sheet(asker: Asker, code: str, document_id: str) -> HttpResponse:
    """The sheet as a page of its own, which a frame shows: what the PDF shows, and nothing runs in it."""
    client = asker.client(code)
    sales, row = drafts.seen(asker.person, client, document_id)
    frozen = issuing.as_if_issued(sales, row) if not row.number else None
    page = HttpResponse(files.shown(sales, row, frozen))
    style = sheet.style((frozen or drafts.frozen_of(row)).look.colour)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; frame-ancestors 'self'"
    )
    page.headers["X-Frame-Options"] = "SAMEORIGIN"
    return page


@require_GET
@entered
def file(asker: Asker, code: str, document_id: str) -> HttpResponseBase:
    """The file of what was issued: shown, which is how it is printed, or taken along."""
    row, source = files.opened(asker.person, asker.client(code), document_id)
    taken = asker.request.GET.get("prendre") == "1"
    response = FileResponse(source, as_attachment=taken, filename=files.name_of(row), content_type="application/pdf")
    response.headers["Content-Security-Policy"] = PDF
    return response


@require_GET
@entered
def mail(asker: Asker, code: str, document_id: str) -> HttpResponse:
    name, message = exports.mail_of(asker.person, asker.client(code), document_id)
    return taken(message, "message/rfc822", name)


@require_GET
@entered
def export(asker: Asker, code: str, kind: str) -> HttpResponse:
    """Of the days `du` to `au`."""
    client, query = asker.client(code), asker.request.GET
    today = timezone.localdate()
    first = typed_values.day(query.get("du", "")) or date(today.year, 1, 1)
    last = typed_values.day(query.get("au", "")) or today
    name = f"{client.code} - factures {first:%Y-%m-%d} {last:%Y-%m-%d}"
    if kind == "xlsx":
        made = exports.xlsx_of(asker.person, client, first, last)
        return taken(made, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", f"{name}.xlsx")
    return taken(exports.csv_of(asker.person, client, first, last), "text/csv; charset=utf-8", f"{name}.csv")


def taken(data: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(
        data, content_type=kind, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    )
