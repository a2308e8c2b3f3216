"""« Clés des autres programmes » : made, shown once, taken back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_http_methods

from syncd.core import untrusted_numbers
from syncd.portal.models import Client, ProgramKey, User
from syncd.portal.programs import keys
from syncd.portal.programs.keys import TERMS, Wish
from syncd.portal.rights import Scope
from syncd.portal.web.folder_kind_names import KINDS
from syncd.portal.web.person import choices, codes_in, lines_of
from syncd.portal.web.request import REFUSED, Asker, for_correspondents

SCOPES = {
    Scope.DEPOSIT: (noop("Déposer des documents"), noop("il ne lit rien")),
    Scope.READ: (noop("Lire les documents"), noop("la liste et le contenu")),
    Scope.REFERENCE: (noop("Indiquer les écritures"), noop("à quelles écritures comptables un document se rattache")),
    Scope.CARDS: (noop("Lire et modifier les fiches client"), noop("et lire leurs exercices")),
}  # fmt: skip
SAID_TERMS = {90: noop("3 mois"), 365: noop("1 an"), 730: noop("2 ans"), 0: noop("sans fin")}


@require_http_methods(["GET", "POST"])
@for_correspondents
def show(asker: Asker) -> HttpResponse:
    """`do`: make, revoke."""
    post = asker.request.POST
    if asker.request.method != "POST":
        return _page(asker)
    try:
        if post.get("do") == "revoke":
            name = keys.revoke(asker.person, post.get("key", ""))
            asker.say(_("Clé retirée : « {name} » n'a plus accès à rien.").format(name=name))
        else:
            asker.request.session["program_key"] = keys.make(asker.person, _wish(asker))
    except REFUSED as e:
        return _page(asker, str(e))
    return redirect("programs")


def _wish(asker: Asker) -> Wish:
    post = asker.request.POST
    scopes = frozenset(s for s in Scope if s.value in post.getlist("scope"))
    days = untrusted_numbers.number(post.get("days", ""), max(TERMS))
    return Wish(
        post.get("name", ""), post.get("emitter", ""), scopes, frozenset(k for k in KINDS if k in post.getlist("kind")),
        post.get("restricted") == "on", lines_of(asker, post), post.get("networks", ""), -1 if days is None else days,
    )  # fmt: skip


def _page(asker: Asker, message: str = "") -> HttpResponse:
    """What was given stays."""
    post: Any = asker.request.POST
    many = {f: set(post.getlist(f)) for f in ("site", "group", "sector", "responsible", "scope", "kind")}
    chosen = {**many, "client": set(codes_in(post.getlist("client")))}
    return asker.page(
        "programs", status=403 if message else 200, message=message, given=post, keys=[_row(asker, k) for k in keys.held(asker.person)],
        key=asker.request.session.pop("program_key", ""), codes=" ".join(post.getlist("client")), chosen=chosen,
        scopes=[(s.value, _(said), _(hint)) for s, (said, hint) in SCOPES.items()], kinds=[(k, _(said)) for k, said in KINDS.items()],
        terms=[(days, _(SAID_TERMS[days])) for days in TERMS], term=post.get("days", "365"), **choices(asker),
    )  # fmt: skip


def _row(asker: Asker, key: ProgramKey) -> dict[str, Any]:
    now = timezone.now()
    return {
        "key": key, "ended": key.expires_at is not None and key.expires_at <= now, "clients": _clients(key),
        "scopes": ", ".join(_(SCOPES[Scope(s)][0]) for s in key.scopes.split()),
        "kinds": ", ".join(_(KINDS[k]) if k in KINDS else k for k in key.kinds.split()),
    }  # fmt: skip


def _clients(key: ProgramKey) -> str:
    """Whom it reaches, as it was chosen."""
    by: dict[str, list[str]] = {}
    for field, value in key.reach:
        by.setdefault(field, []).append(value)
    if "all" in by:
        return _("tous les clients")
    mine = Client.objects.filter(cabinet=key.cabinet_id, id__in=by.pop("client", []))
    said = [*mine.order_by("code").values_list("code", flat=True)]
    said += [str(u) for u in User.objects.filter(cabinet=key.cabinet_id, id__in=by.pop("responsible", []))]
    return ", ".join([*said, *(value for values in by.values() for value in values)])
