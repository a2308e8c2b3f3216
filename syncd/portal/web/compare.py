"""Two versions beside each other: what both sides made of a document, or a document as it is and as it was."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from syncd.core import paths
from syncd.portal.clients.tree import rules_of
from syncd.portal.language import named
from syncd.portal.models import Document, Version
from syncd.portal.rights import Verb
from syncd.portal.web.client_space import folder_url
from syncd.portal.web.pictures import version_of
from syncd.portal.web.request import Asker, signed_in
from syncd.portal.web.viewer import Viewer, viewer


@dataclass(frozen=True, slots=True)
class Side:
    """`removable`: one of two documents, which may go."""

    title: str
    by: str
    document: Document
    version: Version
    view: Viewer
    may_download: bool
    removable: bool = False


@require_GET
@signed_in
def show(asker: Asker, document_id: str) -> HttpResponse:
    """The document beside `other`, a document of the same client; or beside its own `version` of before."""
    document, query = asker.document(document_id), asker.request.GET
    if query.get("version"):
        before, current = version_of(asker, document, "version"), Version.objects.get(id=document.version_id)
        if before.id == current.id:
            raise Http404
        titles = [
            (current, _("Version {number}, actuelle").format(number=current.number)),
            (before, _("Version {number}").format(number=before.number)),
        ]
        sides = [_side(asker, document, version, title) for version, title in titles]
    else:
        other = asker.document(query.get("other", ""))
        if other.client_id != document.client_id or other.id == document.id:
            raise Http404
        sides = [_document(asker, one) for one in (document, other)]
    folder = paths.parent(document.path)
    return asker.page(
        "compare", document=document, client=document.client, folder=folder, folder_url=folder_url(document.client, folder), sides=sides,
        versions=bool(query.get("version")),
    )  # fmt: skip


def _document(asker: Asker, document: Document) -> Side:
    version = Version.objects.get(id=document.version_id)
    may = asker.may_with(Verb.DELETE, document, rules_of(document.client))
    return _side(asker, document, version, paths.name(document.path), removable=may and not document.tombstone)


def _side(asker: Asker, document: Document, version: Version, title: str, *, removable: bool = False) -> Side:
    by = _("le cabinet") if version.origin == "engine" else named(version.by, version.origin)
    may = asker.may_with(Verb.DOWNLOAD, document, rules_of(document.client))
    return Side(title, by, document, version, viewer(asker, document, version), may, removable)
