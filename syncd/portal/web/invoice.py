"""An electronic invoice as a sheet that people read and print: what its XML says, whichever file brought it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from syncd.portal.documents import pictures
from syncd.portal.documents.pictures import Pending
from syncd.portal.readers.values import Invoice
from syncd.portal.rights import Verb
from syncd.portal.web.pictures import WAIT, version_of
from syncd.portal.web.request import Asker, looking


@require_GET
@looking
def show(asker: Asker, document_id: str) -> HttpResponse:
    """`v`: a version's number, the current one without."""
    document = asker.document(document_id, Verb.DOWNLOAD)
    version = version_of(asker, document)
    try:
        found = pictures.invoice(asker.person, document, version, WAIT)
    except Pending:
        return asker.page("invoice", 202, document=document, pending=True)
    return asker.page("invoice", document=document, **(sheet_of(found) if found else {}))


def sheet_of(found: Invoice) -> dict[str, Any]:
    """What the part of a page that shows it needs."""
    parties = [{"label": _("Fournisseur"), "of": found.seller}, {"label": _("Client"), "of": found.buyer}]
    return {"invoice": found, "parties": parties}
