"""What waits for agreement, as the desk shows it: counted whole, folder by folder, who would see it, and every line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from msgspec.structs import replace

from syncd.core import paths
from syncd.core import plan_totals as rule
from syncd.core.events import Event
from syncd.core.folder_rules import ClientRules
from syncd.core.protocol import Total
from syncd.portal.clients.tree import rules_by_client
from syncd.portal.language import counted, reason, spoken
from syncd.portal.models import WaitingSet
from syncd.portal.people import audience
from syncd.portal.sync import approvals, dashboard
from syncd.portal.web.request import REFUSED, Asker, for_cabinet
from syncd.report.event_sentences import held, waiting, would

FIRST = 500  # lines that a set's names are taken from
NAMED, FEWER, MANY = 50, 10, 10  # names of a folder that are shown; of many sets fewer
AT_ONCE = 500  # lines to a page
ONLINE = ("upload", "replace", "keep_both")
REPLACED = ("replace", "replace_here")


def sets(found: Sequence[WaitingSet], asker: Asker, named: int = 0) -> list[dict[str, Any]]:
    """Each with what it would do in each top-level folder, and who would see what goes online there. The number of questions
    does not grow with the sets. `named`: names of a folder that are shown.
    """
    named = named or (NAMED if len(found) <= MANY else FEWER)
    rules = rules_by_client({w.client_id: w.client for w in found}.values())
    shown = []
    for w, totals, who in _seen(found):
        folders = _folders(w, totals, who, named, rules[w.client_id])
        shown.append({
            **_about(w, totals, asker), "folders": folders, "more": approvals.perhaps_more(w), "alone": w.reason in rule.ALONE,
            "restricted": [f["path"] for f in folders if f["restricted"] and f["online"]],
            "replaced": sum(t.count for t in totals if t.change in REPLACED),
        })  # fmt: skip
    return shown


def summaries(found: Sequence[WaitingSet], asker: Asker) -> list[dict[str, Any]]:
    """Each in a sentence: how many, in which folders, seen by whom."""
    shown = []
    for w, totals, who in _seen(found):
        places = sorted({t.folder for t in totals if t.change in ONLINE})
        names = sorted({n for f in places for n in audience.seen_by(w.client, f, who)})
        tops = list(dict.fromkeys(asker.labels.shown(paths.top(t.folder)) for t in totals if t.folder))
        shown.append({**_about(w, totals, asker), "tops": _some(tops), "who": _some(names), "online": bool(places)})
    return shown


def _some(names: Sequence[str], most: int = 3) -> str:
    """`A, B, C et 4 autres`."""
    left = len(names) - most
    if left <= 0:
        return ", ".join(names)
    return _("{names} et {others}").format(names=", ".join(names[:most]), others=counted(left, "autre", "autres"))


def _seen(found: Sequence[WaitingSet]) -> list[tuple[WaitingSet, Sequence[Total], audience.Audience]]:
    """Each with its totals and whoever may see something of its client."""
    totals = {w.id: approvals.totals(w) for w in found}
    about = {w.client_id: w.client for w in found if any(t.change in ONLINE for t in totals[w.id])}
    who = audience.audiences(list(about.values()))
    return [(w, totals[w.id], who.get(w.client_id, ())) for w in found]


def _about(w: WaitingSet, totals: Sequence[Total], asker: Asker) -> dict[str, Any]:
    why, changes = reason(w.reason), rule.by_change(totals)
    return {
        "set": w, "why": why[0].upper() + why[1:], "what": would(changes, spoken()) or held("adopt", 1, spoken()),
        "answered": _answered(w, asker), "count": sum(changes.values()),
    }  # fmt: skip


def _answered(w: WaitingSet, asker: Asker) -> str:
    if w.agreed is None or w.answered_at is None:
        return ""
    name = _("vous") if w.answered_by == str(asker.user) else w.answered_by or "?"
    if w.agreed:
        return _("Accordé par {name} {at}, en cours").format(name=name, at=_at(w.answered_at))
    return _("Refusé par {name} {at} : rien ne sera fait").format(name=name, at=_at(w.answered_at))


def _at(moment: datetime) -> str:
    local = timezone.localtime(moment)
    if local.date() == timezone.localdate():
        return _("à {time}").format(time=f"{local:%H:%M}")
    return _("le {date} à {time}").format(date=f"{local:%d/%m/%Y}", time=f"{local:%H:%M}")


def _folders(
    w: WaitingSet, totals: Sequence[Total], who: audience.Audience, named: int, rules: ClientRules
) -> list[dict[str, Any]]:
    inside: defaultdict[str, list[Event]] = defaultdict(list)
    for x in rule.counted(approvals.first_lines(w, FIRST)):
        inside[paths.top(x.path)].append(x)
    found = []
    for top, changes in rule.by_top(totals).items():
        if not top:
            continue  # the directory itself: said above
        places = [t.folder for t in totals if paths.top(t.folder) == top and t.change in ONLINE]
        lines = _some_of_each(inside.get(top, []), named)
        count = sum(changes.values())
        found.append({
            "path": top, "restricted": rules.is_restricted(top), "what": would(changes, spoken()),
            "names": [_name(x, top) for x in lines], "left": count - len(lines),
            "shown": _("{shown} montrés sur {all}").format(shown=len(lines), all=counted(count, "document", "documents")),
            "online": bool(places), "changes": changes, "replaced": sum(n for c, n in changes.items() if c in REPLACED), "who": sorted({n for f in places for n in audience.seen_by(w.client, f, who)}),
        })  # fmt: skip
    return found


def _some_of_each(lines: Sequence[Event], most: int) -> list[Event]:
    """Up to `most`, so that the few replaced ones are not hidden behind the many new ones."""
    kinds: defaultdict[str, list[Event]] = defaultdict(list)
    for x in lines:
        kinds[rule.change(x)].append(x)
    share = most // max(1, len(kinds))
    return [x for alike in kinds.values() for x in alike[:share]]


def _name(event: Event, top: str) -> str:
    """Below its top-level folder; what is more than new says so."""
    path = event.path.removeprefix(top + "/")
    return path if rule.change(event) == "upload" else waiting(replace(event, path=path), spoken())


@require_GET
@for_cabinet
def show(asker: Asker) -> HttpResponse:
    """All that waits, client by client; what was answered comes last."""
    waiting = sets(dashboard.waiting(asker.person), asker)
    asked = [w for w in waiting if w["set"].agreed is None]
    together = [w for w in asked if not w["alone"]]
    return asker.page(
        "approvals", waiting=waiting, together=together, asked=len(asked), documents=sum(w["count"] for w in asked),
        replaced=sum(w["replaced"] for w in asked),
    )  # fmt: skip


@require_GET
@for_cabinet
def one(asker: Asker) -> HttpResponse:
    """Every line of one set (`q`: its digest), a page at a time."""
    digest = asker.request.GET.get("q", "")
    try:
        found = approvals.one(asker.person, digest)
    except REFUSED:
        raise Http404 from None
    total = approvals.lines_held(found)
    page: Page[int] = Paginator(range(total), AT_ONCE).get_page(asker.request.GET.get("page"))
    first = page.start_index() - 1 if total else 0
    lines = [waiting(x, spoken()) for x in approvals.lines(found, first, AT_ONCE)]
    shown = sets([found], asker)[0]
    return asker.page("approval", w=shown, lines=lines, page=page, first=first + 1, total=total, q=digest)


@require_GET
@for_cabinet
def of_client(asker: Asker, code: str) -> HttpResponse:
    """Where a mail's button leads: to what this client waits for now, if it still does."""
    waiting = approvals.of_client(asker.person, code)
    if len(waiting) == 1:
        return redirect(f"{reverse('approval')}?q={waiting[0].digest}")
    if not waiting:
        asker.say(_("Rien n'attend plus votre accord pour ce client."), "warn")
    return redirect("approvals")


