"""The cabinet's desk: how the synchronisation goes, agreement to what waits, "Synchroniser maintenant"."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from syncd.core.verdicts import BY_HAND, Verdict
from syncd.portal.documents import deletion_requests as asked
from syncd.portal.documents import lifecycle
from syncd.portal.language import age, counted, label, reason
from syncd.portal.models import RunReport
from syncd.portal.sync import dashboard
from syncd.portal.web.approvals import sets
from syncd.portal.web.request import REFUSED, Asker, for_cabinet, for_correspondents
from syncd.portal.web.runs import did


@require_GET
@for_cabinet
def show(asker: Asker) -> HttpResponse:
    found = dashboard.desk(asker.person, asker.cabinet)
    waiting = sets(found.waiting, asker)
    runs = [
        {
            "run": p.last,
            "label": label(Verdict(p.last.verdict), p.last.exit_code),
            "tone": "warning" if p.last.exit_code in BY_HAND else p.last.verdict,
            "did": did(p.last.counts) if any(p.last.counts.values()) or not p.last.reason else "",
            "why": _why(p.last),
            "passes": p,
        }
        for p in found.runs
    ]
    reports = [
        {"report": r, "why": reason(r.reason, r.detail), "age": age((timezone.now() - r.since).total_seconds())}
        for r in dashboard.reports(asker.person)
    ]  # fmt: skip
    return asker.page(
        "sync",
        desk=found,
        why=_why(found.given_up.last) if found.given_up else "",
        runs=runs,
        waiting=waiting,
        together=[w for w in waiting if not w["alone"] and w["set"].agreed is None],
        reports=reports,
        left=dashboard.left(asker.person),
        vanished=dashboard.vanished(asker.person),
        unfiled=dashboard.unfiled(asker.person),
        deletions=asked.asked(asker.person),
    )


def _why(run: RunReport) -> str:
    """Why it was given up, as a sentence; '' where it was not, or an older engine did not say."""
    if not run.reason:
        return ""
    said = reason(run.reason, run.cause).removeprefix("interrompu : ").removeprefix("stopped: ")
    return f"{said[0].upper()}{said[1:]}."


@require_POST
@for_cabinet
def take_back(asker: Asker) -> HttpResponse:
    """Of documents that the cabinet removed here: « Reprendre » delivers them again (`do=again`; `client`: all of that one), « Retirer aussi de
    l'espace client » puts them into the portal's bin.
    """
    chosen = set(asker.request.POST.getlist("id"))
    gone = 0
    if asker.request.POST.get("do") == "again":
        client = asker.request.POST.get("client", "")
        wanted = dashboard.lost_here(asker.person, client) if client else dashboard.left(asker.person)
        wanted = [d for d in wanted if client or d.id in chosen]
        if count := lifecycle.want_back(asker.person, wanted):
            asker.say(
                _("{documents} au cabinet à la prochaine synchronisation.").format(
                    documents=counted(count, "document revient", "documents reviennent")
                )
            )
        else:
            asker.say(_("Choisissez au moins un document."), "warn")
        return redirect("sync")
    for document in dashboard.left(asker.person):
        if document.id in chosen:
            try:
                lifecycle.remove(asker.person, document)
            except REFUSED:  # deleted by somebody else meanwhile
                continue
            gone += 1
    if gone:
        retired = counted(gone, "document retiré", "documents retirés")
        asker.say(_("{documents} de l'espace client. La corbeille garde tout.").format(documents=retired))
    else:
        asker.say(_("Choisissez au moins un document."), "warn")
    return redirect("sync")


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
    return redirect("sync")


@require_POST
@for_correspondents
def synchronise(asker: Asker) -> HttpResponse:
    dashboard.ask_for_pass(asker.person)
    asker.say(_("Demande envoyée : le service du cabinet passe sur tous les dossiers maintenant."))
    return redirect("sync")
