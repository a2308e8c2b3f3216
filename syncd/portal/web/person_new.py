"""« Nouvelle personne » in three steps: who, which role and what it sees, how the first access is handed out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from syncd.portal.language import counted
from syncd.portal.people import access_preview, accounts, invitations
from syncd.portal.records import mail_queue
from syncd.portal.refusals import Refusal
from syncd.portal.rights import PRESETS, Role, may_manage_client
from syncd.portal.web.person import CABINET_LABELS, LABELS, ROLES, choices, codes_in, invite, lines_of, wish_of
from syncd.portal.web.request import REFUSED, Asker, signed_in

WAYS = ("auto", "card", "link", "mail")
LEAST, LEAST_AT_CABINET = "information", "read"  # unless somebody chooses more


def _roles(asker: Asker) -> list[Role]:
    """Those below the person, the companies' first."""
    roles = list(asker.person.role.below)
    if asker.person.role.of_cabinet and (
        asker.person.everywhere is not None or any(may_manage_client(asker.person, c) for c in asker.person.clients)
    ):
        roles = [Role.CONTACT, *roles]
    return roles


@require_http_methods(["GET", "POST"])
@signed_in
def new(asker: Asker) -> HttpResponse:
    """`do` = look: what is said is computed, and nothing made (for who has no script)."""
    roles = _roles(asker)
    if not roles:
        raise Http404
    post = asker.request.POST
    if asker.request.method != "POST" or post.get("do") == "look":
        return _page(asker, roles, "")
    try:
        way = _way(post)
        wish = wish_of(asker, None)
        invitations.check_mail(way, wish.email, wish.name)
        user = accounts.create(asker.person, wish)
    except REFUSED as e:
        return _page(asker, roles, str(e))
    return invite(asker, user, way)


def _way(post: Mapping[str, str]) -> str:
    """By mail where nothing else was chosen and there is an address."""
    way = post.get("invite", "auto")
    if way in WAYS[1:]:
        return way
    return "mail" if post.get("email", "").strip() and mail_queue.configured() else "card"


def _page(asker: Asker, roles: list[Role], message: str) -> HttpResponse:
    """What was given stays, the chosen way too."""
    given = asker.request.POST if asker.request.method == "POST" else asker.request.GET
    told = _told(asker, given)
    role = given.get("role", "")
    if role not in roles:
        cabinets = given.get("side") == "cabinet"
        role = next((r.value for r in roles if r.of_cabinet is cabinets), roles[0].value)
        role = next((r.value for r in reversed(roles) if r.of_cabinet), role) if cabinets else role
    many = {f: set(given.getlist(f)) for f in ("site", "group", "sector", "responsible")}
    folders = told["folders"]
    chosen = {
        "labels": [(name, _(label), folders.get(name, "")) for name, label in LABELS.items()],
        "cabinet_labels": [(name, _(label), "") for name, label in CABINET_LABELS.items()],
        "chosen": {**many, "client": set(codes_in(given.getlist("client")))}, "codes": " ".join(given.getlist("client")),
        "preset": given.get("preset", LEAST), "preset_cabinet": given.get("preset_cabinet", LEAST_AT_CABINET),
        "invite": given.get("invite", "auto"), "covers": told["covers"], "sign_in": told["sign_in"],
    }  # fmt: skip
    return asker.page(
        "person_new", status=403 if message else 200, message=message, given=given, role=role, roles=[(r.value, _(ROLES[r])) for r in roles],
        companies=any(not r.of_cabinet for r in roles), cabinets=any(r.of_cabinet for r in roles), by_mail=mail_queue.configured(),
        **{**choices(asker), **chosen},
    )  # fmt: skip


@require_POST
@signed_in
def look(asker: Asker) -> HttpResponse:
    """The same as a browser's script asks for it while one types."""
    if not _roles(asker):
        raise Http404
    return JsonResponse(_told(asker, asker.request.POST))


def _told(asker: Asker, given: Any) -> dict[str, Any]:
    """`sign_in`: the name that would be given; `covers`: how many clients are seen; `folders`: with each set of rights."""
    codes, name, email = codes_in(given.getlist("client")), given.get("name", ""), given.get("email", "").strip()
    sign_in = email.lower()
    if name.strip() and not email:
        try:
            sign_in = accounts.free_sign_in(name, codes[0] if codes else "")
        except Refusal:
            sign_in = ""
    seen = access_preview.folders_seen(access_preview.samples(asker.person, codes), PRESETS)
    shown = {n: ", ".join(asker.labels.shown(f) for f in folders) or _("aucun dossier") for n, folders in seen.items()}
    return {"sign_in": sign_in, "covers": _covers(asker, given), "folders": shown}


def _covers(asker: Asker, given: Any) -> str:
    if not asker.person.role.of_cabinet:
        return ""
    lines = [("all", "")] if given.get("role") == Role.CORRESPONDENT else lines_of(asker, given)
    count = access_preview.clients_seen(asker.person, lines)
    if not count:
        return _("Ne verra aucun client pour l'instant.")
    return _("Verra {clients}.").format(clients=counted(count, "client", "clients"))
