"""A company's private space: its pages. To whoever may not enter, none of it exists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from syncd.core.search_folding import fold
from syncd.portal.language import size
from syncd.portal.models import Client
from syncd.portal.people import throttle
from syncd.portal.people.visibility import STILL
from syncd.portal.private_space import contents, deletions, deposits, keys, retrieval, sending, spaces
from syncd.portal.refusals import Refusal
from syncd.portal.rights import Verb
from syncd.portal.storage import blob_store
from syncd.portal.web.client_space import PAGE, deposit_values, limits
from syncd.portal.web.download import PDF, SANDBOX, shown_type
from syncd.portal.web.request import Asker, signed_in
from syncd.portal.web.security import limited

UNNOTED = (
    "private_recovery"  # in the session: of each company's id what recovers there, until the person says it is noted
)


def entered(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A refusal that nothing says more of is a page that is not there: 404, never 403."""

    @signed_in
    def asked(asker: Asker, *args: Any, **values: Any) -> HttpResponseBase:
        try:
            return view(asker, *args, **values)
        except Refusal:
            raise Http404 from None

    return asked


def address(client: Client, folder: str = "") -> str:
    return reverse("private_space", args=[client.code]) + (f"?{urlencode({'dossier': folder})}" if folder else "")


def unnoted(asker: Asker) -> dict[str, str]:
    held = asker.request.session.get(UNNOTED)
    return dict(held) if isinstance(held, dict) else {}


def _recovery(asker: Asker, client: Client) -> str:
    """What recovers there and is not noted yet; '' when another one was made since. For whoever manages."""
    code = unnoted(asker).get(client.id, "")
    return code if code and keys.recovers(asker.person, client, code) else ""


@require_GET
@entered
def home(asker: Asker) -> HttpResponse:
    """Of several companies, which; of one, its own."""
    if not spaces.has_place(asker.person):
        raise Http404
    found = spaces.places_of(asker.person)
    if len(found) == 1:
        return redirect(address(found[0]))
    return asker.page("private_home", clients=found)


@require_GET
@entered
def show(asker: Asker, code: str) -> HttpResponse:
    client, query = asker.client(code), asker.request.GET
    key = spaces.key_of(asker.person, client) if not asker.person.role.of_cabinet else None
    if key is None or key.voided:
        return asker.page("private_closed", client=client, standing=keys.standing(asker.person, client))
    words, folder = query.get("q", "").strip(), query.get("dossier", "")
    seen = contents.look(asker.person, client, folder, words)
    by_name = query.get("tri") == "nom"
    documents = sorted(seen.documents, key=lambda d: fold(d.name)) if by_name else seen.documents
    page = Paginator(documents, PAGE).get_page(query.get("page"))
    space, root = seen.space, seen.space.root
    deposit = {**deposit_values(client), "client": deposits.PRIVATE + client.code}
    where = contents.places(space) if words or space.may(Verb.DELETE) else {}
    given = {n: v for n, v in (("dossier", folder), ("q", words), ("tri", "nom" if by_name else "")) if v}
    return asker.page(
        "private_space", client=client, folder=seen.folder, at_top=seen.folder.id == root, words=words, page=page,
        name=seen.folder.name or _("Espace privé"), where=where, by_name=by_name, query=urlencode(given),
        trail=[(f.name or _("Espace privé"), address(client, "" if f.id == root else f.id)) for f in seen.trail],
        inside=[(f, n, address(client, f.id)) for f, n in seen.inside], deposit=deposit, limits=limits(deposits.rule()),
        may_deposit=space.may(Verb.DEPOSIT) and not words, may_change=space.may(Verb.DELETE), may_manage=space.may(Verb.MANAGE),
        to_note=space.may(Verb.MANAGE) and _recovery(asker, client) != "", sends=_sends(asker, client),
        folders=_folders(where, seen.folder.id, root), here=asker.request.get_full_path(),
    )  # fmt: skip


def _sends(asker: Asker, client: Client) -> list[tuple[str, str]]:
    """(folder, as the cabinet calls it) of those that may be sent to, the likeliest first."""
    return [(f, asker.labels.shown(f)) for f in sending.folders(asker.person, client)]


def _folders(where: dict[str, str], here: str, root: str) -> list[tuple[str, str]]:
    fine = [(i, path or _("Espace privé")) for i, path in where.items() if i != here]
    return sorted(fine, key=lambda x: (x[0] != root, fold(x[1])))


