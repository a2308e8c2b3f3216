"""A document within a page: what shows it, and what can be read of it without opening it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from syncd.portal.clients.tree import rules_of
from syncd.portal.documents import pictures
from syncd.portal.documents.pictures import Pending, Size
from syncd.portal.models import Document, Version
from syncd.portal.readers import kinds
from syncd.portal.readers.values import Entries, Invoice, Mail, Preview, Scan, Table, Text
from syncd.portal.rights import Verb
from syncd.portal.storage import blob_store
from syncd.portal.web.download import came_up
from syncd.portal.web.invoice import sheet_of
from syncd.portal.web.pictures import WAIT, version_of
from syncd.portal.web.request import Asker, looking

_BROWSERS_OWN = frozenset({"png", "jpeg", "gif", "webp"})
_MADE = frozenset({"heif", "bmp"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """`kind`: pdf, image, reading, or '' where there is an icon alone; `source`: what it fetches; `poster`: a picture until then;
    `seen`: where it says that the document was looked at.
    """

    kind: str
    source: str
    poster: str
    seen: str


def viewer(asker: Asker, document: Document, version: Version | None = None) -> Viewer:
    """Of the current version, or of that. Fetching it is no look; two seconds of it are (static/portal/seen.js)."""
    number = version.number if version is not None else document.version
    seen = f"{reverse('seen', args=[document.id])}?version={number}"
    poster = f"{reverse('picture', args=[document.id, Size.PAGE])}?v={number}"
    if not asker.may_with(Verb.DOWNLOAD, document, rules_of(document.client)):
        return Viewer("", "", "", "")
    kind = _kind(version.id if version is not None else document.version_id)
    extension = kinds.extension(document.path)
    shown = f"{reverse('preview', args=[document.id])}?passage={quote(came_up(asker, document))}&version={number}"
    if kind == "pdf":
        return Viewer("pdf", shown, poster, seen)
    if kind in _BROWSERS_OWN:
        return Viewer("image", shown, "", seen)
    if kind in _MADE:
        return Viewer("image", f"{reverse('picture', args=[document.id, Size.LARGE])}?v={number}", "", seen)
    if kind == "tiff" or (extension and kind in ("", "zip", "ole")):
        return Viewer("reading", f"{reverse('reading', args=[document.id])}?v={number}", "", seen)
    return Viewer("", "", "", "")


def _kind(version_id: str) -> str:
    """By its first bytes; '' too where they are missing: told by whoever opens it."""
    try:
        with blob_store().open(version_id) as f:
            return kinds.of_head(f.read(kinds.HEAD))
    except OSError:
        return ""


@require_GET
@looking
def reading(asker: Asker, document_id: str) -> HttpResponse:
    """What can be read of it: a part of the document's page, and a page of its own where a browser asks for that."""
    document = asker.document(document_id, Verb.DOWNLOAD)
    version, found = version_of(asker, document), None
    status = 200
    try:
        found = pictures.preview(asker.person, document, version, WAIT)
    except Pending:
        status = 202
    said = {"pending": status == 202, "document": document, "version": version, **_parts(found)}
    if "X-Part" in asker.request.headers:
        return render(asker.request, "portal/parts/reading.html", said, status=status)
    return asker.page("reading", status, **said)


def _parts(found: Preview | None) -> dict[str, object]:
    match found:
        case Table():
            return {"table": found}
        case Text():
            return {"text": found}
        case Entries():
            return {"entries": found}
        case Mail():
            return {"mail": found}
        case Invoice():
            return sheet_of(found)
        case Scan():
            return {"pages": range(1, min(found.pages, pictures.MOST_PAGES) + 1)}
    return {}
