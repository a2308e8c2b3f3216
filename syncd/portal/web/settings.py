"""« Réglages » du cabinet : its look, the keys of its engines, what was done by whom."""

from __future__ import annotations

import re

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_POST

from syncd.core.errors import UsageError
from syncd.portal.clients import templates
from syncd.portal.language import named
from syncd.portal.models import Audit, Cabinet, EngineToken, OwnTemplate, User
from syncd.portal.records import audit
from syncd.portal.rights import Role
from syncd.portal.sync import engine_keys
from syncd.portal.web.request import Asker, for_correspondents

LOGO = 300_000
_SIGNS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
WHAT = {
    "sign_in": noop("connexion"), "password_chosen": noop("mot de passe choisi"), "account_created": noop("accès créé"), "account_changed": noop("accès modifié"),
    "account_revoke": noop("accès retiré"), "account_allow": noop("accès rendu"), "account_sign_out": noop("connexions fermées"),
    "account_no_second": noop("double authentification désactivée"), "invited_card": noop("fiche d'accès imprimée"), "invited_link": noop("lien d'invitation créé"),
    "invited_mail": noop("invitation envoyée"), "client_created": noop("client créé"), "client_changed": noop("fiche client modifiée"), "clients_imported": noop("clients importés"),
    "document_deleted": noop("document supprimé"), "document_wanted": noop("document repris au cabinet"), "document_restored": noop("document restauré"), "agreed": noop("synchronisation autorisée"),
    "refused": noop("synchronisation refusée"), "key_made": noop("clé de synchronisation créée"), "key_revoked": noop("clé de synchronisation retirée"),
    "computer_changed": noop("changement d'ordinateur"), "look_changed": noop("apparence modifiée"), "own_password": noop("mot de passe changé"),
    "own_second_on": noop("double authentification activée"), "own_second_off": noop("double authentification désactivée"), "own_mails": noop("préférences d'e-mail"),
    "own_sign_out_everywhere": noop("autres connexions fermées"), "tree_changed": noop("arborescence modifiée"), "exercise_added": noop("exercice ajouté"),
    "own_language": noop("langue choisie"), "own_name": noop("nom changé"), "template_kept": noop("modèle d'arborescence enregistré"),
    "template_removed": noop("modèle d'arborescence retiré"), "own_feed_on": noop("fil d'actualité créé"), "own_feed_off": noop("fil d'actualité retiré"),
    "shelves_changed": noop("ordre et noms des dossiers"), "habits_changed": noop("suivi des documents"), "clients_closed": noop("clients désactivés"),
    "clients_opened": noop("clients réactivés"), "deletion_asked": noop("suppression demandée"), "deletion_declined": noop("suppression refusée"),
    "own_email": noop("adresse e-mail changée"), "own_codes": noop("codes de secours refaits"), "own_wrong_password": noop("mot de passe actuel faux"),
    "sign_in_failed": noop("connexion échouée"), "second_failed": noop("code de double authentification faux"),
    "client_closed": noop("client désactivé"), "client_opened": noop("client réactivé"),
}  # fmt: skip


@require_GET
@for_correspondents
def show(asker: Asker) -> HttpResponse:
    tokens = EngineToken.objects.filter(cabinet=asker.cabinet).order_by("revoked_at", "-created_at")
    own = OwnTemplate.objects.filter(cabinet=asker.cabinet).order_by("title")
    return asker.page("settings", tokens=tokens, key=asker.request.session.pop("key", ""), templates=own)


@require_POST
@for_correspondents
def act(asker: Asker) -> HttpResponse:
    """`do`: look, habits, template, key, revoke, computer."""
    post, what = asker.request.POST, asker.request.POST.get("do", "")
    try:
        if what == "look":
            with audit.doing(asker.request, asker.user, "look_changed"):
                _look(asker)
            asker.say(_("Apparence enregistrée."))
        elif what == "habits":
            with audit.doing(asker.request, asker.user, "habits_changed"):
                Cabinet.objects.filter(id=asker.cabinet.id).update(treated=post.get("treated") == "on")
            asker.say(_("Suivi des documents enregistré."))
        elif what == "template":
            with audit.doing(asker.request, asker.user, "template_removed") as line:
                line.about = templates.remove(asker.cabinet, post.get("template", ""))
            asker.say(_("Le modèle « {title} » n'est plus proposé.").format(title=line.about))
        elif what == "key":
            with audit.doing(asker.request, asker.user, "key_made", post.get("label", "")):
                key = engine_keys.make(asker.cabinet, post.get("label", ""), post.get("networks", ""))
            asker.request.session["key"] = key
        elif what == "revoke":
            with audit.doing(asker.request, asker.user, "key_revoked", post.get("key", "")):
                engine_keys.revoke(asker.cabinet, post.get("key", ""))
            asker.say(_("Clé retirée : l'ordinateur qui s'en servait ne synchronise plus."))
        elif what == "computer":
            with audit.doing(asker.request, asker.user, "computer_changed"):
                engine_keys.change_computer(asker.cabinet)
            asker.say(
                _(
                    "Le nouvel ordinateur peut prendre la suite : lancez-y la synchronisation. L'ancien ne peut plus rien écrire."
                )
            )
    except UsageError as e:
        asker.say(str(e))
    return redirect("settings")


def _look(asker: Asker) -> None:
    colour = asker.request.POST.get("colour", "").lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", colour):
        raise UsageError(_("Choisissez une couleur."))
    if _brightness(colour) > 0.18:
        raise UsageError(_("Cette couleur est trop claire : le texte blanc des boutons ne s'y lirait pas."))
    values: dict[str, object] = {"colour": colour}
    logo = asker.request.FILES.get("logo")
    if logo is not None:
        data = logo.read(LOGO + 1)
        kind = next((t for sign, t in _SIGNS.items() if data.startswith(sign)), "")
        if not kind or len(data) > LOGO:
            raise UsageError(_("Le logo est une image PNG ou JPEG de 300 Ko au plus."))
        values |= {"logo": data, "logo_type": kind}
    elif asker.request.POST.get("no_logo"):
        values |= {"logo": b"", "logo_type": ""}
    Cabinet.objects.filter(id=asker.cabinet.id).update(**values)


def _brightness(colour: str) -> float:
    """Relative luminance (WCAG 2): up to 0.18, white text on it, and it on white, has a contrast of at least 4.5."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _signed(line: Audit, role: str | None) -> str:
    """Who it was, with their side; of a stranger under somebody's name, nobody."""
    if role is None or line.by == "?":
        return line.by
    return named(line.by, "cabinet" if Role(role).of_cabinet else "company")


@require_GET
@for_correspondents
def trail(asker: Asker) -> HttpResponse:
    """The audit: who did what, when, from where; 12 months."""
    found = Audit.objects.filter(cabinet=asker.cabinet).order_by("-at")
    wanted = " ".join(asker.request.GET.get("q", "").split())
    if wanted:
        found = found.filter(by__icontains=wanted) | found.filter(about__icontains=wanted)
    page = Paginator(found, 100).get_page(asker.request.GET.get("page"))
    lines = list(page)
    roles = dict(User.objects.filter(id__in={a.user_id for a in lines}).values_list("id", "role"))
    rows = [
        {"line": a, "by": _signed(a, roles.get(a.user_id)), "what": _(WHAT[a.what]) if a.what in WHAT else a.what}
        for a in lines
    ]
    return asker.page("audit_trail", page=page, rows=rows, given=wanted)
