"""Addresses that last: of a document (`/d/…`), of a client's space (`/c/…`), as other programs and printed paper bear them."""

from __future__ import annotations

from urllib.parse import quote

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from syncd.core import untrusted_numbers
from syncd.core.wire_types import MOST
from syncd.portal.documents import permanent_link
from syncd.portal.models import Client
from syncd.portal.people.visibility import reached_clients
from syncd.portal.programs import entries
from syncd.portal.refusals import Refusal
from syncd.portal.web.request import Asker, for_cabinet, signed_in


@require_GET
@signed_in
def document(asker: Asker, document_id: str) -> HttpResponse:
    """`version`: that one to be looked at, not the document's page."""
    try:
        found, seen = permanent_link.behind(asker.person, document_id)
    except Refusal:
        raise Http404 from None
    if not seen:
        return asker.page("withdrawn", status=410)
    version = untrusted_numbers.number(asker.request.GET.get("version", ""), MOST)
    return redirect(f"/documents/{found.id}/apercu?version={version}" if version else f"/documents/{found.id}")


@require_GET
@signed_in
def client(asker: Asker, client_id: str) -> HttpResponse:
    found = Client.objects.filter(reached_clients(asker.person), id=client_id).first()
    if found is None:
        raise Http404
    return redirect("client_space", found.code)


@require_GET
@for_cabinet
def entry_table(asker: Asker, code: str) -> HttpResponse:
    """The accounting entries of a client's documents, as programs said them, for a spreadsheet."""
    found = asker.client(code)
    table = entries.as_csv(asker.person, found, asker.request.build_absolute_uri("/d/"))
    name = quote(f"ecritures-{found.code}.csv")
    return HttpResponse(
        table, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )  # fmt: skip
