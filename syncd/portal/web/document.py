"""One document: what happened to it; move, delete, restore, tick."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from syncd.core import paths, untrusted_numbers
from syncd.core.errors import UsageError
from syncd.core.wire_types import MOST
from syncd.portal.clients.tree import place_in, rules_of
from syncd.portal.documents import deletion_requests, invoices, lifecycle, listing
from syncd.portal.documents.folder_documents import Wanted, listed, wanted_of
from syncd.portal.language import named, size, way
from syncd.portal.models import Client, Document, Version
from syncd.portal.readers.invoices import SHOWN
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Verb, may_ask_deletion
from syncd.portal.web.client_space import folder_url
from syncd.portal.web.folder import wanted_by
from syncd.portal.web.request import REFUSED, Asker, Undo, signed_in
from syncd.portal.web.selection import forbidden, why
from syncd.portal.web.thread import of_document
from syncd.portal.web.viewer import viewer


@require_GET
@signed_in
def show(asker: Asker, document_id: str) -> HttpResponse:
    document = asker.document(document_id)
    client, rules, folder = document.client, rules_of(document.client), paths.parent(document.path)
    browsed = dict(document.deposit_lines.order_by("id").values_list("version_id", "emitter"))
    versions = [
        {
            "version": v,
            "size": size(v.size),
            "by": _("le cabinet") if v.origin == "engine" else named(v.by, v.origin),
            "via": _via(v, browsed),
        }
        for v in document.versions.order_by("-number")
    ]
    opened = list(document.opened.order_by("-at")[:30])
    (row,) = listing.rows_of(asker.person, [document])
    inbox = next(
        (r.path for r in rules.folders if r.kind == "inbox" and asker.may(Verb.DEPOSIT, client, rules, r.path)), ""
    )
    may_delete = asker.may_with(Verb.DELETE, document, rules)
    tree = [s for s in _folders(asker, client) if s != folder]
    wanted, _look = wanted_by(asker)
    bill = row.bill if may_delete and not document.tombstone else None
    proposal = invoices.proposal(document, bill.facts, tree) if bill else None
    dated = document.versions.filter(modified_at__isnull=False).exists()
    return asker.page(
        "document", dated=dated, proposal=proposal, shown_forms=SHOWN, document=document, client=client, row=row, folder=folder, folder_url=folder_url(client, folder),
        size=size(document.size), versions=versions, opened=opened, folders=tree, inbox=inbox, sha256=bytes(document.sha256).hex(),
        entries=list(document.entries.order_by("day", "journal", "piece")), view=viewer(asker, document), name=row.name, turns=_turns(asker, document, folder, wanted), cut=wanted.query, may_download=asker.may_with(Verb.DOWNLOAD, document, rules),
        may_ask=may_ask_deletion(asker.person, place_in(client, folder, rules)), may_treat=asker.may_treat(client, rules, folder),
        may_delete=may_delete, may_deposit=asker.may(Verb.DEPOSIT, client, rules, folder), may_put_back=lifecycle.may_put_back(asker.person, document, rules),
        **({} if document.tombstone else of_document(asker, document)),
    )  # fmt: skip


def _turns(asker: Asker, document: Document, folder: str, wanted: Wanted) -> listing.Turns | None:
    """In the list it was opened from; what that does not show any longer, in the whole folder."""
    whole = Wanted(sort=wanted.sort)
    lists = (
        listed(asker.person, document.client, folder, cut) for cut in ((wanted, whole) if wanted.cuts else (whole,))
    )
    return next((found for documents in lists if (found := listing.turns(documents, document))), None)


def _via(version: Version, browsed: Mapping[str, str]) -> str:
    """Which way it came: `browsed` are versions that an acknowledgement names, with who signed each that a program deposited."""
    if emitter := browsed.get(version.id, ""):
        return f"{_('programme')} {emitter}"
    if version.origin == "engine":
        return way(version.way) or _("synchronisation")
    return _("navigateur") if version.id in browsed else _("import")


def _folders(asker: Asker, client: Client) -> list[str]:
    rules = rules_of(client)
    there = client.folders.filter(deleted_at__isnull=True).order_by("key").values_list("path", flat=True)
    return [f for f in there if asker.may(Verb.DEPOSIT, client, rules, f)]


@require_POST
@signed_in
def act(asker: Asker, document_id: str) -> HttpResponse:
    """`do`: delete, restore, move (`to`: a folder), rename (`to`: a name), version (`to`: its number), reference (`to`),
    treat (`then`: the document to go on with, of the list that `cut` says), untreat, ask (for its deletion), unask, agree,
    keep; `file`, `call`: move and rename as an invoice proposes.
    """
    post = asker.request.POST
    what, to = post.get("do", ""), post.get("to", "").strip()
    for button, does in (("file", "move"), ("call", "rename")):  # of one form: the button that was pressed
        if button in post:
            what, to = does, post[button].strip()
    document = asker.document(document_id)
    back, before = post.get("back", ""), document.path
    then = asker.document(post["then"]) if post.get("then") else document
    try:
        asker.say(DOES.get(what, _nothing)(asker, document, to), undo=_undo(what, document, before))
    except REFUSED as e:
        asker.say(str(e), "bad")
        then = document
    if back == "inbox":
        return redirect("inbox")
    if back == "folder":
        return redirect(folder_url(document.client, paths.parent(document.path)))
    cut = wanted_of(QueryDict(post.get("cut", "")).dict()).query
    return redirect(f"{reverse('document', args=[then.id])}{'?' + cut if cut else ''}")


def _undo(what: str, document: Document, before: str) -> Undo | None:
    """The way back from what was just done to the document that lay at `before`; None where nothing leads back."""
    match what:
        case "delete" | "agree":
            fields = {"do": "restore"}
        case "move":
            fields = {"do": "move", "to": paths.parent(before)}
        case "rename":
            fields = {"do": "rename", "to": paths.name(before)}
        case "treat" | "untreat":
            fields = {"do": "untreat" if what == "treat" else "treat"}
        case _:
            return None
    return Undo(f"/documents/{document.id}/action", fields)


def _nothing(asker: Asker, document: Document, to: str) -> str:
    raise Refusal(Code.NOT_ALLOWED_HERE)


def _delete(asker: Asker, document: Document, to: str) -> str:
    lifecycle.remove(asker.person, document)
    return _deleted(document)


def _restore(asker: Asker, document: Document, to: str) -> str:
    restored = paths.name(lifecycle.restore(asker.person, document))
    return _("« {name} » est de nouveau en ligne.").format(name=restored)


def _move(asker: Asker, document: Document, to: str) -> str:
    if not to:
        raise UsageError(_("Choisissez un dossier."))
    name = paths.name(document.path)
    with _said(document, name):
        lifecycle.move(asker.person, document, paths.join(to, name))
    return _("« {name} » est classé dans « {to} ».").format(name=name, to=to)


def _rename(asker: Asker, document: Document, to: str) -> str:
    name = paths.name(document.path)
    kept = "" if paths.split_ext(to)[1] else paths.split_ext(name)[1]  # left out: it still opens by a double click
    with _said(document, to + kept):
        lifecycle.rename(asker.person, document, to + kept if to else "")
    return _("« {name} » s'appelle maintenant « {new} ».").format(name=name, new=paths.name(document.path))


def _version(asker: Asker, document: Document, to: str) -> str:
    seen = untrusted_numbers.number(asker.request.POST.get("over", ""), MOST) or 0  # pages of before do not say it
    lifecycle.put_version_back(asker.person, document, untrusted_numbers.number(to, document.version) or 0, seen)
    said = _("La version {number} est remise comme version actuelle ; les autres sont conservées.")
    return said.format(number=to)


def _reference(asker: Asker, document: Document, to: str) -> str:
    lifecycle.refer(asker.person, document, to)
    return _("Référence enregistrée.")


def _treat(asker: Asker, document: Document, to: str) -> str:
    lifecycle.treat(asker.person, [document], done=True)
    return _("« {name} » est traité.").format(name=paths.name(document.path))


def _untreat(asker: Asker, document: Document, to: str) -> str:
    lifecycle.treat(asker.person, [document], done=False)
    return _("« {name} » n'est plus marqué comme traité.").format(name=paths.name(document.path))


def _ask(asker: Asker, document: Document, to: str) -> str:
    deletion_requests.ask(asker.person, document)
    return _("La suppression de « {name} » est demandée au cabinet.").format(name=paths.name(document.path))


def _unask(asker: Asker, document: Document, to: str) -> str:
    deletion_requests.take_back(asker.person, document)
    return _("La demande de suppression est retirée.")


def _agree(asker: Asker, document: Document, to: str) -> str:
    deletion_requests.answer(asker.person, document, True)
    return _deleted(document)


def _keep(asker: Asker, document: Document, to: str) -> str:
    deletion_requests.answer(asker.person, document, False)
    return _("« {name} » reste dans l'espace client.").format(name=paths.name(document.path))


DOES: Mapping[str, Callable[[Asker, Document, str], str]] = {
    "delete": _delete, "restore": _restore, "move": _move, "rename": _rename, "version": _version, "reference": _reference,
    "treat": _treat, "untreat": _untreat, "ask": _ask, "unask": _unask, "agree": _agree, "keep": _keep,
}  # fmt: skip


def _deleted(document: Document) -> str:
    name = paths.name(document.path)
    if document.kept_at_cabinet:
        return _("« {name} » est supprimé de l'espace client. Le cabinet garde son exemplaire.").format(name=name)
    return _("« {name} » est supprimé de l'espace client. Il peut être restauré depuis la corbeille.").format(name=name)


@contextmanager
def _said(document: Document, new: str) -> Iterator[None]:
    """Raises UsageError with what a person can do about it. `new`: the name that it was to have."""
    name = paths.name(document.path)
    try:
        yield
    except REFUSED as e:
        if isinstance(e, Refusal) and e.code in (Code.NAME_SLASH, Code.SPACE_CLOSED):
            raise
        if isinstance(e, Refusal) and (e.reason in ("taken", "no_right") or forbidden(e)):
            raise UsageError(why(e)) from None
        said = _("« {name} » garde son nom et sa place : « {new} » ne peut pas être le nom d'un document.")
        if e.reason == "extension_not_allowed":
            said = _(
                "« {name} » garde son nom et sa place : « {new} » est d'un type de fichier qui n'est pas accepté là."
            )
        raise UsageError(said.format(name=name, new=new)) from None
