"""« À classer » : what waits to be filed, one document at a time beside the folders it may go to.

A browser's script asks for parts of the page (`X-Part`), and is answered in JSON what a filing did; without it each is a page.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from syncd.core import paths
from syncd.core.search_folding import fold
from syncd.portal.clients.tree import rules_of
from syncd.portal.clients.unfiled import INBOX, unfiled_documents
from syncd.portal.documents import inbox, invoices, listing, selection
from syncd.portal.documents.selection import Done
from syncd.portal.language import age, counted
from syncd.portal.models import Client, Document
from syncd.portal.people.visibility import visible
from syncd.portal.refusals import Refusal
from syncd.portal.rights import Verb
from syncd.portal.web.request import REFUSED, Asker, Kind, Undo, for_cabinet
from syncd.portal.web.selection import undo, why
from syncd.portal.web.thread import of_document
from syncd.portal.web.viewer import viewer

LISTED = 200


@require_http_methods(["GET", "POST"])
@for_cabinet
def show(asker: Asker) -> HttpResponse:
    code, part = asker.request.GET.get("client", ""), "X-Part" in asker.request.headers
    if asker.request.method == "POST":
        return _act(asker, code, part)
    wanted, found = asker.request.GET.get("document", ""), _waiting(asker, code)
    if part:
        document = found.filter(id=wanted).first()
        if document is None:
            raise Http404
        said = {"of_cabinet": True, "labels": asker.labels, "code": code, **_shown(asker, document)}
        return render(asker.request, "portal/parts/inbox_document.html", said)
    documents = list(found[:LISTED])
    current = next((d for d in documents if d.id == wanted), documents[0] if documents else None)
    total = found.count()
    shown = _shown(asker, current) if current else {}
    return asker.page("inbox", groups=_groups(asker, documents), code=code, total=total, **shown)


def _waiting(asker: Asker, code: str) -> QuerySet[Document]:
    found = unfiled_documents(asker.person).select_related("client")
    return (found.filter(client__code=code) if code else found).order_by("client__code", "created_at", "id")


def _groups(asker: Asker, documents: list[Document]) -> list[tuple[Client, list[dict[str, Any]]]]:
    """By client, each document with its age."""
    now, rows = timezone.now(), listing.rows_of(asker.person, documents)
    found: list[tuple[Client, list[dict[str, Any]]]] = []
    for _client, some in groupby(rows, lambda row: row.doc.client_id):
        whose = list(some)
        said = [
            {"row": r, "age": age((now - r.at).total_seconds()), "old": (now - r.at).days >= 7} for r in whose
        ]  # fmt: skip
        found.append((whose[0].doc.client, said))
    return found


def _shown(asker: Asker, current: Document) -> dict[str, Any]:
    """The document beside the folders it may go to: those most chosen first, all of them after, in their trees' order."""
    folders, labels = _folders(asker, current.client), asker.labels
    said = {f: labels.shown(f) for f in folders}
    keys = inbox.letters(folders, said)
    often = inbox.often(current.client, folders)
    bill = invoices.bills(asker.person, [current]).get(current.id)
    proposal = invoices.proposal(current, bill.facts, folders) if bill else None
    rows = [{"path": f, "said": said[f], "letter": keys.get(f, ""), "folded": fold(said[f])} for f in folders]
    return {
        "current": current, "bill": bill, "proposal": proposal, "name": paths.name(current.path), "stem": paths.split_ext(paths.name(current.path))[0],
        "extension": paths.split_ext(paths.name(current.path))[1], "view": viewer(asker, current),
        "often": [r for f in often for r in rows if r["path"] == f], "folders": rows,
        "may_download": asker.may_with(Verb.DOWNLOAD, current, rules_of(current.client)), **of_document(asker, current),
    }  # fmt: skip


def _folders(asker: Asker, client: Client) -> list[str]:
    rules = rules_of(client)
    there = client.folders.filter(deleted_at__isnull=True).order_by("key").values_list("path", flat=True)
    order = {paths.key(r.path): n for n, r in enumerate(rules.folders)}
    fine = [f for f in there if asker.may(Verb.DEPOSIT, client, rules, f) and (r := rules.rule(f)) and r.kind != INBOX]
    labels = asker.labels
    return sorted(fine, key=lambda f: (labels.rank(f), order.get(paths.key(paths.top(f)), len(order)), fold(f)))


