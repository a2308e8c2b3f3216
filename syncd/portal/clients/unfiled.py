"""« À classer » : the kind of its folder, and what waits there for somebody of the cabinet."""

from __future__ import annotations

from django.db.models import QuerySet

from syncd.portal.models import Document
from syncd.portal.people.visibility import visible
from syncd.portal.rights import Person, Verb

INBOX = "inbox"


def unfiled_documents(actor: Person) -> QuerySet[Document]:
    """The documents that wait to be filed and that the actor may file away; none of a client that is switched off."""
    return Document.objects.filter(visible(actor, Verb.DELETE), kind=INBOX, tombstone="")
