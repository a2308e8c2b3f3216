"""The cabinet's desk: how the synchronisation goes, agreement to what waits, "Synchroniser maintenant"."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from syncd.core import words
from syncd.core.errors import UsageError
from syncd.core.verdicts import Verdict
from syncd.portal.models import WaitingSet
from syncd.portal.rights import Person, may_run_the_desk
from syncd.portal.services import agreements, desk
from syncd.report.lines import held, sentence

SHOWN = 200


def _cabinet(request: HttpRequest) -> Any:
    """The signed-in person's cabinet. Raises PermissionDenied to whoever has no desk there."""
    user: Any = request.user
    if not may_run_the_desk(Person(user.cabinet_id, str(user), user.role)):
        raise PermissionDenied
    return user.cabinet


@require_GET
@login_required
def show(request: HttpRequest) -> HttpResponse:
    cabinet = _cabinet(request)
    found = desk.desk(cabinet)
    runs = [
        {"run": r, "label": words.label(Verdict(r.verdict)), "did": ", ".join(words.totals(r.counts)) or "rien à faire"}
        for r in found.runs
    ]
    context = {
        "cabinet": cabinet, "desk": found, "runs": runs, "waiting": [_waiting(w) for w in found.waiting],
        "said": request.session.pop("said", ""),
    }  # fmt: skip
    return render(request, "portal/desk.html", context)


def _waiting(waiting: WaitingSet) -> dict[str, Any]:
    documents = [x for x in waiting.actions if x["action"] != "make_folder"]
    kinds = Counter(str(x["action"]) for x in documents)
    lines = [sentence({**x, "action": "waiting", "detail": x["action"]}) for x in documents[:SHOWN]]
    why = words.reason(waiting.reason)
    return {
        "set": waiting, "why": why[0].upper() + why[1:], "lines": lines, "more": max(0, len(documents) - SHOWN),
        "what": ", ".join(held(k, n) for k, n in kinds.items()) or held("adopt", 1),
    }  # fmt: skip


@require_POST
@login_required
def answer(request: HttpRequest) -> HttpResponse:
    """Agreement to, or refusal of, the very set that was shown."""
    cabinet = _cabinet(request)
    agreed = request.POST.get("answer") == "yes"
    try:
        agreements.answer(cabinet, request.POST.get("digest", ""), agreed)
        said = (
            "Accord enregistré : la synchronisation le fait maintenant." if agreed
            else "Refus enregistré : rien ne sera fait tant que personne n'autorise."
        )  # fmt: skip
    except UsageError:
        said = "Ce plan n'attend plus : ce qui attend maintenant est affiché ci-dessous."
    request.session["said"] = said
    return redirect("desk")


@require_POST
@login_required
def synchronise(request: HttpRequest) -> HttpResponse:
    desk.ask_for_pass(_cabinet(request))
    request.session["said"] = "Demande envoyée : le service du cabinet passe sur tous les dossiers maintenant."
    return redirect("desk")
