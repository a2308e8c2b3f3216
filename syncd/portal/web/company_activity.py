"""« Activité » of a company: what it deposited, what its cabinet made available and dealt with, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET

from syncd.portal.documents.company_activity import WHATS, Wanted, happened
from syncd.portal.models import Document
from syncd.portal.web.forms import day, midnight
from syncd.portal.web.request import Asker, signed_in

AT_ONCE = 50
NAMES: Mapping[str, str] = {
    "deposited": noop("Déposés"), "published": noop("Mis à disposition par le cabinet"), "treated": noop("Traités"),
}  # fmt: skip


@require_GET
@signed_in
def show(asker: Asker, code: str) -> HttpResponse:
    """`what`, `q` (a document's name or folder), `since`, `until`."""
    client, asked = asker.client(code), asker.request.GET
    given = {n: " ".join(asked.get(n, "").split())[:200] for n in ("what", "q", "since", "until")}
    what = given["what"] if given["what"] in WHATS else ""
    since, until = midnight(day(given["since"])), midnight(day(given["until"]), 1)
    found = happened(asker.person, client, Wanted(what, given["q"], since, until))
    page = Paginator(found, AT_ONCE).get_page(asked.get("page"))
    lines = list(page)
    documents = {d.id: d for d in Document.objects.filter(id__in={x["document"] for x in lines})}
    rows = [{**x, "document": documents[x["document"]]} for x in lines if x["document"] in documents]
    days = [(on, list(ones)) for on, ones in groupby(rows, key=lambda r: timezone.localdate(r["at"]))]
    cut = {n: v for n, v in given.items() if v}
    return asker.page(
        "company_activity", client=client, days=days, page=page, given={**given, "what": what}, query=urlencode(cut),
        whats=[(n, _(label)) for n, label in NAMES.items()],
    )  # fmt: skip