def _act(asker: Asker, code: str, part: bool) -> HttpResponse:
    """Into the folder `to` under `name` (without its extension), as `proposed`, or `do` = delete; of `document`, or of those ticked (`id`)
    that are of the same client. The next document comes up. Id, history and receipts stay.
    """
    post, here = asker.request.POST, reverse("inbox") + (f"?{urlencode({'client': code})}" if code else "")
    found = _waiting(asker, "")
    current = found.filter(id=post.get("document", "")).first()
    chosen = list(found.filter(id__in=post.getlist("id")[:LISTED]))
    of = current.client_id if current is not None else (chosen[0].client_id if chosen else "")
    documents = [d for d in chosen if d.client_id == of] or ([current] if current is not None and not chosen else [])
    if not documents:
        return _answer(asker, part, here, *_nothing(asker, bool(chosen)))
    to, name = post.get("to", ""), post.get("name", "")
    if "proposed" in post and current is not None:  # its own place and name, whatever is ticked
        documents, chosen = [current], []
        to, name = _proposed(asker, current)
    client = documents[0].client
    after = _after(found.filter(client=client), documents)
    back = f"{here}{'&' if code else '?'}document="
    ids, names = [d.id for d in documents], [paths.name(d.path) for d in documents]
    try:
        if post.get("do") == "delete":
            done, what = selection.remove_these(asker.person, client, documents), "delete"
        else:
            stem = "" if chosen else " ".join(name.split())
            done, what = inbox.file(asker.person, client, documents, to, stem), "move"
    except REFUSED as e:
        said = why(e) if isinstance(e, Refusal) else str(e)
        return _answer(asker, part, back + ids[0], said, "bad")
    way = undo(asker, client, what, done.at, back + ids[0]) if done.documents else None
    said, kind = _said(asker, names, to if what == "move" else "", done)
    gone = [d.id for d in done.documents]
    return _answer(asker, part, back + after if after else here, said, kind, way, gone)


def _proposed(asker: Asker, document: Document) -> tuple[str, str]:
    """The folder, and the name without its extension, that an invoice proposes; '' of what it does not."""
    bill = invoices.bills(asker.person, [document]).get(document.id)
    if bill is None:
        return "", ""
    proposal = invoices.proposal(document, bill.facts, _folders(asker, document.client))
    return proposal.folder, paths.split_ext(proposal.name)[0]


def _after(found: QuerySet[Document], documents: list[Document]) -> str:
    """The next of the client's, else its first."""
    others = list(found.exclude(id__in=[d.id for d in documents]).values_list("id", "created_at")[:LISTED])
    last = documents[-1].created_at
    return next((i for i, at in others if at > last), others[0][0] if others else "")


def _nothing(asker: Asker, chosen: bool) -> tuple[str, Kind]:
    """Why nothing is done. A key that was struck twice finds its document filed already: nothing moves."""
    if chosen:
        return _("Cochez des documents d'un même client."), "warn"
    post = asker.request.POST
    gone = Document.objects.filter(visible(asker.person), id=post.get("document", "")).first()
    if gone is not None and not gone.tombstone and paths.parent(gone.path) == post.get("to", ""):
        return _("« {name} » est déjà classé.").format(name=paths.name(gone.path)), "ok"
    return _("Ce document n'est plus à classer."), "warn"


def _said(asker: Asker, names: list[str], to: str, done: Done) -> tuple[str, Kind]:
    if not to:
        gone = counted(len(done.documents), "document est dans la corbeille.", "documents sont dans la corbeille.")
        said = _("« {name} » est dans la corbeille.").format(name=names[0]) if len(names) == 1 else gone
    elif len(names) == 1 and done.documents:
        name = paths.name(done.documents[0].path)
        said = _("« {name} » est classé dans « {to} ».").format(name=name, to=asker.labels.shown(to))
    else:
        filed = counted(len(done.documents), "document classé", "documents classés")
        said = _("{filed} dans « {to} ».").format(filed=filed, to=asker.labels.shown(to))
    if not done.refused:
        return said, "ok"
    reasons = " ".join(list(dict.fromkeys(why(refusal) for _name, refusal in done.refused))[:3])
    return (f"{said} {reasons}", "warn") if done.documents else (reasons, "bad")


def _answer(
    asker: Asker, part: bool, back: str, said: str, kind: Kind, way: Undo | None = None, gone: list[str] | None = None
) -> HttpResponse:  # fmt: skip
    if not part:
        asker.say(said, kind, way)
        return redirect(back)
    left = _waiting(asker, asker.request.GET.get("client", "")).count()
    undone = {"url": way.url, "fields": way.fields} if way else None
    return JsonResponse({"said": said, "kind": kind, "undo": undone, "gone": gone or [], "left": left})
