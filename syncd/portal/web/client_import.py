"""Clients from a sheet: the model to fill in, a look at what is wrong, then the import."""

from __future__ import annotations

import re

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from syncd.portal.clients import import_xlsx
from syncd.portal.language import counted
from syncd.portal.models.ids import new_id
from syncd.portal.people import bulk_access
from syncd.portal.storage import upload_store
from syncd.portal.storage.port import Gone
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
        upload_store().put(_key(asker, token), given, given.size)  # type: ignore[arg-type]  # a file to read
    try:
        with upload_store().open(_key(asker, token)) as f:
            found = import_xlsx.read(asker.cabinet, f)
    except Gone:
        return asker.page(
            "client_import", status=403, message=_("Ce fichier n'est plus là : choisissez-le de nouveau.")
        )
    except REFUSED as e:
        return asker.page("client_import", status=403, message=str(e))
    if asker.request.POST.get("go"):
        done = import_xlsx.create(asker.person, found.newcomers, asker.person)
        upload_store().over(_key(asker, token))
        asker.say(f"{counted(done.clients, 'client créé', 'clients créés')}.")
        return asker.page(
            "client_import",
            done=done,
            faults=[*found.faults, *done.faults],
            printed=[person for person in done.people if person not in set(done.invited)],
            most=bulk_access.MOST,
            said=asker.request.session.pop("said"),
        )
    return asker.page(
        "client_import", token=token, newcomers=found.newcomers, faults=found.faults, shown=found.newcomers[:20]
    )


def _key(asker: Asker, token: str) -> str:
    """Raises Gone for what is no token."""
    if not re.fullmatch(r"[0-9a-f]{32}", token):
        raise Gone
    return f"import-{asker.user.id}-{token}"
