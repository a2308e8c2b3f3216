"""The cabinet's own look: its colour and its logo. Before somebody signs in, those of the portal's only cabinet."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from syncd.portal.models import Cabinet

_COLOUR = re.compile(r"#[0-9a-f]{6}")


def _cabinet(request: HttpRequest) -> Cabinet | None:
    user: Any = request.user
    if user.is_authenticated:
        found: Cabinet = user.cabinet
        return found
    several = list(Cabinet.objects.all()[:2])
    return several[0] if len(several) == 1 else None


@require_GET
def colours(request: HttpRequest) -> HttpResponse:
    cabinet = _cabinet(request)
    colour = cabinet.colour if cabinet is not None and _COLOUR.fullmatch(cabinet.colour) else "#14507a"
    return HttpResponse(
        f":root {{ --brand: {colour}; }}\n", content_type="text/css", headers={"Cache-Control": "private, max-age=300"}
    )


@require_GET
def logo(request: HttpRequest) -> HttpResponse:
    cabinet = _cabinet(request)
    if cabinet is None or not cabinet.logo or cabinet.logo_type not in ("image/png", "image/jpeg"):
        raise Http404
    return HttpResponse(
        bytes(cabinet.logo), content_type=cabinet.logo_type, headers={"Cache-Control": "private, max-age=300"}
    )
