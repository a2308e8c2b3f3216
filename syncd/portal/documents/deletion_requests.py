"""Deletions a company asks for where only the cabinet deletes (`client_delete = "request"`): asked, taken back, answered."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from syncd.core import paths
from syncd.core.errors import UsageError
from syncd.portal.clients.tree import rules_of
from syncd.portal.documents import lifecycle
from syncd.portal.models import DeletionRequest, Document, User
from syncd.portal.people.visibility import visible
from syncd.portal.rights import Person, Place, Verb, may, may_ask_deletion

NOT_ALLOWED = noop("Vous n'avez pas le droit de faire cela ici.")


def _place(document: Document) -> Place:
    return Place(document.client.cabinet_id, rules_of(document.client), paths.parent(document.path), document.client_id)


def ask(document: Document, person: Person, user: User) -> None:
    """Asked twice: the first request holds."""
    if document.tombstone or not may_ask_deletion(person, _place(document)):
        raise UsageError(_(NOT_ALLOWED))
    DeletionRequest.objects.get_or_create(
        document=document, defaults={"client": document.client, "user": user, "by": str(user), "at": datetime.now(UTC)}
    )


def take_back(document: Document, person: Person) -> None:
    if not may_ask_deletion(person, _place(document)):
        raise UsageError(_(NOT_ALLOWED))
    DeletionRequest.objects.filter(document=document).delete()


def answer(document: Document, person: Person, agreed: bool) -> None:
    """By somebody who may delete: the document goes to the bin, or stays and the request ends."""
    if not may(person, Verb.DELETE, _place(document)):
        raise UsageError(_(NOT_ALLOWED))
    with transaction.atomic():
        if not DeletionRequest.objects.filter(document=document).delete()[0]:
            said = _("La suppression de « {name} » n'est plus demandée.")
            raise UsageError(said.format(name=paths.name(document.path)))
        if agreed:
            lifecycle.remove(document.client, document.path, person)


def asked(person: Person, limit: int = 300) -> list[DeletionRequest]:
    """What the person may answer, oldest first."""
    waiting = DeletionRequest.objects.filter(client__cabinet_id=person.cabinet)
    ids = list(waiting.order_by("at").values_list("document_id", flat=True)[: 4 * limit])
    mine = Document.objects.filter(visible(person, Verb.DELETE), id__in=ids, tombstone="")  # few, out of all there are
    found = waiting.filter(document__in=list(mine.values_list("id", flat=True))).select_related("document__client")
    return list(found.order_by("at")[:limit])
