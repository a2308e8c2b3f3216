"""A date that a document seems to have dealt with: proposed to the cabinet, which says yes or goes on waiting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from syncd.core import paths
from syncd.core.named_months import fits
from syncd.core.search_folding import fold
from syncd.portal.calendar.seen_dates import Line
from syncd.portal.models import Client, Document
from syncd.portal.people.visibility import visible
from syncd.portal.rights import Person, may_keep_dates

LATE = timedelta(days=90)  # how long after its day a document still counts for a date
QUARTER = timedelta(days=95)
_MOST = 2000


def proposals(actor: Person, client: Client, lines: Sequence[Line]) -> Mapping[str, Document]:
    """By key: the first document that came between the period's end and some time after the day, into a folder of the rule's
    kind, and is called as the rule says, by no other month. A document shows one date. Nothing is ticked by it."""
    open_ = [x for x in lines if x.legal is not None and x.legal.rule.documents and x.tick is None and not x.hidden]
    if not open_ or not may_keep_dates(actor, client.id, client.closed):
        return {}
    kinds = {x.legal.rule.kind for x in open_ if x.legal}
    first, last = min(x.legal.end for x in open_ if x.legal), max(x.day for x in open_) + LATE
    between = Q(created_at__gt=_moment(first), created_at__lt=_moment(last))
    came = Document.objects.filter(visible(actor), between, client=client, kind__in=kinds, tombstone="").order_by(
        "created_at"
    )[:_MOST]
    found, used = dict[str, Document](), set[str]()
    documents = [(d, _words(paths.name(d.path)), timezone.localdate(d.created_at)) for d in came]
    for line in open_:
        for document, name, on in documents:
            if document.id not in used and _shows(line, document, name, on):
                found[line.key] = document
                used.add(document.id)
                break
    return found


def _shows(line: Line, document: Document, name: str, on: date) -> bool:
    assert line.legal is not None
    rule = line.legal.rule
    if document.kind != rule.kind or not line.legal.end < on <= line.day + LATE:
        return False
    short = line.legal.end - line.legal.start < QUARTER  # else a name may tell of the month in which it was filed
    if not fits(document.path, line.legal.start, line.legal.end if short else line.day + LATE):
        return False
    return any(_words(word) in name for word in rule.documents)


def _words(text: str) -> str:
    """Apart by single blanks, with one before and after: « ca3 » is not in « ca32 »."""
    return f" {' '.join(''.join(c if c.isalnum() else ' ' for c in fold(text)).split())} "


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
