"""« À faire »: one card for each thing that somebody of the cabinet decides, the most urgent first, with what can be done."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from syncd.core import naming, paths
from syncd.core import plan_totals as rule
from syncd.core.reasons import Family, Sizes, family, parameters
from syncd.portal.documents import deletion_requests as asked
from syncd.portal.documents import lifecycle
from syncd.portal.exchange import listing
from syncd.portal.flows import connections
from syncd.portal.language import age, counted, reason, size
from syncd.portal.models import Client, DeletionRequest, Document, Folder, WaitingSet
from syncd.portal.rights import may_manage_client
from syncd.portal.sync import dashboard, open_reports
from syncd.portal.web.approvals import summaries
from syncd.portal.web.request import REFUSED, Asker, Undo, for_cabinet

Card = dict[str, Any]


def cards(asker: Asker, waiting: list[WaitingSet]) -> list[Card]:
    """`waiting`: the sets the person may answer. What was answered and is under way comes last, without a button."""
    reports = _reports(asker)
    stopped = [c for c in reports if c["kind"] == "stop"]
    plans = _plans(asker, waiting)
    gone = [
        {"kind": "vanished", "client": v.client, "vanished": v, "chip": _("Disparus"), "tone": "bad"}
        for v in dashboard.vanished(asker.person)
    ]
    return [
        *stopped, *gone, *(c for c in plans if not c["answered"]), *(c for c in reports if c["kind"] != "stop"),
        *_packages(asker), *_deletions(asker), *_left(asker), *_conflicts(asker), *(c for c in plans if c["answered"]),
    ]  # fmt: skip


def _plans(asker: Asker, waiting: list[WaitingSet]) -> list[Card]:
    return [
        {
            "kind": "plan", "client": w["set"].client, "plan": w, "answered": w["answered"], "chip": _("Accord"),
            "tone": "" if w["answered"] else "warn", "alone": w["set"].reason in rule.ALONE,
        }
        for w in summaries(waiting, asker)
    ]  # fmt: skip


def _reports(asker: Asker) -> list[Card]:
    found = open_reports.reports(asker.person)
    at = {(r.row.client_id, paths.key(paths.parent(r.row.path))) for r in found if r.row.path}
    there = set(
        Folder.objects.filter(client__in={c for c, _ in at}, key__in={k for _, k in at}, deleted_at__isnull=True).values_list(
            "client_id", "key"
        )
    )  # fmt: skip
    now = timezone.now()
    return [_report(asker, r, there, (now - r.row.since).total_seconds()) for r in found]


def _report(asker: Asker, told: open_reports.Report, there: set[tuple[str, str]], seconds: float) -> Card:
    row, kind = told.row, family(told.row.reason)
    folder = paths.parent(row.path)
    sizes = parameters(row.reason, row.detail)
    why, limit = reason(row.reason, row.detail), 0
    manages = may_manage_client(asker.person, row.client_id)
    if told.rule is not None and isinstance(sizes, Sizes):
        why = _("{size}, la limite du dossier {folder} est {limit}").format(
            size=size(sizes.have), folder=asker.labels.shown(told.rule.path), limit=size(sizes.limit)
        )
        limit = open_reports.enough(sizes.have) if manages else 0
    online = (row.client_id, paths.key(folder)) in there
    where = f"{reverse('client_space', args=[row.client.code])}{'/' + quote(folder) if online else ''}"
    stop, refused = kind is Family.STOP, kind is Family.REFUSAL
    return {
        "kind": "stop" if stop else "report", "client": row.client, "row": row, "name": paths.name(row.path), "folder": folder, "why": why,
        "chip": _("Interrompu") if stop else _("Refusé") if refused else _("À voir"), "tone": "bad" if stop or refused else "warn",
        "age": age(seconds), "url": where, "limit": size(limit) if limit else "", "mail": _mail(row.client, row.path, why) if refused else "",
        "may_ignore": not stop and (manages or bool(row.path)),
    }  # fmt: skip


def _mail(client: Client, path: str, why: str) -> str:
    """An address that opens a letter to the client's contact; '' without one."""
    if not client.contact_email:
        return ""
    name = paths.name(path)
    text = _("Bonjour,\n\nLe document « {name} » n'a pas pu être mis dans votre espace : {why}.\n").format(
        name=name, why=why
    )
    fields = {"subject": _("Votre document « {name} »").format(name=name), "body": text}
    return f"mailto:{quote(client.contact_email)}?{urlencode(fields, quote_via=quote)}"


def _packages(asker: Asker) -> list[Card]:
    """One for each client of which packages came."""
    return [
        {"kind": "packages", "client": client, "count": count, "chip": _("Paquet"), "tone": "warn"}
        for client, count in listing.clients_with_waiting(asker.person)
    ]


def _deletions(asker: Asker) -> list[Card]:
    """One for each client and whoever asks."""
    found: defaultdict[tuple[str, str], list[DeletionRequest]] = defaultdict(list)
    for one in asked.asked(asker.person):
        found[one.client_id, one.by].append(one)
    return [
        {
            "kind": "deletion", "client": ones[0].document.client, "by": by, "count": len(ones), "name": paths.name(ones[0].document.path),
            "chip": _("Suppression"), "tone": "",
        }
        for (_client, by), ones in found.items()
    ]  # fmt: skip