@require_GET
@entered
def document(asker: Asker, code: str, document_id: str) -> HttpResponse:
    client = asker.client(code)
    space, found = contents.one(asker.person, client, document_id)
    kind = shown_type(found.version_id) if space.may(Verb.DOWNLOAD) else ""
    where = contents.places(space).get(found.folder, "")
    return asker.page(
        "private_document", client=client, document=found, size=size(found.size), where=where,
        back=address(client, "" if found.folder == space.root else found.folder),
        versions=[(v, size(v.size)) for v in contents.versions_of(asker.person, client, found)],
        kind="pdf" if kind == "application/pdf" else "image" if kind else "", may_change=space.may(Verb.DELETE),
        sends=_sends(asker, client), sha256=bytes(found.sha256).hex(),
    )  # fmt: skip


@require_GET
@entered
def download(asker: Asker, code: str, document_id: str) -> HttpResponseBase:
    """Always an attachment, never rendered."""
    return _given(asker, code, document_id, inline=False)


@require_GET
@entered
def preview(asker: Asker, code: str, document_id: str) -> HttpResponseBase:
    """In a sandbox, where a browser can show it."""
    return _given(asker, code, document_id, inline=True)


def _given(asker: Asker, code: str, document_id: str, *, inline: bool) -> HttpResponseBase:
    client = asker.client(code)
    space, found = contents.one(asker.person, client, document_id, Verb.DOWNLOAD)
    wanted = asker.request.GET.get("version", "")
    version = space.versions.filter(
        document=found, number=int(wanted) if wanted.isdecimal() and len(wanted) < 6 else found.version
    ).first()
    if version is None:
        raise Http404
    asker.request.META[STILL] = lambda: spaces.still(asker.person, client)
    kind = shown_type(version.id) if inline else ""
    try:
        source = blob_store().open(version.id)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        source, as_attachment=not kind, filename=found.name, content_type=kind or "application/octet-stream"
    )
    if kind:
        response.headers["Content-Security-Policy"] = PDF if kind == "application/pdf" else SANDBOX
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@require_GET
@entered
def bin_of(asker: Asker, code: str) -> HttpResponse:
    client = asker.client(code)
    page = Paginator(deletions.binned(asker.person, client), PAGE).get_page(asker.request.GET.get("page"))
    return asker.page("private_bin", client=client, page=page)


@require_GET
@entered
def people(asker: Asker, code: str) -> HttpResponse:
    """Who may enter, and what was done there last: for whoever manages it."""
    client = asker.client(code)
    held = keys.holders(asker.person, client)
    acts = [(a, said(a.what)) for a in contents.trail(asker.person, client)]
    return asker.page("private_keys", client=client, holders=held, acts=acts, levels=_levels())


def _levels() -> Sequence[tuple[str, str]]:
    return [
        ("", _("Aucun accès")), ("read", _("Lire et télécharger")), ("work", _("Lire, déposer, classer, supprimer")),
        ("manage", _("Tout, et donner des accès")),
    ]  # fmt: skip


def said(what: str) -> str:
    return {
        "opened": _("espace ouvert"), "recovered": _("accès rendu par la clé de secours"),
        "recovery_made": _("nouvelle clé de secours"), "folder": _("dossier créé"),
        "folder_renamed": _("dossier renommé"), "folder_removed": _("dossier supprimé"),
        "folder_restored": _("dossier restauré"), "deposited": _("déposé"),
        "version": _("nouvelle version"), "renamed": _("renommé"), "moved": _("déplacé"), "removed": _("supprimé"),
        "restored": _("restauré"), "sent": _("envoyé au cabinet"), "retrieved": _("récupéré (documents)"),
        "key_read": _("accès donné : lire"), "key_work": _("accès donné : lire et déposer"),
        "key_manage": _("accès donné : tout"), "key_none": _("accès retiré"),
    }.get(what, what)  # fmt: skip


@require_GET
@entered
def opened(asker: Asker, code: str) -> HttpResponse:
    """What recovers a key, until the person says it is noted: a cut line, or a browser that asks early, loses nothing."""
    client = asker.client(code)
    spaces.enter(asker.person, client, Verb.MANAGE)
    recovery = _recovery(asker, client)
    if not recovery:
        return redirect(address(client))
    return asker.page("private_opened", client=client, recovery=recovery)


@require_POST
@entered
def retrieve(asker: Asker, code: str) -> HttpResponseBase:
    """Chosen documents, or all of it, as a ZIP."""
    client = asker.client(code)
    spaces.enter(asker.person, client, Verb.DOWNLOAD)  # before the brake: who has no key learns nothing
    if throttle.beyond("archive", asker.user.id, 30, 600):
        return limited(asker.request)
    asker.request.META[STILL] = lambda: spaces.still(asker.person, client)
    zipped = retrieval.archive(asker.person, client, asker.request.POST.getlist("id"))
    response = StreamingHttpResponse(zipped, content_type="application/zip")
    name = quote(f"{client.code} - {_('espace privé')}.zip")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response
