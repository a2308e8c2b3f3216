"""Deletions a company asks for where only the cabinet deletes (`client_delete = "request"`): asked, taken back, answered."""

from __future__ import annotations

from datetime import UTC, datetime

from syncd.core import paths
from syncd.portal.clients.tree import not_here, place_of
from syncd.portal.documents import lifecycle
from syncd.portal.models import DeletionRequest, Document
from syncd.portal.people.visibility import visible
from syncd.portal.records import audit
from syncd.portal.records.feed import writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb, may, may_ask_deletion


def _about(document: Document) -> str:
    return f"{document.client.code} {document.path}"


def ask(actor: Person, document: Document) -> None:
    """Asked twice: the first request holds. Raises Refusal."""
    if document.tombstone or not may_ask_deletion(actor, place_of(document)):
        raise not_here(document.client)
    with writing(actor.cabinet):
        given = {"client": document.client, "user_id": actor.id, "by": actor.name, "at": datetime.now(UTC)}
        DeletionRequest.objects.get_or_create(document=document, defaults=given)
        audit.record(actor, "deletion_asked", _about(document))


def take_back(actor: Person, document: Document) -> None:
    """Raises Refusal."""
    if not may_ask_deletion(actor, place_of(document)):
        raise not_here(document.client)
    DeletionRequest.objects.filter(document=document).delete()


def answer(actor: Person, document: Document, agreed: bool) -> None:
    """By somebody who may delete: the document goes to the bin, or stays and the request ends. Raises Refusal."""
    if not may(actor, Verb.DELETE, place_of(document)):
        raise not_here(document.client)
    with writing(actor.cabinet):
        if not DeletionRequest.objects.filter(document=document).delete()[0]:
            raise Refusal(Code.NO_LONGER_ASKED, name=paths.name(document.path))
        if agreed:
            lifecycle.remove(actor, document)
        else:
            audit.record(actor, "deletion_declined", _about(document))


def asked(actor: Person, limit: int = 300) -> list[DeletionRequest]:
    """What the actor may answer, oldest first."""
    waiting = DeletionRequest.objects.filter(client__cabinet_id=actor.cabinet)
    ids = list(waiting.order_by("at").values_list("document_id", flat=True)[: 4 * limit])
    mine = Document.objects.filter(visible(actor, Verb.DELETE), id__in=ids, tombstone="")  # few, out of all there are
    found = waiting.filter(document__in=list(mine.values_list("id", flat=True))).select_related("document__client")
    return list(found.order_by("at")[:limit])
