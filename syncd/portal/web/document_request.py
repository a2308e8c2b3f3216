"""One request: each item with what answers it; the company gives and says, the cabinet looks, refuses, reminds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop
from django.views.decorators.http import require_http_methods

from syncd.core import paths
from syncd.core.untrusted_numbers import number
from syncd.portal.language import counted
from syncd.portal.messages.requests import answers, asking, fitting, listing, reminders
from syncd.portal.messages.requests.answers import REASONS
from syncd.portal.messages.requests.asking import wanted_of
from syncd.portal.messages.requests.reminder_mails import about
from syncd.portal.models import Client, Document, DocumentRequest, ItemAnswer, RequestedItem
from syncd.portal.people.visibility import reached_clients, visible
from syncd.portal.rights import Verb, may_with_wanted
from syncd.portal.web.document_requests import said_reminded
from syncd.portal.web.request import REFUSED, Asker, signed_in

HOW = {"documents": noop("Reçu"), "waived": noop("Sans objet"), "cabinet": noop("Clos par le cabinet")}


@require_http_methods(["GET", "POST"])
@signed_in
def show(asker: Asker, request_id: str) -> HttpResponse:
    request, items = found(asker, request_id)
    if asker.request.method == "POST":
        return _act(asker, request, items)
    given, near = listing.answers_of(items), fitting.proposals(asker.person, items)
    rows = [shown(asker, i, given.get(i.id, []), near.get(i.id, [])) for i in items]
    left = sum(1 for i in items if not i.how)
    manages = any(r["may_manage"] for r in rows)
    return asker.page(
        "document_request", request_=request, client=request.client, rows=rows, left=left, total=len(items), done=len(items) - left,
        late=listing.late(request), manages=manages, reasons=[(n, _(said)) for n, said in REASONS.items()],
        told=reminders.last_told(request) if asker.person.role.of_cabinet else None, monthly=request.series is not None and request.series.next_on,
    )  # fmt: skip


def found(asker: Asker, request_id: str) -> tuple[DocumentRequest, list[RequestedItem]]:
    """With the items the person may know of. Http404 without any."""
    mine = DocumentRequest.objects.select_related("client__cabinet", "series").filter(
        client__in=Client.objects.filter(reached_clients(asker.person)), id=request_id[:32]
    )
    request = mine.first()
    items = listing.items_of(asker.person, request) if request is not None else []
    if request is None or not items:
        raise Http404
    for item in items:
        item.request = request
    return request, items


def shown(asker: Asker, item: RequestedItem, given: list[ItemAnswer], near: list[Document]) -> dict[str, Any]:
    """As its page and its request's say it. A document that the person may not see is counted, not named."""
    wanted = wanted_of(item.request.client, item.kind)
    seen = {d.id for d in Document.objects.filter(visible(asker.person), id__in=[a.document_id for a in given])} if given else set()  # fmt: skip
    docs = [
        {"answer": a, "name": paths.name(a.document.path), "why": _(REASONS[a.reason]) if a.reason in REASONS else "", "gone": a.document.tombstone != ""}
        for a in given
        if a.document_id in seen
    ]  # fmt: skip
    good = sum(1 for a in given if a.refused_at is None and not a.document.tombstone)
    return {
        "item": item, "about": about(item), "documents": docs, "good": good, "near": [{"id": d.id, "name": paths.name(d.path)} for d in near],
        "state": _(HOW[item.how]) if item.how in HOW else "", "again": _again(item, names=_all_seen(given, seen)), "may_answer": not item.how and may_with_wanted(asker.person, Verb.DEPOSIT, wanted),
        "may_manage": may_with_wanted(asker.person, Verb.MANAGE, wanted),
    }  # fmt: skip


def _all_seen(given: list[ItemAnswer], seen: set[str]) -> bool:
    """Whether the person may see all that was refused or deleted, and with that whichever of them the item names."""
    return all(a.document_id in seen for a in given if a.refused_at is not None or a.document.tombstone)


