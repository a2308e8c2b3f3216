"""The documents of one folder as a list: cut by words, type and state, in the order a person wants them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from syncd.core.search_folding import fold, wanted_words
from syncd.portal.documents import invoices
from syncd.portal.documents.listing import documents_in
from syncd.portal.documents.search import STATES, TYPES, in_state, of_type
from syncd.portal.models import Client, Document, Past, Version
from syncd.portal.people.visibility import visible
from syncd.portal.rights import Person

SORTS: Mapping[str, tuple[str, ...]] = {
    "recent": ("-created_at", "key"), "oldest": ("created_at", "key"), "name": ("folded", "key"), "-name": ("-folded", "-key"),
    "size": ("-size", "key"), "-size": ("size", "key"),
}  # fmt: skip
LOOKS = ("list", "dense", "grid")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty fields cut nothing; `sort`: one of SORTS."""

    words: str = ""
    type: str = ""
    state: str = ""
    sort: str = "recent"

    @property
    def cuts(self) -> bool:
        return bool(self.words or self.type or self.state)

    @property
    def query(self) -> str:
        """What cuts the list, as its address says it; '' where nothing does."""
        return urlencode({n: v for n, v in (("q", self.words), ("type", self.type), ("state", self.state)) if v})


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """What a list is cut by, out of its address; what is not understood counts for nothing."""
    words = " ".join(query.get("q", "").split())[:200]
    kind, state, sort = query.get("type", ""), query.get("state", ""), query.get("sort", "")
    return Wanted(
        words, kind if kind in TYPES else "", state if state in STATES else "", sort if sort in SORTS else "recent"
    )


def listed(actor: Person, client: Client, folder: str, wanted: Wanted) -> QuerySet[Document]:
    """The live documents right inside the folder; of an invoice that came as PDF and as XML, the PDF."""
    found = documents_in(actor, client, folder).filter(~invoices.behind_its_pdf(client, folder))
    named = found.annotate(named=Substr("folded", len(fold(folder)) + 2))  # the folder's own name is no document's
    for word in wanted_words(wanted.words):
        named = named.filter(Q(named__contains=word) | Q(reference__icontains=word) | invoices.saying(actor, word))
    found = named.filter(of_type(wanted.type), in_state(actor, wanted.state))
    return found.order_by(*SORTS.get(wanted.sort, SORTS["recent"]))


def binned(actor: Person, client: Client, words: str = "") -> QuerySet[Document]:
    """The client's bin, the last deleted first."""
    found = Document.objects.filter(visible(actor), client=client).exclude(tombstone="")
    for word in wanted_words(words):
        found = found.filter(folded__contains=word)
    return found.order_by("-deleted_at", "key")


def unchanged_since(documents: QuerySet[Document], at: datetime) -> QuerySet[Document]:
    """Of them those that are as somebody saw them at that moment: neither new since, nor another version, nor moved or restored."""
    newer = Version.objects.filter(document=OuterRef("pk"), created_at__gt=at)
    moved = Past.objects.filter(document=OuterRef("pk"), until__gt=at)
    return documents.filter(~Exists(newer), ~Exists(moved))
