"""The list of a company's quotes and invoices, and what follows from one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from syncd.core.search_folding import fold
from syncd.portal.invoicing.drafts import Summary, summary_of
from syncd.portal.invoicing.entry import Sales, enter
from syncd.portal.models import Client
from syncd.portal.models.sales import SalesDocument
from syncd.portal.rights import Person

SHOWN = 100
SOUGHT = 5000  # whose words are opened, the newest


@dataclass(frozen=True, slots=True)
class Entry:
    row: SalesDocument
    summary: Summary


@dataclass(frozen=True, slots=True)
class Wanted:
    """`family`: quote, invoice, credit, '' for all; `state`: draft, issued, '' for both."""

    family: str = ""
    state: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    entries: Sequence[Entry]
    total: int
    page: int
    pages: int


def listed(actor: Person, client: Client, wanted: Wanted, page: int = 1) -> Listed:
    """Drafts first, then the newest. Raises Refusal."""
    return _cut(_rows(enter(actor, client), wanted), wanted.words, page)


def _rows(sales: Sales, wanted: Wanted) -> QuerySet[SalesDocument]:
    rows = sales.documents.defer("content", "frozen", "changed_by").order_by("issued", "-number", "-changed_at")
    if wanted.family:
        rows = rows.filter(family=wanted.family)
    if wanted.state == "draft":
        rows = rows.filter(number="")
    elif wanted.state == "issued":
        rows = rows.exclude(number="")
    return rows


def _cut(rows: QuerySet[SalesDocument], words: str, page: int) -> Listed:
    drafts = rows.filter(number="").order_by("-changed_at")
    done = rows.exclude(number="").order_by("-issued", "-number")
    if words.strip():
        sought = [fold(w) for w in words.split()[:10]]
        entries = [Entry(r, summary_of(r)) for r in [*drafts[:SOUGHT], *done[:SOUGHT]]]
        found = [e for e in entries if all(w in _text(e) for w in sought)]
        total = len(found)
        page = _page(page, total)
        shown = found[(page - 1) * SHOWN : page * SHOWN]
    else:
        n, total = drafts.count(), rows.count()
        page = _page(page, total)
        first, last = (page - 1) * SHOWN, page * SHOWN
        of_drafts = list(drafts[first:last]) if first < n else []
        of_done = list(done[max(0, first - n) : max(0, last - n)]) if last > n else []
        shown = [Entry(r, summary_of(r)) for r in [*of_drafts, *of_done]]
    return Listed(shown, total, page, max(1, -(-total // SHOWN)))


def _page(wanted: int, total: int) -> int:
    return min(max(1, wanted), max(1, -(-total // SHOWN)))


def _text(entry: Entry) -> str:
    return fold(f"{entry.row.number} {entry.summary.buyer} {entry.summary.subject} {entry.summary.gross}")


def follows(sales: Sales, row: SalesDocument) -> list[Entry]:
    """What was made of it: prepayments, the invoice, credit notes."""
    rows = sales.documents.filter(source=row.id).defer("content", "frozen", "changed_by").order_by("changed_at")
    return [Entry(r, summary_of(r)) for r in rows[:SHOWN]]


def between(sales: Sales, first: date, last: date) -> QuerySet[SalesDocument]:
    """Issued invoices and credit notes of those days, in the order of their numbers."""
    rows = sales.documents.exclude(number="").exclude(family="quote").filter(issued__gte=first, issued__lte=last)
    return rows.order_by("issued", "changed_at", "number")
