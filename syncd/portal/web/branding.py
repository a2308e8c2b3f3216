"""How pages look: the stylesheet, the cabinet's colour and logo (before somebody signs in, those of the portal's only
cabinet), light or dark."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from syncd.core.brand_colour import for_dark, sound
from syncd.core.time_units import YEAR
from syncd.portal.bundles import Bundle
from syncd.portal.clients.cabinet_settings import met_by
from syncd.portal.models import Cabinet

THEMES = ("light", "dark")  # else: as the person's machine is


def colour_of(cabinet: Cabinet | None) -> str:
    return sound(cabinet.colour if cabinet is not None else "")


@require_GET
def colours(request: HttpRequest) -> HttpResponse:
    colour = colour_of(met_by(request.user, request.get_host()))
    return HttpResponse(
        f":root {{ --brand-own: {colour}; --brand-dark: {for_dark(colour)}; }}\n",
        content_type="text/css",
        headers={"Cache-Control": "private, max-age=300"},
    )


@require_GET
def logo(request: HttpRequest) -> HttpResponse:
    cabinet = met_by(request.user, request.get_host())
    if cabinet is None or not cabinet.logo or cabinet.logo_type not in ("image/png", "image/jpeg"):
        raise Http404
    return HttpResponse(
        bytes(cabinet.logo), content_type=cabinet.logo_type, headers={"Cache-Control": "private, max-age=300"}
    )


@require_GET
def bundled(request: HttpRequest, bundle: Bundle) -> HttpResponse:
    """Kept for good under the address that names its content."""
    known = request.GET.get("v") == bundle.version
    kept = f"public, max-age={YEAR}, immutable" if known else "no-cache"
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    body = bundle.compressed if packed else bundle.text
    response = HttpResponse(body, content_type=f"{bundle.kind}; charset=utf-8", headers={"Cache-Control": kept})
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """`theme`: light, dark, or as the machine is; of this browser. Back to `next`."""
    chosen, where = request.POST.get("theme", ""), request.POST.get("next", "/")
    fine = url_has_allowed_host_and_scheme(where, {request.get_host()}, request.is_secure())
    response = redirect(where if fine and where.startswith("/") else "/")
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, httponly=True, samesite="Lax", secure=settings.SECURE)
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
