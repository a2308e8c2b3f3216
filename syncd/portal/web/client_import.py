"""Clients from a sheet: the model to fill in, a look at what is wrong, then the import."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from syncd.portal.clients import import_xlsx
from syncd.portal.language import counted
from syncd.portal.models.ids import new_id
from syncd.portal.storage import disk_reserve
from syncd.portal.web.request import REFUSED, Asker, for_correspondents

LARGEST = 20_000_000


@require_GET
@for_correspondents
def model(asker: Asker) -> HttpResponse:
    response = HttpResponse(
        import_xlsx.model(asker.cabinet),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response.headers["Content-Disposition"] = 'attachment; filename="clients.xlsx"'
    return response


@require_http_methods(["GET", "POST"])
@for_correspondents
def sheet(asker: Asker) -> HttpResponse:
    """First what would happen; then, with `token`, the import of what is right."""
    if asker.request.method != "POST":
        return asker.page("client_import")
    token = asker.request.POST.get("token", "")
    given = asker.request.FILES.get("sheet")
    if not token:
        if given is None or given.size is None or given.size > LARGEST:
            return asker.page("client_import", status=403, message=_("Choisissez un classeur Excel de 20 Mo au plus."))
        token = new_id()
        disk_reserve.admit(settings.UPLOADS, given.size)
        for earlier in Path(settings.UPLOADS).glob(f"import-{asker.user.id}-*"):  # one at a time of each person
            earlier.unlink(missing_ok=True)
        with _path(asker, token).open("xb") as f:
            for chunk in given.chunks():
                f.write(chunk)
    if not re.fullmatch(r"[0-9a-f]{32}", token) or not _path(asker, token).exists():
        return asker.page(
            "client_import", status=403, message=_("Ce fichier n'est plus là : choisissez-le de nouveau.")
        )
    try:
        with _path(asker, token).open("rb") as f:
            found = import_xlsx.read(asker.cabinet, f)
    except REFUSED as e:
        return asker.page("client_import", status=403, message=str(e))
    if asker.request.POST.get("go"):
        faults = import_xlsx.create(asker.person, found.newcomers, asker.person)
        made = len(found.newcomers) - len(faults)
        with contextlib.suppress(OSError):
            _path(asker, token).unlink()
        asker.say(f"{counted(made, 'client créé', 'clients créés')}.")
        return asker.page(
            "client_import",
            done=True,
            faults=[*found.faults, *faults],
            made=made,
            said=asker.request.session.pop("said"),
        )
    return asker.page(
        "client_import", token=token, newcomers=found.newcomers, faults=found.faults, shown=found.newcomers[:20]
    )


def _path(asker: Asker, token: str) -> Path:
    return Path(settings.UPLOADS) / f"import-{asker.user.id}-{token}.xlsx"
