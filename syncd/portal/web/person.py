"""One person: made, changed, invited, withdrawn; the printed "fiche d'accès"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_http_methods, require_POST

from syncd.core.errors import UsageError
from syncd.core.search_folding import fold
from syncd.portal.language import NAMES
from syncd.portal.models import Client, User
from syncd.portal.people import accounts, invitations, second_factor
from syncd.portal.people.accounts import Wish
from syncd.portal.people.bulk_accounts import Sheet
from syncd.portal.people.visibility import account_of, reached_clients, verbs
from syncd.portal.records import mail_queue
from syncd.portal.rights import (
    CABINET_PRESETS,
    FORMER_PRESETS,
    NOTHING,
    PRESETS,
    Kinds,
    Role,
    Verb,
    may_manage_account,
    meet,
    to_documents,
    with_messages,
    within,
)
from syncd.portal.web import access_sheets
from syncd.portal.web.request import REFUSED, Asker, signed_in

LISTED = 3000  # clients to choose from in a list; more are named by their codes
ROLES = {
    Role.CORRESPONDENT: noop("Correspondant"), Role.ASSOCIATE: noop("Associé"), Role.ASSISTANT: noop("Collaborateur"),
    Role.CONTACT: noop("Contact principal"), Role.MEMBER: noop("Collaborateur de la société"),
}  # fmt: skip
LABELS = {
    "all": noop("Gérant : tous les dossiers"), "secretary": noop("Secrétaire : Achats, Ventes, Banque, Autres, À classer"), "payroll": noop("RH : Social"),
    "information": noop("Informations générales seulement"), "deposit": noop("Dépôt et consultation"), "read": noop("Lecture seule"),
}  # fmt: skip
FORMER_LABELS = {"secretary_before": noop("Secrétaire : Achats, Ventes, Banque, Autres")}
CABINET_LABELS = {
    "all": noop("Tout, y compris régler les clients et leurs accès"), "work": noop("Travailler sur tous les documents"),
    "work_without_payroll": noop("Travailler sur les documents, sans le social"), "read": noop("Lecture seule"),
}  # fmt: skip


def preset_of(kinds: Kinds, cabinet: bool) -> str:
    """'' of rights that were given one by one. Whether messages are read with them is said beside."""
    presets, kinds = CABINET_PRESETS if cabinet else {**PRESETS, **FORMER_PRESETS}, to_documents(kinds)
    return next((n for n, k in presets.items() if within(k, kinds) and within(kinds, k)), "")


def _held(user: User) -> Kinds:
    return {kind: verbs(text) for kind, text in accounts.kinds_of(user).items()}


def clients_of(asker: Asker) -> list[Client]:
    found = Client.objects.filter(reached_clients(asker.person), closed=False).order_by("code")
    return list(found.only("id", "code", "name", "site", "group", "sector"))


def said_of(labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(value, _(label)) for value, label in labels.items()]


def choices(asker: Asker) -> dict[str, Any]:
    clients = clients_of(asker)
    colleagues = User.objects.filter(
        cabinet=asker.cabinet, is_active=True, role__in=[r.value for r in Role if r.of_cabinet]
    )

    def values(field: str) -> list[str]:
        return sorted({getattr(c, field) for c in clients if getattr(c, field)}, key=fold)

    return {
        "clients": [] if len(clients) > LISTED else clients, "many": len(clients) > LISTED, "labels": said_of(LABELS), "cabinet_labels": said_of(CABINET_LABELS), "languages": NAMES,
         "sites": values("site"),
        "groups": values("group"), "sectors": values("sector"), "colleagues": list(colleagues.order_by("folded")) if asker.person.role.of_cabinet else [],
    }  # fmt: skip


def codes_in(given: list[str]) -> list[str]:
    """Clients' codes, out of a list of choices or of a line."""
    return [code for code in re.split(r"[\s,;]+", " ".join(given)) if code]


def lines_of(asker: Asker, given: Any) -> list[tuple[str, str]]:
    """The portfolio that a form asks for."""
    lines = [("all", "")] if given.get("all") else []
    for field in ("site", "group", "sector", "responsible"):
        lines += [(field, v) for v in given.getlist(field) if v]
    codes = codes_in(given.getlist("client"))
    named = Client.objects.filter(reached_clients(asker.person), code__in=codes).values_list("id", flat=True)
    return lines + [("client", c) for c in named]


