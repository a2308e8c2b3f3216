"""Every part that pages are built of, on one page: for colleagues, named nowhere, open to correspondents alone."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from syncd.portal.web.request import Asker, for_correspondents


@require_GET
@for_correspondents
def show(asker: Asker) -> HttpResponse:
    now = timezone.now()
    return asker.page(
        "parts",
        moments=[now, now - timedelta(days=1), now - timedelta(days=9), now - timedelta(days=400)],
        name="EDF-Entreprises-46328.pdf",
        names=["000001 Atelier Durand", "000002 Dupont SARL", "000003 Lilas SCI"],
    )
