"""Quotes and invoices while they may change: begun, written, thrown away; made of a quote, or of what was issued."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
from django.utils import timezone

from syncd.portal.invoicing import credits, instalments, profile
from syncd.portal.invoicing.content import Buyer, Content, Frozen, Kind, Preceding
from syncd.portal.invoicing.entry import Level, Sales, changing, enter
from syncd.portal.invoicing.invoice_lines import Deduction
from syncd.portal.invoicing.readiness import countable
from syncd.portal.invoicing.sheet import title
from syncd.portal.invoicing.totals import Totals
from syncd.portal.models import Client
from syncd.portal.models.sales import SalesDocument
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person

QUOTE_DAYS = timedelta(days=30)
MOST_DRAFTS = 1000


class Summary(msgspec.Struct, frozen=True):
    """What lists say. `net`, `gross`: as decimals in text."""

    buyer: str = ""
    subject: str = ""
    net: str = "0"
    gross: str = "0"
    due: date | None = None


def content_of(row: SalesDocument) -> Content:
    return frozen_of(row).content if row.number else msgspec.json.decode(row.content, type=Content)


def frozen_of(row: SalesDocument) -> Frozen:
    return msgspec.json.decode(row.frozen, type=Frozen)


def summary_of(row: SalesDocument) -> Summary:
    return msgspec.json.decode(row.summary, type=Summary) if row.summary else Summary()


def one(sales: Sales, document_id: str) -> SalesDocument:
    """Raises Refusal."""
    row = sales.documents.filter(id=document_id).first()
    if row is None:
        raise Refusal(Code.SALES_GONE)
    return row


def begin(actor: Person, client: Client, kind: Kind, buyer: Buyer | None = None) -> SalesDocument:
    """Of all but its lines as the reference document says. Raises Refusal."""
    with changing(actor, client, Level.DRAFT) as sales:
        known = profile.of(sales)
        content = Content(kind=kind, terms=known.terms)
        reference = sales.documents.filter(id=known.reference).first() if known.reference else None
        if reference is not None:
            was = content_of(reference)
            content = Content(
                kind=kind, terms=was.terms, note=was.note, rebate=was.rebate, with_vat=was.with_vat, exemption=was.exemption,
            )  # fmt: skip
        if kind is Kind.QUOTE:
            content = msgspec.structs.replace(content, valid_until=timezone.localdate() + QUOTE_DAYS)
        if buyer is not None:
            content = msgspec.structs.replace(content, buyer=buyer)
        return _made(sales, content, "")


def copy(actor: Person, client: Client, document_id: str) -> SalesDocument:
    """A draft of the same content, for another sale. Raises Refusal."""
    with changing(actor, client, Level.DRAFT) as sales:
        was = content_of(one(sales, document_id))
        kind = Kind.QUOTE if was.kind is Kind.QUOTE else Kind.INVOICE
        until = timezone.localdate() + QUOTE_DAYS if kind is Kind.QUOTE else None
        return _made(
            sales, msgspec.structs.replace(was, kind=kind, deductions=(), preceding=(), supplied=None, valid_until=until), ""
        )  # fmt: skip


def save(actor: Person, client: Client, document_id: str, wanted: Content) -> SalesDocument:
    """What a draft says; what it is, and what it follows from, stays. Raises Refusal."""
    with changing(actor, client, Level.DRAFT) as sales:
        row = draft(sales, document_id)
        was = content_of(row)
        kept = msgspec.structs.replace(
            wanted,
            kind=was.kind,
            deductions=() if _cut(was, wanted) else was.deductions,
            preceding=was.preceding,
            of_prepayment=was.of_prepayment,
        )
        _write(sales, row, kept)
        row.save()
        return row


def _cut(was: Content, wanted: Content) -> bool:
    """Whether a credit note takes back parts alone: what was asked for before is no part of those."""

    def amounts(of: Content) -> list[tuple[object, ...]]:
        return [(x.quantity, x.price, x.tax, x.rebate) for x in of.lines]

    return was.kind is Kind.CREDIT and amounts(was) != amounts(wanted)


def throw_away(actor: Person, client: Client, document_id: str) -> None:
    """A draft alone: it has no number, so none is missing. Raises Refusal."""
    with changing(actor, client, Level.DRAFT) as sales:
        row = draft(sales, document_id)
        sales.documents.filter(id=row.id, number="").delete()


def draft(sales: Sales, document_id: str) -> SalesDocument:
    """Raises Refusal of what is issued, or gone."""
    row = one(sales, document_id)
    if row.number:
        raise Refusal(Code.SALES_ISSUED, number=row.number)
    return row


# -- of a quote ------------------------------------------------------------------------------------------------------------


def prepay(actor: Person, client: Client, quote_id: str, percent: Decimal) -> SalesDocument:
    """A prepayment invoice for so many per cent of an issued quote. Raises Refusal."""
    if not percent.is_finite() or not 1 <= percent <= 99:
        raise Refusal(Code.SALES_PERCENT)
    with changing(actor, client, Level.DRAFT) as sales:
        row, quote = _open_quote(sales, quote_id)
        said = f"Acompte de {percent.normalize():f} % sur le devis {row.number}".replace(".", ",")
        goods = {line.tax for line in quote.content.lines if line.goods} - {
            line.tax for line in quote.content.lines if not line.goods
        }
        lines = instalments.prepayment(quote.totals, percent, said, goods=goods)
        check_left(sales, row, Content(lines=tuple(lines)).totals())
        content = msgspec.structs.replace(
            quote.content, kind=Kind.PREPAYMENT, lines=tuple(lines), rebate=Decimal(0), with_vat=False, valid_until=None
        )
        return _made(sales, content, row.id)


def bill(actor: Person, client: Client, quote_id: str) -> SalesDocument:
    """The invoice of an issued quote: all of it, or what its prepayments have left. A draft of it that is there is given back.
    Raises Refusal."""
    with changing(actor, client, Level.DRAFT) as sales:
        row, quote = _open_quote(sales, quote_id)
        kinds = (Kind.INVOICE, Kind.FINAL)
        begun = sales.documents.filter(source=row.id, number="", kind__in=kinds).first()
        taken = tuple(deductions(sales, row))
        kind = Kind.FINAL if taken else Kind.INVOICE
        content = msgspec.structs.replace(quote.content, kind=kind, deductions=taken, valid_until=None)
        if begun is None:
            return _made(sales, content, row.id)
        if content_of(begun).deductions != taken:
            begun.kind = kind
            _write(sales, begun, msgspec.structs.replace(content_of(begun), kind=kind, deductions=taken))
            begun.save()
        return begun


def _open_quote(sales: Sales, quote_id: str) -> tuple[SalesDocument, Frozen]:
    row = one(sales, quote_id)
    if row.kind != Kind.QUOTE or not row.number:
        raise Refusal(Code.SALES_GONE)
    if row.closed:
        raise Refusal(Code.SALES_INVOICED)
    return row, frozen_of(row)


def deductions(sales: Sales, quote: SalesDocument) -> list[Deduction]:
    """What issued prepayment invoices of a quote asked for, less what was taken back of them."""
    found = []
    asked = (
        sales.documents.filter(source=quote.id, kind=Kind.PREPAYMENT).exclude(number="").order_by("issued", "number")
    )
    for row in asked:
        frozen = frozen_of(row)
        back = [frozen_of(c).totals for c in credit_notes(sales, row)]
        for each in instalments.deductions(row.number, frozen.issued, frozen.totals):
            mine = [t for one_back in back for t in one_back.taxes if t.tax == each.tax]
            net = each.net - sum((t.net for t in mine), Decimal(0))
            vat = each.vat - sum((t.vat for t in mine), Decimal(0))
            if net or vat:
                found.append(msgspec.structs.replace(each, net=net, vat=vat))
    return found


def check_left(sales: Sales, quote: SalesDocument, this: Totals) -> None:
    """Raises Refusal when prepayments would ask for more than the quote comes to."""
    whole = frozen_of(quote).totals
    left = {each.tax: each.net for each in whole.taxes}
    for deduction in deductions(sales, quote):
        left[deduction.tax] = left.get(deduction.tax, Decimal(0)) - deduction.net
    for each in this.taxes:
        if abs(left.get(each.tax, Decimal(0))) < abs(each.net):
            raise Refusal(Code.SALES_BEYOND)


# -- of an issued invoice --------------------------------------------------------------------------------------------------


def credit(actor: Person, client: Client, document_id: str) -> SalesDocument:
    """A credit note of all that is left of an issued invoice, whose lines may still be cut. Raises Refusal."""
    with changing(actor, client, Level.DRAFT) as sales:
        row = _issued(sales, document_id)
        return _made(sales, credits.of(frozen_of(row)), row.id)


def correct(actor: Person, client: Client, document_id: str) -> SalesDocument:
    """An invoice that takes the place of an issued one, which it names. Raises Refusal."""
    with changing(actor, client, Level.DRAFT) as sales:
        row = _issued(sales, document_id)
        if row.kind == Kind.PREPAYMENT:  # what closes the sale takes that very one off: a credit note, then another
            raise Refusal(Code.SALES_PREPAID)
        frozen = frozen_of(row)
        content = msgspec.structs.replace(
            frozen.content, kind=Kind.CORRECTED, preceding=(Preceding(frozen.number, frozen.issued),)
        )
        return _made(sales, content, row.id)


def _issued(sales: Sales, document_id: str) -> SalesDocument:
    row = one(sales, document_id)
    if not row.number or not credits.may_be_credited(Kind(row.kind)):
        raise Refusal(Code.SALES_NO_CREDIT)
    return row


def credit_notes(sales: Sales, invoice: SalesDocument) -> list[SalesDocument]:
    return list(sales.documents.filter(source=invoice.id, kind=Kind.CREDIT).exclude(number="").order_by("number"))


# -- rows ------------------------------------------------------------------------------------------------------------------


def _made(sales: Sales, content: Content, source: str) -> SalesDocument:
    if sales.documents.filter(number="").count() >= MOST_DRAFTS:
        raise Refusal(Code.SALES_MANY, most=MOST_DRAFTS)
    row = SalesDocument(client=sales.client, kind=content.kind, family=content.kind.family, source=source)
    _write(sales, row, content)
    row.save(force_insert=True)
    return row


def _write(sales: Sales, row: SalesDocument, content: Content) -> None:
    row.content = msgspec.json.encode(content).decode()
    row.summary = msgspec.json.encode(summarised(content)).decode()
    row.changed_at, row.changed_by = datetime.now(UTC), sales.actor.name


def summarised(content: Content, due: date | None = None) -> Summary:
    totals = countable(content).totals()
    return Summary(content.buyer.name, content.subject, f"{totals.net:f}", f"{totals.gross:f}", due)


def named(row: SalesDocument) -> str:
    return title(content_of(row), row.number)


def seen(actor: Person, client: Client, document_id: str) -> tuple[Sales, SalesDocument]:
    """Raises Refusal."""
    sales = enter(actor, client)
    return sales, one(sales, document_id)
