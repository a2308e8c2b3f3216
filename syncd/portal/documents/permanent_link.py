"""What stands behind a document's permanent address, wherever it lies by now: asked anew each time."""

from __future__ import annotations

from syncd.portal.clients.tree import place_of
from syncd.portal.models import Document
from syncd.portal.people.visibility import fate_of
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb, may


def behind(actor: Person, document_id: str) -> tuple[Document, bool]:
    """The document, and whether the actor sees it; not, where the cabinet withdrew what the actor could see. Raises Refusal to
    everybody else, as if there were none."""
    found = Document.objects.select_related("client").filter(id=document_id, client__cabinet=actor.cabinet).first()
    if found is None or not may(actor, Verb.VIEW, place_of(found)):
        raise Refusal(Code.DOCUMENT_UNKNOWN)
    return found, may(actor, Verb.VIEW, place_of(found), fate_of(found))
