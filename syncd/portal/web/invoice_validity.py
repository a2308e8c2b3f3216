"""« Vérifier la validité » of an electronic invoice: three parts, each said by itself, when somebody asks."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_http_methods

from syncd.portal.documents import invoice_validity
from syncd.portal.readers.values import Check, Part, Unchecked
from syncd.portal.rights import Verb
from syncd.portal.web.pictures import version_of
from syncd.portal.web.request import Asker, signed_in

PARTS = {
    Part.SCHEMA: (noop("Forme du fichier (schéma XSD)"), noop("les éléments, leur ordre et leurs types")),
    Part.RULES: (noop("Règles de la norme EN 16931"), noop("celles du profil : mentions obligatoires, calculs, codes")),
    Part.FRENCH: (noop("Règles françaises (BR-FR)"), noop("celles des échanges entre plateformes agréées")),
}
WHY = {
    Unchecked.ABSENT: noop("les jeux de règles ne sont pas installés sur ce serveur"),
    Unchecked.NO_RULES: noop("il n'y en a pas pour ce type de facture"),
    Unchecked.TOO_MUCH: noop("la vérification demande trop de temps ou de mémoire"),
    Unchecked.FAILED: noop("le fichier ne se laisse pas lire jusque-là"),
    Unchecked.BUSY: noop("une autre vérification est en cours : réessayez dans un instant"),
}


@require_http_methods(["GET", "POST"])
@signed_in
def show(asker: Asker, document_id: str) -> HttpResponse:
    """Checked by the button alone; an address that is opened by itself leads to the document."""
    document = asker.document(document_id, Verb.DOWNLOAD)
    if asker.request.method != "POST":
        return redirect("document", document.id)
    try:
        found = invoice_validity.check(asker.person, document, version_of(asker, document))
    except OSError:
        return asker.page("invoice_validity", document=document, rows=[], valid=False)
    return asker.page("invoice_validity", document=document, rows=[_row(c) for c in found.checks], valid=found.valid)


def _row(check: Check) -> dict[str, Any]:
    label, hint = PARTS[check.part]
    return {"check": check, "label": _(label), "hint": _(hint), "why": _(WHY[check.why]) if check.why else ""}
