"""What is asked for, on paper, for whoever has no e-mail: a sheet a request, each item with a picture that leads to its page."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from syncd.portal.messages.requests import listing
from syncd.portal.messages.requests.reminder_mails import about
from syncd.portal.models import DocumentRequest
from syncd.portal.web import qr_code
from syncd.portal.web.request import Asker, signed_in

MOST = 300  # requests at once


@require_GET
@signed_in
def show(asker: Asker) -> HttpResponse:
    """Of the requests `id`; of all that are open where none is named."""
    ids = [i[:32] for i in asker.request.GET.getlist("id")[:MOST]]
    items = listing.open_items_in(asker.person, ids)
    sheets = [
        {
            "request": r, "client": r.client, "late": listing.late(r),
            "rows": [{"item": i, "about": about(i), "qr": qr_code.picture(asker.request.build_absolute_uri(f"/demandes/piece/{i.id}"))} for i in some],
        }
        for r, some in listing.by_request(items)
    ]  # fmt: skip
    if ids and not sheets and not DocumentRequest.objects.filter(id__in=ids, client__cabinet=asker.cabinet).exists():
        raise Http404
    short = asker.request.build_absolute_uri("/").split("://", 1)[1].rstrip("/")
    return asker.page("request_sheets", sheets=sheets, short=short)
