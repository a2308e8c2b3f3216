"""The cabinet's desk: how the synchronisation goes, agreement to what waits, "Synchroniser maintenant"."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from syncd.core import paths
from syncd.core.errors import UsageError
from syncd.core.verdicts import Verdict
from syncd.portal.language import age, counted, label, reason, spoken
from syncd.portal.models import WaitingSet
from syncd.portal.pages.common import Asker, for_cabinet, for_correspondents
from syncd.portal.pages.runs import did
from syncd.portal.services import agreements, audience, audit, desk, documents
from syncd.portal.services import deletions as asked
from syncd.report.lines import held, sentence

SHOWN = 200
FOLDER_SHOWN = 50


@require_GET
@for_cabinet
def show(asker: Asker) -> HttpResponse:
    found = desk.desk(asker.cabinet, asker.person)
    runs = [{"run": r, "label": label(Verdict(r.verdict)), "did": did(r.counts)} for r in found.runs]
    reports = [
        {"report": r, "why": reason(r.reason), "age": age((timezone.now() - r.since).total_seconds())}
        for r in desk.reports(asker.person)
    ]  # fmt: skip
    return asker.page(
        "desk",
        desk=found,
        runs=runs,
        waiting=_waiting_sets(found.waiting),
        reports=reports,
        left=desk.left(asker.person),
        unfiled=desk.unfiled(asker.person),
        deletions=asked.asked(asker.person),
    )


def _waiting_sets(waiting: Sequence[WaitingSet]) -> list[dict[str, Any]]:
    """What would go online is shown folder by folder, with who would see it."""
    publishing = {w.client_id: w.client for w in waiting if any(x["action"] == "upload" for x in w.actions)}
    who = audience.audiences(list(publishing.values()))
    return [{**_waiting(w), "folders": _folders(w, who.get(w.client_id, {}))} for w in waiting]


def _folders(waiting: WaitingSet, who: audience.Audience) -> list[dict[str, Any]]:
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for x in waiting.actions:
        if x["action"] == "upload":
            inside[paths.parent(x["path"])].append(paths.name(x["path"]))
    return [
        {
            "path": folder, "count": counted(len(names), "document", "documents"), "names": names[:FOLDER_SHOWN],
            "more": max(0, len(names) - FOLDER_SHOWN), "who": audience.seen_by(waiting.client, folder, who),
        }
        for folder, names in sorted(inside.items())
    ]  # fmt: skip


def _waiting(waiting: WaitingSet) -> dict[str, Any]:
    documents = [x for x in waiting.actions if x["action"] != "make_folder"]
    kinds = Counter(str(x["action"]) for x in documents)
    others = [x for x in documents if x["action"] != "upload"]
    lines = [sentence({**x, "action": "waiting", "detail": x["action"]}, spoken()) for x in others[:SHOWN]]
    why = reason(waiting.reason)
    return {
        "set": waiting, "why": why[0].upper() + why[1:], "lines": lines, "more": max(0, len(others) - SHOWN),
        "what": ", ".join(held(k, n, spoken()) for k, n in kinds.items()) or held("adopt", 1, spoken()),
    }  # fmt: skip


@require_POST
@for_cabinet
def answer(asker: Asker) -> HttpResponse:
    """Agreement to, or refusal of, the very sets that were shown: one, or several chosen together."""
    agreed = asker.request.POST.get("answer") == "yes"
    gone = 0
    if not asker.request.POST.getlist("digest"):
        asker.say(_("Cochez d'abord au moins un client."))
        return redirect("desk")
    for digest in asker.request.POST.getlist("digest"):
        try:
            with audit.doing(asker.request, asker.user, "agreed" if agreed else "refused") as line:
                line.about = agreements.answer(asker.cabinet, asker.person, digest, agreed).code
        except UsageError:
            gone += 1
    if gone:
        asker.say(_("Ce plan n'attend plus : ce qui attend maintenant est affiché ci-dessous."))
    elif agreed:
        asker.say(_("Accord enregistré : la synchronisation le fait maintenant."))
    else:
        asker.say(_("Refus enregistré : rien ne sera fait tant que personne n'autorise."))
    return redirect("desk")


@require_POST
@for_cabinet
def take_back(asker: Asker) -> HttpResponse:
    """Of documents that the cabinet removed here: « Reprendre » delivers them again (`do=again`), « Retirer aussi de
    l'espace client » puts them into the portal's bin.
    """
    chosen = set(asker.request.POST.getlist("id"))
    gone = 0
    if asker.request.POST.get("do") == "again":
        wanted = [d for d in desk.left(asker.person) if d.id in chosen]
        if count := documents.want_back(wanted, asker.person):
            for document in wanted:
                audit.note(asker.request, asker.user, "document_wanted", f"{document.client.code} {document.path}")
            asker.say(
                _("{documents} au cabinet à la prochaine synchronisation.").format(
                    documents=counted(count, "document revient", "documents reviennent")
                )
            )
        else:
            asker.say(_("Choisissez au moins un document."))
        return redirect("desk")
    for document in desk.left(asker.person):
        if document.id in chosen:
            about = f"{document.client.code} {document.path}"
            try:
                with audit.doing(asker.request, asker.user, "document_deleted", about):
                    documents.remove(document.client, document.path, asker.person)
            except UsageError:  # moved or deleted by somebody else meanwhile
                continue
            gone += 1
    if gone:
        retired = counted(gone, "document retiré", "documents retirés")
        asker.say(_("{documents} de l'espace client ; la corbeille les garde.").format(documents=retired))
    else:
        asker.say(_("Choisissez au moins un document."))
    return redirect("desk")


@require_POST
@for_cabinet
def deletions(asker: Asker) -> HttpResponse:
    """What companies ask to have deleted: the chosen ones (`id`) are, or stay (`answer`)."""
    agreed = asker.request.POST.get("answer") == "yes"
    chosen, done = set(asker.request.POST.getlist("id")), 0
    for request in asked.asked(asker.person):
        if request.document_id in chosen:
            about = f"{request.document.client.code} {request.document.path}"
            what = "document_deleted" if agreed else "deletion_declined"
            try:
                with audit.doing(asker.request, asker.user, what, about):
                    asked.answer(request.document, asker.person, agreed)
            except UsageError:  # taken back, or answered, by somebody else meanwhile
                continue
            done += 1
    if not done:
        asker.say(_("Choisissez au moins un document."))
    elif agreed:
        deleted = counted(done, "document supprimé", "documents supprimés")
        asker.say(_("{documents} de l'espace client ; le cabinet garde ses exemplaires.").format(documents=deleted))
    else:
        kept = counted(done, "document reste", "documents restent")
        asker.say(_("{documents} dans l'espace client.").format(documents=kept))
    return redirect("desk")


@require_POST
@for_correspondents
def synchronise(asker: Asker) -> HttpResponse:
    desk.ask_for_pass(asker.cabinet)
    asker.say(_("Demande envoyée : le service du cabinet passe sur tous les dossiers maintenant."))
    return redirect("desk")
