"""Activity › Synchronisation: how it goes, pass by pass; deletions that companies ask for; "Synchroniser"."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from syncd.core.verdicts import BY_HAND, Verdict
from syncd.portal.documents import deletion_requests as asked
from syncd.portal.language import counted, label, reason
from syncd.portal.models import RunReport
from syncd.portal.sync import dashboard
from syncd.portal.web.request import REFUSED, Asker, for_cabinet, for_correspondents
from syncd.portal.web.runs import did


@require_GET
@for_cabinet
def show(asker: Asker) -> HttpResponse:
    desk = dashboard.desk(asker.person, asker.cabinet, most=PASSES)
    runs = [_run(passes) for passes in desk.runs]
    days = [(day, list(ones)) for day, ones in groupby(runs, key=lambda r: timezone.localdate(r["run"].started_at))]
    asked = sum(w.agreed is None for w in desk.waiting)
    return asker.page("sync", asked=asked, desk=desk, trouble=trouble(desk), days=days)


PASSES = 40


def _run(passes: dashboard.Passes) -> dict[str, Any]:
    run = passes.last
    return {
        "run": run, "label": label(Verdict(run.verdict), run.exit_code), "tone": "warning" if run.exit_code in BY_HAND else run.verdict,
        "did": did(run.counts) if any(run.counts.values()) or not run.reason else "", "why": _why(run), "passes": passes,
    }  # fmt: skip


def trouble(desk: dashboard.Desk) -> str:
    """Why the last pass was given up, as a sentence; '' where it was not."""
    return _why(desk.given_up.last) if desk.given_up else ""


def _why(run: RunReport) -> str:
    """Why it was given up, as a sentence; '' where it was not, or an older engine did not say."""
    if not run.reason:
        return ""
    said = reason(run.reason, run.cause).removeprefix("interrompu : ").removeprefix("stopped: ")
    return f"{said[0].upper()}{said[1:]}."


@require_POST
@for_cabinet
def deletions(asker: Asker) -> HttpResponse:
    """What companies ask to have deleted: the chosen ones (`id`) are, or stay (`answer`)."""
    agreed = asker.request.POST.get("answer") == "yes"
    chosen, done, kept = set(asker.request.POST.getlist("id")), 0, True
    for request in asked.asked(asker.person):
        if request.document_id in chosen:
            try:
                asked.answer(asker.person, request.document, agreed)
            except REFUSED:  # taken back, or answered, by somebody else meanwhile
                continue
            done, kept = done + 1, kept and request.document.kept_at_cabinet
    if not done:
        asker.say(_("Choisissez au moins un document."), "warn")
    elif agreed and kept:
        deleted = counted(done, "document supprimé", "documents supprimés")
        asker.say(_("{documents} de l'espace client ; le cabinet garde ses exemplaires.").format(documents=deleted))
    elif agreed:
        deleted = counted(done, "document supprimé", "documents supprimés")
        asker.say(_("{documents} de l'espace client. La corbeille garde tout.").format(documents=deleted))
    else:
        staying = counted(done, "document reste", "documents restent")
        asker.say(_("{documents} dans l'espace client.").format(documents=staying))
    return redirect("todo")


@require_POST
@for_correspondents
def synchronise(asker: Asker) -> HttpResponse:
    dashboard.ask_for_pass(asker.person)
    asker.say(_("Demande envoyée : le service du cabinet passe sur tous les dossiers maintenant."))
    return redirect(asker.back("home", "sync"))
