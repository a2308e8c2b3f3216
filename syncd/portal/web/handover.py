"""« Récupérer les documents »: of one client or of those that were chosen; what it would be, then the archive."""

from __future__ import annotations

from urllib.parse import quote

from django.http import Http404, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_http_methods

from syncd.portal.documents import handover
from syncd.portal.documents.bag_archive import bags
from syncd.portal.messages import export
from syncd.portal.models import Document
from syncd.portal.people import throttle
from syncd.portal.people.visibility import visible
from syncd.portal.rights import Verb
from syncd.portal.web.download import while_allowed
from syncd.portal.web.request import Asker, signed_in
from syncd.portal.web.security import limited

TOGETHER = 200  # clients of one archive: more is the command's


@require_http_methods(["GET", "POST"])
@signed_in
def show(asker: Asker) -> HttpResponseBase:
    """`client`: codes; without any, a company's own. Posted, it is the archive."""
    given = asker.request.POST if asker.request.method == "POST" else asker.request.GET
    clients = handover.clients_of(asker.person, given.getlist("client")[: TOGETHER + 1])
    if not clients:
        raise Http404
    if asker.request.method == "POST" and len(clients) <= TOGETHER:
        if throttle.beyond("archive", asker.user.id, 30, 600):
            return limited(asker.request)
        may_have = Document.objects.filter(visible(asker.person, Verb.DOWNLOAD), client__in=clients, tombstone="")
        while_allowed(asker, list(may_have.only("id")))
        response = StreamingHttpResponse(
            bags(asker.person, clients, asker.cabinet.name, export.files), content_type="application/zip"
        )
        name = quote(f"{handover.called(clients)}.zip")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return response
    offered = handover.offered(asker.person, clients)
    return asker.page(
        "handover", offered=offered[:TOGETHER], documents=sum(o.documents for o in offered), size=sum(o.size for o in offered),
        most=TOGETHER if len(clients) > TOGETHER else 0, alone=clients[0] if len(clients) == 1 else None,
    )  # fmt: skip
