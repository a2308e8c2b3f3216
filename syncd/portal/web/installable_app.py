"""The space as an application of a phone: its manifest, its icon in the cabinet's colour, and what is shared with it."""

from __future__ import annotations

import io
import json
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from syncd.core.search_folding import fold
from syncd.portal.bundles import WORKER
from syncd.portal.clients.cabinet_settings import met_by
from syncd.portal.web.branding import colour_of
from syncd.portal.web.request import Asker, signed_in

SIZES = (180, 192, 512)
GROUND = "#f6f7f9"
SHARED = (
    "image/*", "application/pdf", "text/csv", "text/plain", "text/xml", "application/xml", "message/rfc822", "application/zip", "application/msword",
    "application/vnd.ms-excel", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.oasis.opendocument.spreadsheet",
)  # fmt: skip


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    cabinet = met_by(request.user, request.get_host())
    name = cabinet.name if cabinet is not None else _("Espace documents")
    said = {
        "name": name, "short_name": name[:24], "lang": get_language(), "id": "/", "start_url": "/", "scope": "/", "display": "standalone",
        "background_color": GROUND, "theme_color": colour_of(cabinet),
        "icons": [
            {"src": f"/icone-{size}.png", "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for size in SIZES[1:] for purpose in ("any", "maskable")
        ],
        "share_target": {
            "action": "/partage", "method": "POST", "enctype": "multipart/form-data",
            "params": {"title": "title", "files": [{"name": "documents", "accept": list(SHARED)}]},
        },
    }  # fmt: skip
    text = json.dumps(said, ensure_ascii=False)
    headers = {"Cache-Control": "private, max-age=300"}
    return HttpResponse(text, content_type="application/manifest+json", headers=headers)


@require_GET
def icon(request: HttpRequest, size: int) -> HttpResponse:
    if size not in SIZES:
        raise Http404
    cabinet = met_by(request.user, request.get_host())
    letter = fold(cabinet.name)[:1].upper() if cabinet is not None else ""
    body = _drawn(colour_of(cabinet), letter, size)
    return HttpResponse(body, content_type="image/png", headers={"Cache-Control": "private, max-age=86400"})


@lru_cache(maxsize=32)
def _drawn(colour: str, letter: str, size: int) -> bytes:
    """A letter on the cabinet's colour, within the circle that a phone may cut out."""
    from PIL import Image, ImageDraw, ImageFont

    made = Image.new("RGB", (size, size), colour)
    font = ImageFont.load_default(size * 0.5)
    ImageDraw.Draw(made).text((size / 2, size / 2), letter, fill="white", font=font, anchor="mm")
    out = io.BytesIO()
    made.save(out, "PNG", optimize=True)
    return out.getvalue()


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    return HttpResponse(
        WORKER.text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


@csrf_exempt  # a phone's share sheet knows no token; nothing of it is taken here, whatever it holds
@require_http_methods(["GET", "POST"])
@signed_in
def shared(asker: Asker) -> HttpResponse:
    """The browser has kept what was shared (scripts/service_worker.js): on to the folders, where one is chosen."""
    if asker.request.method == "POST" or "manque" in asker.request.GET:
        asker.say(_("Ce partage n'a pas été pris : recommencez-le, ou déposez le document ici."), "warn")
        return redirect("home")
    if asker.person.role.of_cabinet or len(asker.person.clients) > 1:
        asker.say(_("Ouvrez le client : le dossier du partage y est demandé."), "warn")
    return redirect("/?partage=1")
