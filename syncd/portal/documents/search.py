"""Documents as people look for them: words folded, cut by type, state, exercise, dates and depositor; within rights."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from syncd.core import paths
from syncd.core.search_folding import fold, wanted_words
from syncd.core.text_search import Piece, excerpt
from syncd.portal.documents import invoices
from syncd.portal.documents.listing import sent_by_company
from syncd.portal.models import Client, DeletionRequest, Document, Exercise, Thread, Version
from syncd.portal.people.visibility import messages, reached_clients, visible
from syncd.portal.records.bulk import newest
from syncd.portal.rights import Person, Verb
from syncd.portal.storage import text_index

TYPES: Mapping[str, tuple[str, ...]] = {
    "pdf": ("pdf",),
    "image": ("jpg", "jpeg", "png", "gif", "webp", "heic", "heif", "tif", "tiff", "bmp"),
    "sheet": ("xls", "xlsx", "xlsm", "xlsb", "ods", "csv"),
    "text": ("doc", "docx", "odt", "rtf", "txt"),
    "mail": ("eml", "msg"),
    "xml": ("xml", "json"),
    "archive": ("zip", "7z", "rar", "gz"),
}
STATES = ("waiting", "received", "treated", "question", "answered", "asked")


@dataclass(frozen=True, slots=True)
class Search:
    """What a person looks for; empty fields say nothing."""

    text: str = ""
    client: str = ""
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None
    exercise: str = ""
    type: str = ""
    state: str = ""
    least: Decimal | None = None
    most: Decimal | None = None


def search(actor: Person, wish: Search) -> QuerySet[Document]:
    """Live documents the actor may see, newest first: every word is in the name, the folder, the client's code or name, the
    reference, or (where the actor may open it) in what the document says. `least`, `most`: of an invoice's total.
    """
    found = Document.objects.filter(visible(actor), tombstone="").select_related("client")
    reached = Client.objects.filter(reached_clients(actor))
    for word in wanted_words(wish.text):
        named = list(reached.filter(folded__contains=word).values_list("id", flat=True))
        said = _saying(actor, word) | invoices.saying(actor, word)
        found = found.filter(Q(folded__contains=word) | Q(client_id__in=named) | Q(reference__icontains=word) | said)
    if wish.client:
        found = found.filter(client__code=wish.client)
    found = found.filter(of_type(wish.type), in_state(actor, wish.state), of_exercise(actor, wish.exercise))
    found = found.filter(invoices.between(actor, wish.least, wish.most))
    if wish.by:
        names = Version.objects.filter(document__in=found).order_by().values_list("by", flat=True).distinct()
        wanted = [n for n in names if fold(wish.by) in fold(n)]
        found = found.filter(Exists(Version.objects.filter(document=OuterRef("pk"), by__in=wanted)))
    if wish.since:
        found = found.filter(created_at__gte=wish.since)
    if wish.until:
        found = found.filter(created_at__lt=wish.until)
    return found.order_by("-created_at", "key")


def _saying(actor: Person, word: str) -> Q:
    """Of documents: those that hold the word, and that the actor may open. Other clients' texts are not even looked at."""
    clients = None if actor.alike is not None else [c for c in actor.clients if actor.reaches(c)]
    held = text_index().holding(word, clients)
    return held & visible(actor, Verb.DOWNLOAD) if held is not None else Q(pk__in=[])


def turned(found: QuerySet[Document], number: int, size: int) -> tuple[list[Document], int]:
    """The documents of that page, from 1, and how many there are on all: what is asked of texts is asked once for both."""
    first = (number - 1) * size
    ids, total = newest(found, first, size)
    read = {d.id: d for d in Document.objects.filter(id__in=ids).select_related("client")}
    return [read[i] for i in ids if i in read], total


def excerpts(actor: Person, documents: Sequence[Document], words: str) -> dict[str, list[Piece]]:
    """By document: where the words stand in it; nothing of one that the actor may not open, or that does not say them."""
    if not wanted_words(words):
        return {}
    ids = [d.id for d in documents]
    may_open = Document.objects.filter(visible(actor, Verb.DOWNLOAD), id__in=ids)
    versions = {version: document for document, version in may_open.values_list("id", "version_id")}
    texts = text_index().texts(list(versions))
    found = {versions[v]: excerpt(text, words, folded) for v, (text, folded) in texts.items()}
    return {document: pieces for document, pieces in found.items() if pieces}


def of_type(name: str) -> Q:
    """Of documents: one of TYPES, or everything."""
    wanted = Q()
    for extension in TYPES.get(name, ()):
        wanted |= Q(key__endswith=f".{extension}")
    return wanted


def in_state(actor: Person, name: str) -> Q:
    """Of documents: one of STATES, or everything. A question counts for whoever may read the thread that asks it."""
    match name:
        case "waiting":
            return Q(sent_by_company(), received_at__isnull=True)
        case "received":
            return Q(sent_by_company(), received_at__isnull=False)
        case "treated":
            return Q(Exists(Version.objects.filter(id=OuterRef("version_id"), treated_at__isnull=False)))
        case "question" | "answered":
            said = Thread.objects.filter(messages(actor), document=OuterRef("pk"))
            return Q(Exists(said.filter(question="asked" if name == "question" else "answered")))
        case "asked":
            return Q(Exists(DeletionRequest.objects.filter(document=OuterRef("pk"))))
    return Q()


def of_exercise(actor: Person, label: str) -> Q:
    """Of documents: those below a folder of that name, and, of those below no other exercise's, those that are dated within it (by
    the file's own date, where it is known). A year that a client has not set up is that of the calendar.
    """
    if not label:
        return Q()
    known = Exercise.objects.filter(client__in=Client.objects.filter(reached_clients(actor)))
    periods: defaultdict[tuple[date, date], list[str]] = defaultdict(list)
    elsewhere = Q()
    for named, start, end, client in known.values_list("label", "start", "end", "client_id"):
        if paths.key(named) == paths.key(label):
            periods[start, end].append(client)
    for other in set(known.values_list("label", flat=True)):
        if paths.key(other) != paths.key(label):
            elsewhere |= Q(key__contains=f"/{paths.key(other)}/")
    dated = Q(pk__in=[])
    for (start, end), clients in periods.items():
        dated |= Q(client_id__in=clients) & _dated(start, end)
    if re.fullmatch(r"(19|20)[0-9]{2}", label):
        year = int(label)
        without = ~Q(client_id__in=[client for clients in periods.values() for client in clients])
        dated |= without & _dated(date(year, 1, 1), date(year, 12, 31))
    return Q(key__contains=f"/{paths.key(label)}/") | dated & ~elsewhere


def _dated(start: date, end: date) -> Q:
    """Of documents: whose current version is of these days."""
    first, after = _midnight(start), _midnight(end + timedelta(days=1))
    own = Q(modified_at__gte=first, modified_at__lt=after)
    come = Q(modified_at__isnull=True, created_at__gte=first, created_at__lt=after)
    return Q(Exists(Version.objects.filter(own | come, id=OuterRef("version_id"))))


def _midnight(day: date) -> datetime:
    """Where that day begins in the portal's time zone."""
    return timezone.make_aware(datetime.combine(day, time()))
