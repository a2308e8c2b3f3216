"""Clients from a sheet: the model to fill in, a look at what is wrong, then the import."""

from __future__ import annotations

import re

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from syncd.core import untrusted_numbers
from syncd.portal.clients import import_xlsx
from syncd.portal.language import counted
from syncd.portal.models.ids import new_id
from syncd.portal.people import bulk_accounts
from syncd.portal.storage import upload_store
from syncd.portal.storage.port import Gone
from syncd.portal.web.request import REFUSED, Asker, for_correspondents

LARGEST = 20_000_000
PORTION, MOST_ROWS = 50, 1_100_000  # clients made in one request: two seconds; rows that a sheet can have


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
    """First what would happen; then, with `token`, the import of what is right, a portion at a time: each says how far it is, and
    asks for the next."""
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
        return _portion(asker, token, found)
    return asker.page(
        "client_import", token=token, newcomers=found.newcomers, faults=found.faults, shown=found.newcomers[:20]
    )


def _portion(asker: Asker, token: str, found: import_xlsx.Sheet) -> HttpResponse:
    """`after`: the row up to which it was done; what came of those before is in the session."""
    after = untrusted_numbers.number(asker.request.POST.get("after", "0"), MOST_ROWS) or 0
    kept = asker.request.session.get("import") or {}
    if not after or kept.get("token") != token:
        faults = [[f.row, f.column, f.message] for f in found.faults if f.row > after]
        kept = {
            "token": token,
            "made": 0,
            "people": [],
            "invited": [],
            "of": sum(n.row > after for n in found.newcomers),
            "faults": faults,
        }
    left = [n for n in found.newcomers if n.row > after]
    part = left[:PORTION]
    made = import_xlsx.create(asker.person, part, asker.person)
    kept["made"] += made.clients
    kept["people"] += made.people
    kept["invited"] += made.invited
    kept["faults"] += [[f.row, f.column, f.message] for f in made.faults]
    if len(left) > len(part):
        asker.request.session["import"] = kept
        done = kept["of"] - len(left) + len(part)
        return asker.page("client_import", going=True, token=token, far=done, of=kept["of"], after=part[-1].row)
    asker.request.session.pop("import", None)
    upload_store().over(_key(asker, token))
    asker.say(f"{counted(kept['made'], 'client créé', 'clients créés')}.")
    told = [import_xlsx.Fault(*fault) for fault in sorted(kept["faults"])]
    printed = [person for person in kept["people"] if person not in set(kept["invited"])]
    return asker.page(
        "client_import", over=True, done=kept, faults=told, printed=printed, most=bulk_accounts.MOST,
        said=asker.request.session.pop("said"),
    )  # fmt: skip


def _key(asker: Asker, token: str) -> str:
    """Raises Gone for what is no token."""
    if not re.fullmatch(r"[0-9a-f]{32}", token):
        raise Gone
    return f"import-{asker.user.id}-{token}"