@require_POST
@for_cabinet
def answer(asker: Asker) -> HttpResponse:
    """Agreement to, or refusal of, the very sets that were shown: one, or several chosen together (`all`: their digests
    in one field, a cabinet's first day has more than a form may have fields)."""
    post, back = asker.request.POST, asker.back("approvals", "home", "todo")
    agreed = post.get("answer") == "yes"
    digests = [*post.getlist("digest"), *post.get("all", "").split()]
    if not digests:
        asker.say(_("Cochez d'abord au moins un client."), "warn")
        return redirect(back)
    alone = len(digests) == 1 and "all" not in post
    said = {_answer(asker, digest, agreed, one=alone, sure=alone and "sure" in post) for digest in digests}
    faults = sorted(said - {""})
    if faults:
        asker.say(faults[0], "bad")
    elif agreed:
        asker.say(_("Accord enregistré : la synchronisation le fait maintenant."))
    else:
        asker.say(_("Refus enregistré : rien ne sera fait tant que personne n'autorise."))
    return redirect(back)


def _answer(asker: Asker, digest: str, agreed: bool, *, one: bool, sure: bool) -> str:
    """'' when it was taken; else why not. What somebody refused is agreed to by itself only (`one`)."""
    try:
        shown = approvals.one(asker.person, digest)
        if agreed and shown.agreed is False and not one:
            return _("{refused}. Pour changer d'avis, autorisez cette demande seule.").format(
                refused=_answered(shown, asker)
            )
        if agreed and not sure and shown.reason in rule.ALONE:
            return _("Documents d'un autre client : confirmez d'abord, pour ce client seul, que vous avez vérifié.")
        approvals.answer(asker.person, digest, agreed)
    except approvals.Answered as e:
        return _("Déjà accordé par {name} {at}.").format(name=e.by, at=_at(e.at))
    except REFUSED:
        return _("Ce plan n'attend plus : ce qui attend maintenant est affiché ci-dessous.")
    return ""
