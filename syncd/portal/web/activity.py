"""« Activité » : what companies sent, day by day; beside it what the synchronisation did."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from syncd.portal.documents import received
from syncd.portal.web.request import Asker, for_cabinet

AT_ONCE = 50


@require_GET
@for_cabinet
def show(asker: Asker) -> HttpResponse:
    """`q`: of clients whose code or name holds these words."""
    words = " ".join(asker.request.GET.get("q", "").split())[:200]
    page = Paginator(received.deposits(asker.person, words), AT_ONCE).get_page(asker.request.GET.get("page"))
    counts = received.counted(asker.person, list(page))
    rows: list[dict[str, Any]] = [{"deposit": d, "count": counts[d.id]} for d in page if d.id in counts]
    days = [(day, list(ones)) for day, ones in groupby(rows, key=lambda r: timezone.localdate(r["deposit"].last_at))]
    return asker.page("activity", days=days, page=page, words=words)
