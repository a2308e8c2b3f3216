"""Pictures of documents: made elsewhere, given to whoever may have the document at that moment; an icon to all others."""

from __future__ import annotations

from xml.sax.saxutils import escape

from django.http import Http404, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from syncd.core import paths, untrusted_numbers
from syncd.portal.clients.tree import rules_of
from syncd.portal.documents import pictures
from syncd.portal.documents.pictures import Pending, Size
from syncd.portal.models import Document, Version
from syncd.portal.rights import Verb
from syncd.portal.web.request import Asker, looking

WAIT = 3.0  # seconds until an icon stands in for what is still being made
_SHEET = "M4.5 1h13l6 6v27.5h-19z"
_FOLD = "M17.5 1v6h6"


@require_GET
@looking
def show(asker: Asker, document_id: str, size: str) -> HttpResponse:
    """`v`: a version's number, the current one without; `p`: a page, from 1."""
    document = asker.document(document_id)
    if size not in tuple(Size):
        raise Http404
    version = version_of(asker, document)
    page = untrusted_numbers.number(asker.request.GET.get("p", "1"), pictures.MOST_PAGES)
    if not page:
        raise Http404
    if not asker.may_with(Verb.DOWNLOAD, document, rules_of(document.client)):
        return icon(document)
    tag = f'"{bytes(version.sha256).hex()[:32]}-{size}-{page}-{pictures.MAKER}"'
    if asker.request.headers.get("If-None-Match") == tag:
        return _kept(HttpResponse(status=304), tag)
    try:
        made = pictures.picture(asker.person, document, version, Size(size), page - 1, WAIT)
    except Pending:
        return icon(document, pending=True)
    if made == pictures.NONE:
        return icon(document)
    return _kept(HttpResponse(made, content_type="image/webp"), tag)


def version_of(asker: Asker, document: Document, asked_by: str = "v") -> Version:
    """That which the address asks for, the current one without. Raises Http404."""
    given = asker.request.GET.get(asked_by, "")
    number = untrusted_numbers.number(given, document.version)
    found = document.versions.filter(number=number).first() if number else None
    if given and found is None:
        raise Http404
    return found or Version.objects.get(id=document.version_id)


def _kept(response: HttpResponse, tag: str) -> HttpResponse:
    """A browser may keep it, and asks at each use whether its reader still may have it."""
    response.headers["ETag"], response.headers["Cache-Control"] = tag, "private, no-cache"
    patch_vary_headers(response, ["Cookie"])
    return response


def icon(document: Document, *, pending: bool = False) -> HttpResponse:
    """A sheet with its type on it. One pixel higher while the picture is still to come: the page asks again
    (scripts/thumbnails.js).
    """
    kind = paths.split_ext(paths.name(document.path))[1].lstrip(".").upper()
    said = escape(kind) if kind.isalnum() and len(kind) <= 4 else ""
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="28" height="{37 if pending else 36}" viewBox="0 0 28 36" fill="none"'
        f' stroke="#7b8794" stroke-width="1.25" stroke-linejoin="round"><path d="{_SHEET}"/><path d="{_FOLD}"/><text x="14" y="25"'
        ' fill="#66727f" stroke="none" text-anchor="middle" font-family="system-ui,sans-serif" font-weight="600" font-size="7">'
        f"{said}</text></svg>"
    )
    return HttpResponse(drawn, content_type="image/svg+xml")
