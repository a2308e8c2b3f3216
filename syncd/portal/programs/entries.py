"""Which accounting entries a document belongs to: several each, and several documents of one; said by programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.utils.translation import gettext_lazy as _

from syncd.core import paths
from syncd.core.plain_text import one_line
from syncd.portal.clients.tree import place_of
from syncd.portal.models import Client, Document
from syncd.portal.models.programs import EntryReference
from syncd.portal.people.visibility import again, reached_clients, visible
from syncd.portal.programs.keys import EMITTER
from syncd.portal.records import audit
from syncd.portal.records.feed import alone, publishing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Program, may_refer

MOST = 200  # of one document and one emitter


@dataclass(frozen=True, slots=True)
class Entry:
    journal: str
    day: date
    piece: str

    @property
    def said(self) -> str:
        return f"{self.journal}/{self.day.isoformat()}/{self.piece}"


@alone
def put(actor: Program, document_id: str, entries: Sequence[Entry], emitter: str) -> list[EntryReference]:
    """From now on these, and no others of that emitter ('': the key's own). All there are of the document, of that emitter.

    Raises Refusal.
    """
    actor = again(actor)
    emitter = emitter or actor.emitter
    if not EMITTER.fullmatch(emitter):
        raise Refusal(Code.EMITTER_MALFORMED, text=emitter)
    mine = Document.objects.select_related("client").filter(client__in=Client.objects.filter(reached_clients(actor)))
    document = mine.filter(id=document_id, tombstone="").first()
    if document is None or not may_refer(actor, place_of(document)):
        raise Refusal(Code.DOCUMENT_UNKNOWN)
    wanted = {entry.said: entry for entry in map(_checked, entries)}
    if len(wanted) > MOST:
        raise Refusal(Code.ENTRIES_MANY, limit=MOST)
    held = EntryReference.objects.filter(document=document, emitter=emitter)
    there = set(held.values_list("said", flat=True))
    held.exclude(said__in=wanted).delete()
    now = datetime.now(UTC)
    EntryReference.objects.bulk_create(
        EntryReference(
            document=document, emitter=emitter, journal=e.journal, day=e.day, piece=e.piece, said=said, by=actor.name, at=now
        )
        for said, e in wanted.items() if said not in there
    )  # fmt: skip
    if there != wanted.keys():
        with publishing(actor.cabinet) as feed:  # other programs' cursors tell of it
            feed.doc(document.client_id, document.id)
        audit.record(actor, "program_entries", f"{document.client.code} {document.path}")
    return list(held.order_by("day", "journal", "piece"))


def _checked(entry: Entry) -> Entry:
    """Raises Refusal for what is no line of text."""
    for text, most in ((entry.journal, 20), (entry.piece, 60)):
        if not text.strip() or one_line(text, most) != text or (text is entry.journal and "/" in text):
            raise Refusal(Code.ENTRY_MALFORMED, text=text[:60])
    return entry


def of_documents(documents: Iterable[Document]) -> dict[str, list[EntryReference]]:
    """By document, in order."""
    found: dict[str, list[EntryReference]] = {}
    ids = [d.id for d in documents]
    for entry in EntryReference.objects.filter(document__in=ids).order_by("day", "journal", "piece", "emitter"):
        found.setdefault(entry.document_id, []).append(entry)
    return found


HEADS = (
    _("Code dossier"), _("Dossier"), _("Document"), _("Version"), _("Émetteur"), _("Journal"), _("Date"), _("Pièce"), _("Lien"),
)  # fmt: skip


def as_csv(actor: Person, client: Client, link: str) -> bytes:
    """The entries of the client's documents that the actor sees, for a spreadsheet; `link`: the portal's address before a
    document's. What a formula would begin with is text there."""
    seen = Document.objects.filter(visible(actor), client=client, tombstone="")
    rows = (
        EntryReference.objects.filter(document__in=seen)
        .select_related("document")
        .order_by("day", "journal", "piece", "said")
    )
    out = io.StringIO()
    written = csv.writer(out, delimiter=";", lineterminator="\r\n")
    written.writerow(HEADS)
    for e in rows:
        d = e.document
        row = (
            client.code, paths.parent(d.path), paths.name(d.path), str(d.version), e.emitter, e.journal, f"{e.day:%d/%m/%Y}", e.piece,
            f"{link}{d.id}",
        )  # fmt: skip
        written.writerow([_plain(text) for text in row])
    return out.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
