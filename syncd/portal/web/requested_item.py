"""One thing that is asked for, on a page of its own: where a company's person puts it, or says why there is nothing to put."""

from __future__ import annotations

import re
import secrets

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from syncd.core import paths
from syncd.core.folder_rules import FolderRule
from syncd.portal.clients.tree import not_here, rules_of
from syncd.portal.documents import deposit as deposits
from syncd.portal.language import counted, reason
from syncd.portal.messages.requests import answers, fitting, listing
from syncd.portal.models import Document, RequestedItem
from syncd.portal.people.visibility import wanted_items
from syncd.portal.web.client_space import deposit_values, limits
from syncd.portal.web.document_request import shown
from syncd.portal.web.request import REFUSED, Asker, signed_in

_BATCH = re.compile(r"[A-Za-z0-9_-]{8,64}")
MOST = 100  # documents of one form


@require_http_methods(["GET", "POST"])
@signed_in
def show(asker: Asker, item_id: str) -> HttpResponse:
    item = _item(asker, item_id)
    client, rules = item.request.client, rules_of(item.request.client)
    folder = fitting.folder_of(asker.person, item, rules, fitting.online(item))
    if asker.request.method == "POST":
        return _deposit(asker, item, folder)
    given, near = listing.answers_of([item]), fitting.proposals(asker.person, [item])
    rule = rules.rule(folder) if folder else None
    others = [i for i in listing.items_of(asker.person, item.request) if not i.how and i.id != item.id]
    return asker.page(
        "requested_item", request_=item.request, client=client, row=shown(asker, item, given.get(item.id, []), near.get(item.id, [])),
        folder=folder, limits=limits(rule) if rule else {}, accept=_accept(rule), deposit=deposit_values(client), late=listing.late(item.request), others=len(others),
    )  # fmt: skip


def _accept(rule: FolderRule | None) -> str:
    """What a phone offers to choose among: pictures and the folder's own types; '' where it takes all."""
    return ",".join(["image/*", *(f".{e}" for e in sorted(rule.extensions))]) if rule and rule.extensions else ""


def _item(asker: Asker, item_id: str) -> RequestedItem:
    mine = RequestedItem.objects.select_related("request__client__cabinet", "request__series")
    found = mine.filter(wanted_items(asker.person), id=item_id[:32]).first()
    if found is None:
        raise Http404
    return found


def _deposit(asker: Asker, item: RequestedItem, folder: str) -> HttpResponse:
    """The plain form: works without JavaScript; several documents at once."""
    client, post = item.request.client, asker.request.POST
    if client.closed or not folder:
        asker.say(str(not_here(client)), "bad")
        return redirect("requested_item", item.id)
    files = [f for f in asker.request.FILES.getlist("documents") if isinstance(f, UploadedFile)][:MOST]
    if not files:
        asker.say(_("Choisissez au moins un document."), "warn")
        return redirect("requested_item", item.id)
    batch = post.get("batch", "")
    begun = deposits.begin(asker.person, client, batch if _BATCH.fullmatch(batch) else secrets.token_hex(16))
    came, refused = list[Document](), list[str]()
    for file in files:
        line = deposits.take_stream(asker.person, begun, folder, file.name or "document", file)  # type: ignore[arg-type]
        if line.document is not None:
            came.append(line.document)
        else:
            refused.append(f"« {paths.name(line.given)} » : {reason(line.reason, line.detail)}")
    try:
        if came:
            answers.give(asker.person, item, came)
    except REFUSED as e:
        asker.say(str(e), "bad")
        return redirect("requested_item", item.id)
    said = _("{documents} pour « {label} » – accusé {number}.").format(
        documents=counted(len(came), "document déposé", "documents déposés"), label=item.label, number=begun.number
    )
    if refused:
        asker.say(" ".join([said if came else "", *refused[:3]]).strip(), "warn" if came else "bad")
        return redirect("requested_item", item.id)
    asker.say(said)
    return redirect("document_request", item.request_id)
