"""A draft is issued: its number, its date and all that it says are given in one transaction, and never change again (ADR 26)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
from django.db.models import Q
from django.utils import timezone

from syncd.portal.invoicing import credits, drafts, files, numbering, profile, xml_validity
from syncd.portal.invoicing.content import Content, Frozen, Kind
from syncd.portal.invoicing.drafts import content_of, frozen_of, summarised
from syncd.portal.invoicing.entry import Level, Sales, changing, enter
from syncd.portal.invoicing.freezing import freeze
from syncd.portal.invoicing.profile import Profile
from syncd.portal.invoicing.readiness import Lack, countable, lacks
from syncd.portal.models import Client
from syncd.portal.models.sales import SalesDocument, SalesSeries
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person


def missing(sales: Sales, row: SalesDocument) -> list[Lack]:
    """What a draft lacks to be issued today."""
    return lacks(content_of(row), profile.of(sales).seller, timezone.localdate())


def issue(actor: Person, client: Client, document_id: str, today: date | None = None) -> SalesDocument:
    """Raises Refusal, and then no number was given. The file is made after; when it cannot be made now, it is made later."""
    day = today or timezone.localdate()
    sales = enter(actor, client, Level.ISSUE)
    before = drafts.draft(sales, document_id)
    content = content_of(before)
    known = profile.of(sales)
    checked = _tried(sales, content, known, day)
    with changing(actor, client, Level.ISSUE) as now:
        row = drafts.draft(now, document_id)
        if row.content != before.content or profile.of(now) != known:
            raise Refusal(Code.SALES_CHANGED)
        profile.check_numbers(now)
        _follow(now, row, content)
        number = _number(now, row.family, known, day)
        frozen = freeze(content, known.seller, known.look, number, day)
        row.number, row.issued, row.checked = number, day, checked
        row.frozen, row.content = msgspec.json.encode(frozen).decode(), ""
        row.summary = msgspec.json.encode(summarised(content, frozen.due)).decode()
        row.changed_at, row.changed_by = datetime.now(UTC), now.actor.name
        row.save()
        now.note("issued", number)
    files.try_to_make(actor, client, row)
    return row


def _tried(sales: Sales, content: Content, known: Profile, day: date) -> str:
    """The checks that it passes, with the number that would come next: they take longer than a lock may be held. Raises Refusal."""
    if lacks(content, known.seller, day):
        raise Refusal(Code.SALES_LACKS)
    files.check_means()
    if content.kind is Kind.QUOTE:
        return ""
    series = numbering.series(known.prefixes.of(content.kind.family), day)
    last = sales.series.filter(series=series).values_list("last", flat=True).first() or 0
    return xml_validity.checked_xml(freeze(content, known.seller, known.look, numbering.number(series, last + 1), day))[
        1
    ]


def _number(sales: Sales, family: str, known: Profile, day: date) -> str:
    """The next of its series. The cabinet's row is locked; the counter and what bears its number stand or fall together."""
    series = numbering.series(known.prefixes.of(family), day)
    mine = Q(family=family) | Q(number__startswith=series)
    last = sales.documents.filter(mine).exclude(number="").order_by("-issued", "-number").first()
    if last is not None and last.issued is not None and day < last.issued:
        raise Refusal(Code.SALES_ANTEDATED, day=f"{day:%d/%m/%Y}", number=last.number)
    counter = sales.series.select_for_update().filter(series=series).first()
    if counter is None:
        counter = SalesSeries(client=sales.client, series=series, last=0)
        counter.save(force_insert=True)
    counter.last += 1
    counter.save(update_fields=["last"])
    number = numbering.number(series, counter.last)
    if not numbering.fits(number):
        raise Refusal(Code.SALES_PREFIX, prefix=series, allowed=numbering.ALLOWED)
    return number


def _follow(sales: Sales, row: SalesDocument, content: Content) -> None:
    """Whether what it follows from still stands as the draft has it. Raises Refusal."""
    if not row.source:
        return
    source = drafts.one(sales, row.source)
    match content.kind:
        case Kind.PREPAYMENT:
            if source.closed:
                raise Refusal(Code.SALES_INVOICED)
            drafts.check_left(sales, source, content.totals())
        case Kind.INVOICE | Kind.FINAL:
            if source.closed:
                raise Refusal(Code.SALES_INVOICED)
            if tuple(drafts.deductions(sales, source)) != content.deductions:
                raise Refusal(Code.SALES_CHANGED)
            sales.documents.filter(id=source.id).update(closed=True)
        case Kind.CREDIT:
            invoice = frozen_of(source)
            before = [frozen_of(c).totals for c in drafts.credit_notes(sales, source)]
            if source.closed or not credits.fits(invoice.totals, before, content.totals()):
                raise Refusal(Code.SALES_CREDIT_BEYOND, number=source.number)
        case Kind.CORRECTED:
            if source.closed or drafts.credit_notes(sales, source):
                raise Refusal(Code.SALES_CREDIT_BEYOND, number=source.number)
            sales.documents.filter(id=source.id).update(closed=True)
        case Kind.QUOTE:
            pass


def as_if_issued(sales: Sales, row: SalesDocument) -> Frozen:
    """What a draft would be, were it issued today."""
    known = profile.of(sales)
    return freeze(countable(content_of(row)), known.seller, known.look, "", timezone.localdate())
