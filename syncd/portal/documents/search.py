"""Documents as people look for them: words folded, cut by type, state, exercise, dates and depositor; within rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from syncd.core import paths
from syncd.core.search_folding import fold, wanted_words
from syncd.core.text_search import Piece, excerpt
from syncd.portal.documents.listing import sent_by_company
from syncd.portal.models import Client, DeletionRequest, Document, Version
from syncd.portal.people.visibility import reached_clients, visible
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
STATES = ("waiting", "received", "treated", "asked")


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


def search(actor: Person, wish: Search) -> QuerySet[Document]:
    """Live documents the actor may see, newest first: every word is in the name, the folder, the client's code or name, the
    reference, or (where the actor may open it) in what the document says.
    """
    found = Document.objects.filter(visible(actor), tombstone="").select_related("client")
    reached = Client.objects.filter(reached_clients(actor))
    for word in wanted_words(wish.text):
        named = list(reached.filter(folded__contains=word).values_list("id", flat=True))
        said = _saying(actor, word)
        found = found.filter(Q(folded__contains=word) | Q(client_id__in=named) | Q(reference__icontains=word) | said)
    if wish.client:
        found = found.filter(client__code=wish.client)
    found = found.filter(of_type(wish.type), in_state(wish.state), of_exercise(wish.exercise))
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
    clients = None if actor.everywhere is not None else [c for c in actor.clients if actor.reaches(c)]
    held = text_index().holding(word, clients)
    return held & visible(actor, Verb.DOWNLOAD) if held is not None else Q(pk__in=[])


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


def in_state(name: str) -> Q:
    """Of documents: one of STATES, or everything."""
    match name:
        case "waiting":
            return Q(sent_by_company(), received_at__isnull=True)
        case "received":
            return Q(sent_by_company(), received_at__isnull=False)
        case "treated":
            return Q(Exists(Version.objects.filter(id=OuterRef("version_id"), treated_at__isnull=False)))
        case "asked":
            return Q(Exists(DeletionRequest.objects.filter(document=OuterRef("pk"))))
    return Q()


def of_exercise(label: str) -> Q:
    """Of documents: those below a folder of that name."""
    return Q(key__contains=f"/{paths.key(label)}/") if label else Q()