def _left(asker: Asker) -> list[Card]:
    """One for each client."""
    found: defaultdict[str, list[Document]] = defaultdict(list)
    for document in dashboard.left(asker.person):
        found[document.client_id].append(document)
    return [
        {
            "kind": "left", "client": ones[0].client, "count": len(ones), "name": paths.name(ones[0].path), "chip": _("Retiré"), "tone": "",
        }
        for ones in found.values()
    ]  # fmt: skip


def _conflicts(asker: Asker) -> list[Card]:
    """With both beside each other, where the other one still has its name; else the folder with what has such a name."""
    found = []
    for copy, other in dashboard.conflicts(asker.person):
        stem = naming.conflict_stem(paths.name(copy.path))
        space = reverse("client_space", args=[copy.client.code])
        found.append({
            "kind": "conflict", "client": copy.client, "name": stem, "chip": _("Deux versions"), "tone": "warn",
            "url": f"{reverse('compare', args=[other])}?other={copy.id}" if other else f"{space}/{quote(paths.parent(copy.path))}?{urlencode({'q': stem})}",
        })  # fmt: skip
    return found


@require_GET
@for_cabinet
def show(asker: Asker) -> HttpResponse:
    """All of it; `client`: of that code alone."""
    code = asker.request.GET.get("client", "")
    found = cards(asker, dashboard.waiting(asker.person))
    deletions, left = asked.asked(asker.person), dashboard.left(asker.person)
    if code:
        found = [c for c in found if c["client"].code == code]
        deletions = [d for d in deletions if d.document.client.code == code]
        left = [d for d in left if d.client.code == code]
    whole = [c for c in found if c["kind"] not in ("deletion", "left")]
    return asker.page(
        "todo",
        todo=whole,
        deletions=deletions,
        left=left,
        unfiled=[] if code else dashboard.unfiled_for_long(asker.person),
        platforms=[p for p in connections.to_look_at(asker.person) if code in ("", p[0].client.code)],
        code=code,
    )


@require_POST
@for_cabinet
def report(asker: Asker) -> HttpResponse:
    """What is told under `id`: `do` raise (the folder's limit), ignore, or heed (it is to be seen after all)."""
    given, do = asker.request.POST.get("id", ""), asker.request.POST.get("do", "")
    number = int(given) if given.isdecimal() and len(given) < 18 else 0
    back = asker.back("home", "todo")
    try:
        if do == "raise":
            folder, limit = open_reports.raise_limit(asker.person, number)
            most = size(limit) if limit else _("sans limite")
            asker.say(
                _("{folder} : {limit} par document. Le document partira à la prochaine synchronisation.").format(
                    folder=asker.labels.shown(folder), limit=most
                )
            )
        elif do in ("ignore", "heed"):
            row = open_reports.ignore(asker.person, number, on=do == "ignore")
            undo = Undo(reverse("report"), {"id": str(row.id), "do": "heed", "back": back}) if do == "ignore" else None
            name = paths.name(row.path) or str(row.client)
            asker.say(
                _("« {name} » n'est plus à voir.").format(name=name) if undo else _("« {name} » est à voir de nouveau.").format(name=name),
                undo=undo,
            )  # fmt: skip
    except REFUSED as e:
        asker.say(str(e), "bad")
    return redirect(back)


@require_POST
@for_cabinet
def take_back(asker: Asker) -> HttpResponse:
    """Of documents that the cabinet removed here, the chosen ones (`id`) or all of a `client`: `do` again delivers them once
    more, keep leaves them online, also puts them into the portal's bin.
    """
    post, back = asker.request.POST, asker.back("todo", "home")
    chosen, client, do = set(post.getlist("id")), post.get("client", ""), post.get("do", "")
    found = dashboard.left(asker.person)
    if do == "again" and client:
        found = dashboard.lost_here(asker.person, client)
    found = [d for d in found if d.client_id == client or d.id in chosen]
    if do == "again":
        count = lifecycle.want_back(asker.person, found) if found else 0
        said = counted(count, "document revient", "documents reviennent")
        done = _("{documents} au cabinet à la prochaine synchronisation.").format(documents=said)
    elif do == "keep":
        count = dashboard.keep_online(asker.person, found)
        done = _("{documents} dans l'espace client.").format(
            documents=counted(count, "document reste", "documents restent")
        )
    else:
        count = _remove(asker, found)
        retired = counted(count, "document retiré", "documents retirés")
        done = _("{documents} de l'espace client. La corbeille garde tout.").format(documents=retired)
    asker.say(done if count else _("Choisissez au moins un document."), "ok" if count else "warn")
    return redirect(back)


def _remove(asker: Asker, documents: list[Document]) -> int:
    gone = 0
    for document in documents:
        try:
            lifecycle.remove(asker.person, document)
        except REFUSED:  # deleted by somebody else meanwhile
            continue
        gone += 1
    return gone
