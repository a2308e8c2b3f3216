"""« Plateforme agréée » of a client: how its invoices are fetched, what came of it, what waits for a decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_http_methods

from syncd.core.flows import Failure, Reason
from syncd.portal.flows import connections
from syncd.portal.flows.connections import Given
from syncd.portal.language import reason
from syncd.portal.models import Client, Flow
from syncd.portal.web.forms import day
from syncd.portal.web.request import REFUSED, Asker, for_cabinet

FAILED = {
    Failure.ADDRESS: noop("L'adresse de la plateforme mène à un réseau privé : vérifiez-la avec la plateforme."),
    Failure.UNREACHABLE: noop("La plateforme ne répond pas, ou son adresse n'existe pas."),
    Failure.SLOW: noop("La plateforme n'a pas répondu à temps."),
    Failure.CERTIFICATE: noop("Le certificat de la plateforme n'est pas valable : rien ne lui est envoyé."),
    Failure.REDIRECTED: noop("La plateforme renvoie à une autre adresse : demandez-lui celle du service de flux."),
    Failure.CREDENTIALS: noop("La plateforme refuse l'identifiant ou le secret : redemandez-les, puis enregistrez-les ici."),
    Failure.FORBIDDEN: noop("La plateforme refuse l'accès aux factures de ce client : demandez-lui d'ouvrir ce droit."),
    Failure.MISSING: noop("Cette adresse n'est pas celle d'un service de flux : vérifiez-la avec la plateforme."),
    Failure.BUSY: noop("La plateforme demande d'attendre."),
    Failure.FAILING: noop("La plateforme est en panne."),
    Failure.ODD: noop("La réponse n'est pas celle d'un service de flux : vérifiez l'adresse."),
    Failure.CURSOR: noop("La plateforme a perdu le fil de la liste : elle est reprise depuis le début."),
    Failure.LARGE: noop("La réponse de la plateforme est trop grande."),
}  # fmt: skip
HELD = {
    Reason.DIGEST: noop("le fichier reçu n'est pas celui que la plateforme annonce"),
    Reason.GONE: noop("la plateforme l'annonce et ne le donne pas"),
    Reason.LARGE: noop("plus de 50 Mo"),
    Reason.KIND: noop("ni PDF ni XML"),
    Reason.OTHER_BUYER: noop("adressée à un autre SIREN que celui de la fiche"),
    Reason.NO_FOLDER: noop("aucun dossier où la ranger"),
}
BEFORE = 30  # days that the form proposes to go back


@require_http_methods(["GET", "POST"])
@for_cabinet
def show(asker: Asker, code: str) -> HttpResponse:
    """`do`: save, on, off, test, forget, take, leave."""
    client = asker.managed(code)
    if asker.request.method != "POST":
        return _page(asker, client)
    try:
        said = _act(asker, client, asker.request.POST.get("do", ""))
    except REFUSED as e:
        return _page(asker, client, str(e))
    asker.say(said)
    return redirect("platform", client.code)


def _act(asker: Asker, client: Client, do: str) -> str:
    person, post = asker.person, asker.request.POST
    match do:
        case "save":
            texts = {n: post.get(n, "") for n in ("name", "address", "secret", "token_address", "ident", "scope", "organization")}  # fmt: skip
            start = day(post.get("start", "")) or timezone.localdate()
            connections.connect(person, client, Given(start=start, **texts))
            return _("Raccordement enregistré. Testez-le, puis activez-le.")
        case "on":
            connections.switch(person, client, True)
            return _("Récupération activée : la première lecture commence.")
        case "off":
            connections.switch(person, client, False)
            return _("Récupération désactivée : plus rien n'est demandé à la plateforme.")
        case "test":
            connections.ask_for_test(person, client)
            return _("Essai en cours : rechargez la page dans quelques secondes.")
        case "forget":
            connections.forget(person, client)
            return _("Raccordement oublié, secret compris ; les factures reçues restent.")
        case "take" | "leave":
            connections.decide(person, client, post.get("flow", ""), do == "take")
            return (
                _("La facture est reprise à la prochaine lecture.")
                if do == "take"
                else _("La facture est laissée de côté.")
            )
    return ""


def _page(asker: Asker, client: Client, message: str = "") -> HttpResponse:
    """What was given stays, but the secret."""
    try:
        connection = connections.connection_of(asker.person, client)
        held = connections.held_back(asker.person, client) if connection else ()
    except REFUSED as e:
        connection, held, message = None, (), str(e)
    post: Any = asker.request.POST
    given = {k: v for k, v in post.items() if k != "secret"} if message else connection
    return asker.page(
        "platform", status=403 if message else 200, client=client, message=message, connection=connection, given=given,
        failure=_said(connection.failure) if connection else "", test=connection.test if connection else "",
        tested=_said(connection.test) if connection else "", start=_start(connection, post), held=[_row(f) for f in held],
    )  # fmt: skip


def _start(connection: Any, post: Any) -> str:
    found = day(post.get("start", "")) or (
        connection.start if connection else timezone.localdate() - timedelta(days=BEFORE)
    )
    return f"{found:%Y-%m-%d}"


def _said(code: str) -> str:
    return _(FAILED[Failure(code)]) if code in set(Failure) else ""


def _row(flow: Flow) -> dict[str, Any]:
    why = _(HELD[Reason(flow.reason)]) if flow.reason in set(HELD) else reason(flow.reason, flow.detail)
    return {"flow": flow, "why": why, "who": flow.detail if flow.reason == Reason.OTHER_BUYER else ""}