def wish_of(asker: Asker, user: User | None) -> Wish:
    """What the form asks for. Raises UsageError."""
    post = asker.request.POST
    try:
        role = Role(user.role if user else post.get("role", ""))
    except ValueError:
        raise UsageError(_("Choisissez le rôle de cette personne.")) from None
    presets: Mapping[str, Kinds] = CABINET_PRESETS if role.of_cabinet else PRESETS
    preset = post.get("preset_cabinet" if role.of_cabinet else "preset", "")
    if preset not in presets and role is not Role.CORRESPONDENT:
        raise UsageError(_("Choisissez les droits de cette personne."))
    chosen = codes_in(post.getlist("client"))
    known = set(Client.objects.filter(reached_clients(asker.person), code__in=chosen).values_list("code", flat=True))
    if unknown := [code for code in chosen if code not in known]:
        raise UsageError(_("Code dossier inconnu : {codes}.").format(codes=", ".join(unknown[:5])))
    clients = list(Client.objects.filter(reached_clients(asker.person), code__in=chosen)) if not role.of_cabinet else []
    if not role.of_cabinet and not asker.person.role.of_cabinet and not chosen:
        clients = list(Client.objects.filter(reached_clients(asker.person)))
    if not role.of_cabinet and not clients:
        raise UsageError(_("Choisissez le client dont cette personne verra les dossiers."))
    lines = lines_of(asker, post)
    name, email = post.get("name", ""), post.get("email", "")
    sign_in = (
        post.get("sign_in", "").strip() or email or accounts.free_sign_in(name, clients[0].code if clients else "")
    )
    kinds = presets.get(preset, {})
    if not post.get("no_messages"):
        kinds = with_messages(kinds, _handed_on(asker, clients))
    spoken = post.get("language", "")
    return Wish(
        name, user.sign_in if user else sign_in, role, kinds, email, clients, lines, spoken if spoken in NAMES else ""
    )


def _handed_on(asker: Asker, clients: list[Client]) -> Kinds:
    """What the asker may give: of these clients, without any (of a colleague) of the asker's own."""
    held = [asker.person.grants(c) for c in ([c.id for c in clients] or asker.person.clients)]
    if asker.person.everywhere is not None:
        return asker.person.everywhere
    kinds = held[0] if held else NOTHING
    for other in held[1:]:
        kinds = kinds if other is kinds else meet(kinds, other)
    return kinds


def _silent(user: User) -> bool:
    """Whether somebody who sees documents reads no messages."""
    held = [verbs for verbs in _held(user).values() if Verb.VIEW in verbs]
    return bool(held) and not any(Verb.MESSAGE in verbs for verbs in held)


def _person(asker: Asker, user_id: str) -> User:
    user = User.objects.filter(cabinet=asker.cabinet, id=user_id).first()
    if user is None or not may_manage_account(asker.person, account_of(user)):
        raise Http404
    return user


@require_http_methods(["GET", "POST"])
@signed_in
def one(asker: Asker, user_id: str) -> HttpResponse:
    user = _person(asker, user_id)
    message = ""
    if asker.request.method == "POST":
        try:
            accounts.change(asker.person, user, wish_of(asker, user))
        except REFUSED as e:
            message = str(e)
        else:
            asker.say(_("Modifications enregistrées."))
            return redirect("person", user.id)
    role = Role(user.role)
    lines = list(user.portfolio.values_list("field", "value"))
    mine = {v for f, v in lines if f == "client"} | {g.client_id for g in user.grants.all() if g.client_id}
    chosen = {f: {v for g, v in lines if g == f} for f in ("site", "group", "sector", "responsible")}
    below = User.objects.filter(parent=user, is_active=True).count()
    codes = " ".join(Client.objects.filter(id__in=mine).order_by("code").values_list("code", flat=True))
    return asker.page(
        "person", status=403 if message else 200, who=user, role=_(ROLES[role]), role_value=role.value, message=message, mine=mine,
        chosen=chosen, everything=("all", "") in lines, preset=preset_of(_held(user), role.of_cabinet), silent=_silent(user), below=below, lets_in=accounts.lets_in(asker.person, user),
        by_mail=bool(user.email) and mail_queue.configured(), may_allow=accounts.may_give_back(asker.person, user), roles=[], codes=codes,
        given={}, **choices(asker),
    )  # fmt: skip


@require_POST
@signed_in
def act(asker: Asker, user_id: str) -> HttpResponse:
    """`do`: link, card, mail, revoke, allow, sign_out, no_second."""
    user, what = _person(asker, user_id), asker.request.POST.get("do", "")
    if what in ("link", "card", "mail"):
        return invite(asker, user, what)
    if what not in ("revoke", "allow", "sign_out", "no_second"):
        raise Http404
    try:
        asker.say(_act(asker, user, what))
    except REFUSED as e:
        asker.say(str(e), "bad")
    return redirect("person", user.id)


def _act(asker: Asker, user: User, what: str) -> str:
    if what in ("revoke", "allow"):
        accounts.set_active(asker.person, user, what == "allow")
        return _("Accès retiré.") if what == "revoke" else _("Accès rendu.")
    if what == "sign_out":
        accounts.sign_out(asker.person, user)
        return _("Toutes les connexions de cette personne sont fermées.")
    second_factor.turn_off_for(asker.person, user)
    return _("La double authentification de cette personne est désactivée.")


def invite(asker: Asker, user: User, kind: str) -> HttpResponse:
    """What does not go out by mail is shown on this page alone."""
    try:
        kind, secret = invitations.invite(asker.person, user, kind)
    except REFUSED as e:
        asker.say(str(e), "bad")
        return redirect("person", user.id)
    if kind == "mail":
        asker.say(_("L'invitation part à {email}.").format(email=user.email))
        return redirect("person", user.id)
    if kind == "card":
        names = Client.objects.filter(grants__user=user).order_by("name").distinct().values_list("name", flat=True)
        sheet = Sheet(user, secret, tuple(names))
        return access_sheets.page(asker, [sheet], [], reverse("person", args=[user.id]))
    link = asker.request.build_absolute_uri(f"/invitation/{secret}")
    return asker.page("invitation_link", who=user, link=link)
