"""Whether an electronic invoice among documents is valid, asked by whoever may open it."""

from __future__ import annotations

from syncd.portal.clients.tree import place_of
from syncd.portal.models import Document, Version
from syncd.portal.people.visibility import fate_of
from syncd.portal.readers import validity
from syncd.portal.readers.values import Validity
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb, may
from syncd.portal.storage import blob_store

WAIT = 5.0  # seconds for its turn: somebody looks at a page


def check(actor: Person, document: Document, version: Version) -> Validity:
    """Takes seconds, and nothing of it is kept. Raises Refusal without the right, OSError where its bytes are missing."""
    if not may(actor, Verb.DOWNLOAD, place_of(document), fate_of(document)):
        raise Refusal(Code.NOT_ALLOWED_HERE)
    with blob_store().open(version.id) as source:
        return validity.check(source, WAIT)
