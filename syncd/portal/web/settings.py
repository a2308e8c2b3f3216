"""« Réglages » du cabinet : its look, the keys of its engines, what was done by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_GET, require_POST

from syncd.core.search_folding import fold
from syncd.portal.clients import cabinet_settings, engine_cards, templates
from syncd.portal.language import named
from syncd.portal.models import Audit, EngineToken, OwnTemplate, User
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Role
from syncd.portal.sync import engine_keys
from syncd.portal.web.request import REFUSED, Asker, for_correspondents

WHAT = {
    "message": noop("message écrit"), "message_note": noop("note interne écrite"), "message_forwarded": noop("échange transféré"), "message_forward_asked": noop("échange à transférer, adresse interrogée"), "own_forward": noop("transfert des messages"),
    "platform_set": noop("plateforme agréée raccordée"), "platform_on": noop("récupération des factures activée"), "platform_off": noop("récupération des factures désactivée"),
    "platform_forgotten": noop("plateforme agréée oubliée"), "platform_taken": noop("facture de plateforme reprise"), "platform_left": noop("facture de plateforme laissée de côté"),
    "sign_in": noop("connexion"), "password_chosen": noop("mot de passe choisi"), "account_created": noop("accès créé"), "account_changed": noop("accès modifié"),
    "account_revoke": noop("accès retiré"), "account_allow": noop("accès rendu"), "account_sign_out": noop("connexions fermées"),
    "account_no_second": noop("double authentification désactivée"), "invited_card": noop("fiche d'accès imprimée"), "invited_link": noop("lien d'invitation créé"),
    "invited_mail": noop("invitation envoyée"), "client_created": noop("client créé"), "client_changed": noop("fiche client modifiée"), "clients_imported": noop("clients importés"),
    "document_deleted": noop("document supprimé"), "document_wanted": noop("document repris au cabinet"), "document_restored": noop("document restauré"), "agreed": noop("synchronisation autorisée"),
    "refused": noop("synchronisation refusée"), "key_made": noop("clé de synchronisation créée"), "key_revoked": noop("clé de synchronisation retirée"),
    "program_key_made": noop("clé d'un programme créée"), "program_key_revoked": noop("clé d'un programme retirée"),
    "program_deposit": noop("dépôt d'un programme"), "program_entries": noop("écritures d'un document"),
    "computer_changed": noop("changement d'ordinateur"), "look_changed": noop("apparence modifiée"), "cabinet_added": noop("cabinet ajouté"), "cabinet_closed": noop("cabinet fermé"), "cabinet_opened": noop("cabinet rouvert"), "own_password": noop("mot de passe changé"),
    "own_second_on": noop("double authentification activée"), "own_second_off": noop("double authentification désactivée"), "own_mails": noop("préférences d'e-mail"),
    "own_sign_out_everywhere": noop("autres connexions fermées"), "tree_changed": noop("arborescence modifiée"), "exercise_added": noop("exercice ajouté"),
    "own_language": noop("langue choisie"), "own_name": noop("nom changé"), "template_kept": noop("modèle d'arborescence enregistré"),
    "documents_requested": noop("pièces demandées"), "request_item_closed": noop("pièce close"), "request_item_waived": noop("pièce sans objet"),
    "request_item_reopened": noop("pièce redemandée"), "request_answer_refused": noop("pièce refusée"), "request_reminded": noop("demande relancée à la main"),
    "request_series_stopped": noop("demande de chaque mois arrêtée"), "request_list_kept": noop("liste de demandes enregistrée"),
    "request_list_removed": noop("liste de demandes supprimée"),
    "template_removed": noop("modèle d'arborescence retiré"), "own_feed_on": noop("fil d'actualité créé"), "own_feed_off": noop("fil d'actualité retiré"),
    "shelves_changed": noop("ordre et noms des dossiers"), "habits_changed": noop("suivi des documents"), "clients_closed": noop("clients désactivés"),
    "clients_opened": noop("clients réactivés"), "deletion_asked": noop("suppression demandée"), "deletion_declined": noop("suppression refusée"),
    "own_email": noop("adresse e-mail changée"), "own_codes": noop("codes de secours refaits"), "own_wrong_password": noop("mot de passe actuel faux"),
    "sign_in_failed": noop("connexion échouée"), "second_failed": noop("code de double authentification faux"),
    "report_ignored": noop("point à voir ignoré"), "report_heeded": noop("point à voir de nouveau"), "clients_assigned": noop("responsable choisi"),
    "client_closed": noop("client désactivé"), "client_opened": noop("client réactivé"),
    "phone_changed": noop("téléphone du cabinet"), "handed_over": noop("documents récupérés"), "engine_cards_on": noop("fiches ouvertes à la synchronisation"),
    "engine_cards_off": noop("fiches fermées à la synchronisation"),
    "calendar_entry_added": noop("ajout au calendrier"), "calendar_entry_moved": noop("ajout au calendrier déplacé"),
    "calendar_entry_removed": noop("ajout retiré du calendrier"), "calendar_moved": noop("échéance déplacée"),
    "calendar_hidden": noop("échéance masquée"), "calendar_shown": noop("échéance de nouveau montrée"),
    "calendar_restored": noop("échéance rendue aux règles"), "calendar_ticked": noop("échéance faite"),
    "calendar_unticked": noop("échéance de nouveau à faire"), "calendar_alert_on": noop("alerte d'échéance demandée"),
    "calendar_alert_off": noop("alerte d'échéance retirée"), "own_calendar_on": noop("adresse d'agenda créée"),
    "own_calendar_off": noop("adresse d'agenda retirée"),
    "package_asked": noop("paquet demandé"), "package_dealt": noop("paquet à traiter"), "package_discarded": noop("paquet supprimé"),
    "package_trusted": noop("clé d'une entreprise enregistrée"), "package_mailed": noop("paquet envoyé par e-mail"),
    "package_handed_in": noop("paquet remis"), "package_fetched": noop("paquet téléchargé"),
    "task_planned": noop("tâche planifiée"), "task_changed": noop("tâche modifiée"), "task_removed": noop("tâche supprimée"),
}  # fmt: skip


@require_GET
@for_correspondents
def show(asker: Asker) -> HttpResponse:
    tokens = EngineToken.objects.filter(cabinet=asker.cabinet).order_by("revoked_at", "-created_at")
    own = sorted(OwnTemplate.objects.filter(cabinet=asker.cabinet), key=lambda t: fold(t.title))
    return asker.page("settings", tokens=tokens, key=asker.request.session.pop("key", ""), templates=own)


@require_POST
@for_correspondents
def act(asker: Asker) -> HttpResponse:
    """`do`: look, phone, habits, cards, template, key, revoke, computer."""
    what = asker.request.POST.get("do", "")
    try:
        if what in DOES and (said := DOES[what](asker)):
            asker.say(said)
    except REFUSED as e:
        asker.say(str(e), "bad")
    return redirect("settings")


def _look(asker: Asker) -> str:
    given = asker.request.FILES.get("logo")
    logo = given.read(cabinet_settings.LOGO + 1) if given is not None else None
    if logo is None and asker.request.POST.get("no_logo"):
        logo = b""
    elif logo == b"":
        raise Refusal(Code.NO_LOGO)
    cabinet_settings.choose_look(asker.person, asker.request.POST.get("colour", "").lower(), logo)
    return _("Apparence enregistrée.")


def _phone(asker: Asker) -> str:
    cabinet_settings.choose_phone(asker.person, asker.request.POST.get("phone", ""))
    return _("Téléphone enregistré : il est imprimé sur les fiches d'accès.")


def _habits(asker: Asker) -> str:
    cabinet_settings.choose_habits(asker.person, treated=asker.request.POST.get("treated") == "on")
    return _("Suivi des documents enregistré.")


def _cards(asker: Asker) -> str:
    on = asker.request.POST.get("cards") == "on"
    engine_cards.allow(asker.person, None, on)
    if on:
        return _("La synchronisation peut créer des clients et modifier leurs fiches.")
    return _("La synchronisation ne crée plus de client, et ne modifie que les fiches que vous lui ouvrez.")


def _template(asker: Asker) -> str:
    title = templates.remove(asker.person, asker.request.POST.get("template", ""))
    return _("Le modèle « {title} » n'est plus proposé.").format(title=title)


def _key(asker: Asker) -> str:
    post = asker.request.POST
    asker.request.session["key"] = engine_keys.make(asker.person, post.get("label", ""), post.get("networks", ""))
    return ""


def _revoke(asker: Asker) -> str:
    engine_keys.revoke(asker.person, asker.request.POST.get("key", ""))
    return _("Clé retirée : l'ordinateur qui s'en servait ne synchronise plus.")


def _computer(asker: Asker) -> str:
    engine_keys.change_computer(asker.person)
    return _(
        "Le nouvel ordinateur peut prendre la suite : lancez-y la synchronisation. L'ancien ne peut plus rien écrire."
    )


DOES: Mapping[str, Callable[[Asker], str]] = {
    "look": _look, "phone": _phone, "habits": _habits, "cards": _cards, "template": _template, "key": _key, "revoke": _revoke, "computer": _computer,
}  # fmt: skip


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