def _again(item: RequestedItem, *, names: bool) -> str:
    """Why it is awaited again; without `names` not which document it was."""
    word = f" : {item.again_word}" if item.again_word else ""
    match item.again:
        case "refused":
            why = _(REASONS[item.again_reason]) if item.again_reason in REASONS else ""
            said = (
                _("« {name} » n'a pas pu être utilisé ({why})")
                if names
                else _("Un document n'a pas pu être utilisé ({why})")
            )
            return said.format(name=item.again_name, why=why) + word
        case "deleted":
            said = _("« {name} » a été supprimé : la pièce est de nouveau attendue")
            if not names:
                said = _("Un document a été supprimé : la pièce est de nouveau attendue")
            return said.format(name=item.again_name)
        case "reopened":
            return _("De nouveau demandé par le cabinet") + word
    return ""


def _act(asker: Asker, request: DocumentRequest, items: list[RequestedItem]) -> HttpResponse:
    """`do`, to the `item`: give (`document`), waive (`word`), refuse (`answer`, `reason`, `word`), close, reopen; to all of it:
    close_all, remind, stop (no further month)."""
    post = asker.request.POST
    one = next((i for i in items if i.id == post.get("item", "")), None)
    done: dict[str, Callable[[], str]] = {
        "close_all": lambda: _close(asker, [i for i in items if not i.how]), "remind": lambda: said_reminded(1, reminders.remind(asker.person, request)),
        "stop": lambda: _stop(asker, request),
    }  # fmt: skip
    if one is not None:
        done |= {
            "give": lambda: _give(asker, one), "waive": lambda: _waive(asker, one), "refuse": lambda: _refuse(asker, one),
            "close": lambda: _close(asker, [one]), "reopen": lambda: _reopen(asker, one),
        }  # fmt: skip
    act = done.get(post.get("do", ""))
    if act is not None:
        try:
            asker.say(act())
        except REFUSED as e:
            asker.say(str(e), "bad")
    return redirect("document_request", request.id)


def _give(asker: Asker, item: RequestedItem) -> str:
    wanted = Document.objects.filter(visible(asker.person), id=asker.request.POST.get("document", "")[:32])
    document = wanted.filter(client=item.request.client).first()
    if document is None:
        raise Http404
    answers.give(asker.person, item, [document])
    return _("« {name} » répond à « {label} ».").format(name=paths.name(document.path), label=item.label)


def _waive(asker: Asker, item: RequestedItem) -> str:
    answers.waive(asker.person, item, asker.request.POST.get("word", ""))
    return _("« {label} » : sans objet. Le cabinet le voit.").format(label=item.label)


def _refuse(asker: Asker, item: RequestedItem) -> str:
    post = asker.request.POST
    answer = next((a for a in listing.answers_of([item]).get(item.id, []) if str(a.pk) == post.get("answer", "")), None)
    if answer is None:
        raise Http404
    answer.item = item
    seen = number(post.get("version", "")) or 0
    answers.refuse(asker.person, answer, post.get("reason", ""), post.get("word", ""), seen)
    said = _("« {label} » est de nouveau demandé, avec la raison ; le document reste où il est.")
    if item.how:
        said = _("Le document est refusé, avec la raison ; « {label} » n'attend rien d'autre.")
    return said.format(label=item.label)


def _close(asker: Asker, items: list[RequestedItem]) -> str:
    closed = answers.close(asker.person, items)
    return _("{n} : plus rien n'est attendu.").format(n=counted(closed, "pièce close", "pièces closes"))


def _reopen(asker: Asker, item: RequestedItem) -> str:
    answers.reopen(asker.person, item, asker.request.POST.get("word", ""))
    return _("« {label} » est de nouveau demandé.").format(label=item.label)


def _stop(asker: Asker, request: DocumentRequest) -> str:
    if request.series is not None:
        asking.stop(asker.person, request.series)
    return _("Cette demande ne sera plus refaite chaque mois.")
