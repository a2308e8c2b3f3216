"""« À classer » : what waits to be filed, one document at a time beside the folders it may go to."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from syncd.core import paths
from syncd.core.search_folding import fold
from syncd.portal.clients.tree import rules_of
from syncd.portal.documents import listing
from syncd.portal.language import age
from syncd.portal.models import Client, Document
from syncd.portal.people.visibility import visible
from syncd.portal.rights import Verb
from syncd.portal.web.document import move
from syncd.portal.web.request import REFUSED, Asker, Undo, for_cabinet
from syncd.portal.web.viewer import viewer

INBOX = "inbox"
LISTED = 200


def waiting(asker: Asker) -> Q:
    """What the person may file away."""
    return visible(asker.person, Verb.DELETE) & Q(kind=INBOX, tombstone="", client__closed=False)


@require_http_methods(["GET", "POST"])
@for_cabinet
def show(asker: Asker) -> HttpResponse:
    code = asker.request.GET.get("client", "")
    if asker.request.method == "POST":
        return _file(asker, code)
    found = Document.objects.filter(waiting(asker)).select_related("client").order_by("client__code", "created_at")
    if code:
        found = found.filter(client__code=code)
    documents = list(found[:LISTED])
    now = timezone.now()
    rows = [
        {"row": r, "age": age((now - r.at).total_seconds()), "old": (now - r.at).days >= 7} for r in listing.rows_of(asker.person, documents)
    ]  # fmt: skip
    wanted = asker.request.GET.get("document", "")
    current = next((d for d in documents if d.id == wanted), documents[0] if documents else None)
    return asker.page(
        "inbox", rows=rows, current=current, name=paths.name(current.path) if current else "", code=code,
        view=viewer(asker, current) if current else None,
        folders=_folders(asker, current.client) if current else [], total=found.count(),
    )  # fmt: skip


def _folders(asker: Asker, client: Client) -> list[str]:
    rules = rules_of(client)
    there = client.folders.filter(deleted_at__isnull=True).order_by("key").values_list("path", flat=True)
    order = {paths.key(r.path): n for n, r in enumerate(rules.folders)}
    fine = [f for f in there if asker.may(Verb.DEPOSIT, client, rules, f) and (r := rules.rule(f)) and r.kind != INBOX]
    labels = asker.labels
    return sorted(fine, key=lambda f: (labels.rank(f), order.get(paths.key(paths.top(f)), len(order)), fold(f)))


def _file(asker: Asker, code: str) -> HttpResponse:
    """Into the folder `to`; the next document comes up. Id, history and receipts stay."""
    document = (
        Document.objects.select_related("client")
        .filter(waiting(asker), id=asker.request.POST.get("document", ""))
        .first()
    )
    back = f"/a-classer?client={code}" if code else "/a-classer"
    if document is None:
        asker.say(_("Ce document n'est plus à classer."), "warn")
        return redirect(back)
    before = document.path
    name, to = paths.name(before), asker.request.POST.get("to", "")
    after = (
        Document.objects.filter(waiting(asker), client=document.client, created_at__gt=document.created_at)
        .order_by("created_at")
        .first()
    )
    try:
        move(asker, document, paths.join(to, name))
    except REFUSED as e:
        asker.say(str(e), "bad")
        return redirect(f"{back}{'&' if code else '?'}document={document.id}")
    undo = Undo(f"/documents/{document.id}/action", {"do": "move", "to": paths.parent(before), "back": "inbox"})
    asker.say(_("« {name} » est classé dans « {to} ».").format(name=name, to=to), undo=undo)
    return redirect(f"{back}{'&' if code else '?'}document={after.id}" if after else back)
