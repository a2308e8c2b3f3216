"""What is done to the chosen documents of a client, in one request, and undone in another; new folders; the bin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from django.core import signing
from django.core.paginator import Paginator
from django.db.models import Max, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from syncd.core import paths
from syncd.portal.documents import folders, lifecycle, selection
from syncd.portal.documents.folder_documents import binned, listed, unchanged_since, wanted_of
from syncd.portal.documents.selection import Done
from syncd.portal.language import counted
from syncd.portal.models import Client, Document, Past, Version
from syncd.portal.refusals import Code, Detail, Refusal
from syncd.portal.web.client_space import folder_url
from syncd.portal.web.request import REFUSED, Asker, Undo, signed_in

UNDONE_WITHIN = 3600  # seconds
PAGE = 100


def chosen_of(asker: Asker, client: Client, query: Mapping[str, str], ids: list[str]) -> list[Document]:
    """Those with these ids, or all that a folder's list holds (`all`) and held when the page was made (`seen`)."""
    if not query.get("all"):
        return selection.these(asker.person, client, ids)
    found = list(_as_seen(listed(asker.person, client, query.get("folder", ""), wanted_of(query)), query))
    for document in found:
        document.client = client
    return found


def _as_seen(documents: QuerySet[Document], query: Mapping[str, str]) -> QuerySet[Document]:
    """What came after the page was made was chosen by nobody. Pages of before do not say when that was."""
    try:
        seen = datetime.fromisoformat(query.get("seen", ""))
    except ValueError:
        return documents
    return unchanged_since(documents, seen) if seen.tzinfo is not None else documents


def back_of(asker: Asker, otherwise: str) -> str:
    """Where the person was."""
    back = asker.request.POST.get("back", "")
    fine = back.startswith("/") and url_has_allowed_host_and_scheme(back, {asker.request.get_host()})
    return back if fine else otherwise


def undo(asker: Asker, client: Client, what: str, at: datetime | None, back: str) -> Undo | None:
    """The way back from what was done at that moment, for an hour, by whoever did it."""
    if at is None:
        return None
    said = {"by": asker.user.pk, "client": client.id, "do": what, "at": at.isoformat(), "back": back}
    return Undo("/annuler", {"what": signing.dumps(said, salt="undo", compress=True)})


def moved_at(document: Document) -> datetime | None:
    """When the document last changed its place."""
    at: datetime | None = Past.objects.filter(document=document).aggregate(at=Max("until"))["at"]
    return at


@require_POST
@signed_in
def act(asker: Asker, code: str) -> HttpResponse:
    """`do`: move (`to`: a folder), rename (`to`: a name without its extension), delete, treat, untreat."""
    client, post = asker.client(code), asker.request.POST
    back = back_of(asker, f"/dossiers/{code}")
    chosen = chosen_of(asker, client, post, post.getlist("id"))
    does = DOES.get(post.get("do", ""))
    if not chosen or does is None:
        asker.say(_("Choisissez au moins un document."), "warn")
        return redirect(back)
    try:
        does(asker, client, chosen, post.get("to", "").strip(), back)
    except REFUSED as e:
        asker.say(str(e), "bad")
    return redirect(back)


def _say(asker: Asker, said: str, done: Done, way: Undo | None) -> None:
    """What was done, and what stays as it was with its reasons, each once."""
    if not done.refused:
        asker.say(said, "ok", way)
        return
    reasons = list(dict.fromkeys(why(refusal) for _, refusal in done.refused))
    left = counted(len(done.refused), "document reste à sa place", "documents restent à leur place")
    text = " ".join([said if done.documents else "", f"{left} : {' '.join(reasons[:3])}"]).strip()
    asker.say(text, "warn" if done.documents else "bad", way if done.documents else None)


def forbidden(refusal: Refusal) -> str:
    """The characters for which a name is refused."""
    fault = refusal.params.get("fault")
    return fault.code.partition("forbidden_character ")[2] if isinstance(fault, Detail) else ""


def why(refusal: Refusal) -> str:
    """In words that name the folder and the document as people see them."""
    path = str(refusal.params.get("path", ""))
    if refusal.code is Code.TAKEN:
        said = _("Un document s'appelle déjà « {name} » dans {folder}.")
        return said.format(name=paths.name(path), folder=paths.name(paths.parent(path)))
    if refusal.code in (Code.NO_RIGHT, Code.NOT_ALLOWED_HERE):
        return _("Vous n'avez pas accès à ce dossier.")
    if characters := forbidden(refusal):
        return _("Ce nom contient un caractère interdit ( {characters} ).").format(characters=characters)
    return str(refusal)


def _move(asker: Asker, client: Client, chosen: list[Document], to: str, back: str) -> None:
    if not to:
        asker.say(_("Choisissez un dossier."), "warn")
        return
    names = [paths.name(d.path) for d in chosen]
    done = selection.move_into(asker.person, client, chosen, to)
    shown = paths.name(asker.labels.shown(to))
    if len(names) == 1:
        said = _("« {name} » est classé dans « {to} ».").format(name=names[0], to=shown)
    else:
        moved = counted(len(done.documents), "document déplacé", "documents déplacés")
        said = _("{moved} dans « {to} ».").format(moved=moved, to=shown)
    _say(asker, said, done, undo(asker, client, "move", done.at, back))


def _rename(asker: Asker, client: Client, chosen: list[Document], to: str, back: str) -> None:
    document, was = chosen[0], chosen[0].path
    name = paths.name(was)
    try:
        lifecycle.rename(asker.person, document, to + paths.split_ext(name)[1] if to else "")
    except Refusal as e:
        asker.say(why(e), "bad")
        return
    said = _("« {name} » s'appelle maintenant « {new} ».").format(name=name, new=paths.name(document.path))
    asker.say(said, "ok", undo(asker, client, "move", moved_at(document) if document.path != was else None, back))


def _delete(asker: Asker, client: Client, chosen: list[Document], to: str, back: str) -> None:
    kept = all(d.kept_at_cabinet for d in chosen)
    done = selection.remove_these(asker.person, client, chosen)
    if len(chosen) == 1:
        said = _("« {name} » est dans la corbeille.").format(name=paths.name(chosen[0].path))
    else:
        said = counted(len(done.documents), "document est dans la corbeille.", "documents sont dans la corbeille.")
    if kept:
        said += " " + _("Le cabinet garde son exemplaire.")
    _say(asker, said, done, undo(asker, client, "delete", done.at, back))


def _treat(asker: Asker, client: Client, chosen: list[Document], to: str, back: str) -> None:
    new = set(Version.objects.filter(document__in=[d.id for d in chosen[:500]], treated_at__isnull=True).values_list("id", flat=True))  # fmt: skip
    count = lifecycle.treat(asker.person, chosen, done=True)
    at = Version.objects.filter(id__in=list(new), treated_at__isnull=False).aggregate(at=Max("treated_at"))["at"]
    asker.say(
        f"{counted(count, 'document traité', 'documents traités')}.", "ok", undo(asker, client, "treat", at, back)
    )


def _untreat(asker: Asker, client: Client, chosen: list[Document], to: str, back: str) -> None:
    count = lifecycle.treat(asker.person, chosen, done=False)
    asker.say(f"{counted(count, 'document à traiter de nouveau', 'documents à traiter de nouveau')}.")


DOES: Mapping[str, Callable[[Asker, Client, list[Document], str, str], None]] = {
    "move": _move, "rename": _rename, "delete": _delete, "treat": _treat, "untreat": _untreat,
}  # fmt: skip


@require_POST
@signed_in
def take_back(asker: Asker) -> HttpResponse:
    """« Annuler »."""
    try:
        said = signing.loads(asker.request.POST.get("what", ""), salt="undo", max_age=UNDONE_WITHIN)
    except signing.BadSignature:
        said = {}
    client = Client.objects.filter(cabinet=asker.cabinet, id=said.get("client", "")).select_related("cabinet").first()
    if said.get("by") != asker.user.pk or client is None or not asker.person.reaches(client.id):
        asker.say(_("Il est trop tard pour annuler."), "warn")
        return redirect("/")
    at = datetime.fromisoformat(said["at"])
    try:
        count = _undone(asker, client, said["do"], at)
    except REFUSED as e:
        asker.say(str(e), "bad")
    else:
        if count:
            asker.say(_("Annulé : {documents}.").format(documents=counted(count, "document", "documents")))
        else:
            asker.say(_("Rien à annuler : ces documents ont changé depuis."), "warn")
    return redirect(said["back"])


def _undone(asker: Asker, client: Client, what: str, at: datetime) -> int:
    """How many documents are as they were."""
    if what == "move":
        return len(selection.move_back(asker.person, client, at).documents)
    if what == "delete":
        gone = selection.deleted_at(asker.person, client, at)
        return len(selection.restore_these(asker.person, client, gone).documents)
    ticked = Version.objects.filter(document__client=client, treated_at=at, treated_by=asker.person.name)
    ids = list(ticked.values_list("document_id", flat=True))
    return lifecycle.treat(asker.person, selection.these(asker.person, client, ids), done=False) if ids else 0


@require_POST
@signed_in
def new_folder(asker: Asker, code: str) -> HttpResponse:
    """`name`, in the folder `inside`."""
    client, post = asker.client(code), asker.request.POST
    back = back_of(asker, f"/dossiers/{code}")
    try:
        made = folders.make_inside(asker.person, client, post.get("inside", ""), post.get("name", ""))
    except Refusal as e:
        taken = _("Un dossier s'appelle déjà « {name} » ici.").format(name=" ".join(post.get("name", "").split()))
        asker.say(taken if e.code is Code.TAKEN else why(e), "bad")
        return redirect(back)
    asker.say(_("Le dossier « {name} » est créé.").format(name=paths.name(made)))
    return redirect(folder_url(client, made))


@require_http_methods(["GET", "POST"])
@signed_in
def bin_of(asker: Asker, code: str) -> HttpResponse:
    """What was deleted of a client's documents; POST restores those of `id`, or `all`."""
    client = asker.client(code)
    words = " ".join((asker.request.POST if asker.request.method == "POST" else asker.request.GET).get("q", "").split())
    found = binned(asker.person, client, words)
    if asker.request.method == "POST":
        post = asker.request.POST
        chosen = (
            list(_as_seen(found, post.dict()))
            if post.get("all")
            else selection.these(asker.person, client, post.getlist("id"), binned=True)
        )
        for document in chosen:
            document.client = client
        done = selection.restore_these(asker.person, client, chosen)
        restored = counted(len(done.documents), "document restauré", "documents restaurés")
        if chosen:
            _say(asker, f"{restored}.", done, None)
        else:
            asker.say(_("Choisissez au moins un document."), "warn")
        return redirect(back_of(asker, f"/corbeille/{code}"))
    seen = datetime.now(UTC)
    page = Paginator(found, PAGE).get_page(asker.request.GET.get("page"))
    return asker.page(
        "bin", seen=seen, client=client, page=page, q=words, words=words, here=asker.request.get_full_path()
    )
