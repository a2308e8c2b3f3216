"""One document: what happened to it, preview, download; move, delete, restore; several as a streamed archive."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_IFREG
from typing import Any, BinaryIO
from urllib.parse import quote

from django.core import signing
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from stream_zip import ZIP_64, stream_zip

from syncd.core import bounded_input, paths
from syncd.core.errors import UsageError
from syncd.portal.clients.tree import rules_of
from syncd.portal.documents import deletion_requests, lifecycle, listing
from syncd.portal.language import counted, named, size
from syncd.portal.models import Client, Document, Opened, User, Version
from syncd.portal.people import throttle
from syncd.portal.people.visibility import STILL, again, downloads, visible
from syncd.portal.records import audit
from syncd.portal.records.feed import publishing
from syncd.portal.rights import Verb, may_ask_deletion
from syncd.portal.storage.local import store as blob_store
from syncd.portal.web.client_space import folder_url
from syncd.portal.web.request import Asker, signed_in
from syncd.portal.web.security import limited

SHOWN = {
    b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}  # fmt: skip
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
# Browsers start no PDF viewer below `sandbox`; theirs is a sandbox of its own, and here it may load and run nothing.
PDF = "default-src 'none'; object-src 'self'; plugin-types application/pdf; style-src 'unsafe-inline'"
MOST_ZIP = 2000
ONE_LOOK = timedelta(hours=1)
PASSING = 300  # seconds in which a page that shows a document by itself asks for it


def _document(asker: Asker, document_id: str, verb: Verb = Verb.VIEW) -> Document:
    """Also one in the bin. Http404 without the right, as if it were not there."""
    found = Document.objects.select_related("client").filter(visible(asker.person, verb), id=document_id).first()
    if found is None or not asker.may_with(verb, found, rules_of(found.client)):
        raise Http404
    return found


@require_GET
@signed_in
def show(asker: Asker, document_id: str) -> HttpResponse:
    document = _document(asker, document_id)
    client, rules, folder = document.client, rules_of(document.client), paths.parent(document.path)
    browsed = set(document.deposit_lines.values_list("version_id", flat=True))
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
    (row,) = listing.rows_of([document], asker.person)
    inbox = next(
        (r.path for r in rules.folders if r.kind == "inbox" and asker.may(Verb.DEPOSIT, client, rules, r.path)), ""
    )
    tree = [s for s in _folders(asker, client) if s != folder]
    dated = document.versions.filter(modified_at__isnull=False).exists()
    return asker.page(
        "document", dated=dated, document=document, client=client, row=row, folder=folder, folder_url=folder_url(client, folder),
        size=size(document.size), versions=versions, opened=opened, folders=tree, inbox=inbox, sha256=bytes(document.sha256).hex(),
        previewed=shown_type(document.version_id) != "", may_download=asker.may_with(Verb.DOWNLOAD, document, rules),
        may_ask=may_ask_deletion(asker.person, asker.place(client, rules, folder)), may_treat=asker.may_treat(client, rules, folder),
        may_delete=asker.may_with(Verb.DELETE, document, rules), may_deposit=asker.may(Verb.DEPOSIT, client, rules, folder),
    )  # fmt: skip


def _via(version: Version, browsed: Collection[str]) -> str:
    """Which way it came: `browsed` are versions that an acknowledgement names."""
    if version.origin == "engine":
        return _("synchronisation")
    return _("navigateur") if version.id in browsed else _("import")


def _folders(asker: Asker, client: Client) -> list[str]:
    rules = rules_of(client)
    there = client.folders.filter(deleted_at__isnull=True).order_by("key").values_list("path", flat=True)
    return [f for f in there if asker.may(Verb.DEPOSIT, client, rules, f)]


def shown_type(version_id: str) -> str:
    """What the first bytes say it is, when it is something a browser shows safely; '' otherwise."""
    try:
        with Path(blob_store().path(version_id)).open("rb") as f:
            head = f.read(16)
    except OSError:
        return ""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((t for sign, t in SHOWN.items() if head.startswith(sign)), "")


def _version(asker: Asker, document: Document) -> Version:
    given = asker.request.GET.get("version", "")
    number = bounded_input.number(given, document.version)
    found = document.versions.filter(number=number).first() if number else None
    if given and found is None:
        raise Http404
    return found or Version.objects.get(id=document.version_id)


def opened(asker: Asker, looked: Sequence[tuple[Document, Version]], verb: str, *, again: bool = True) -> None:
    """Somebody looked at them: written down, all or none; a person of the cabinet receives them by that (DESIGN 5).

    A view is noted once a person and version. Without `again`, what the same person opened within the hour is the same
    look; so is a document that a reader asks for part by part.
    """
    now, by, person = datetime.now(UTC), str(asker.user), asker.person
    if verb == "view":
        looked = _not_yet(asker.user, looked, verb, datetime.min.replace(tzinfo=UTC))
    elif not again or "Range" in asker.request.headers:
        looked = _not_yet(asker.user, looked, verb, now - ONE_LOOK)
    rows = [
        Opened(document=d, version_id=v.id, user=asker.user, by=by, origin=person.origin, verb=verb, at=now)
        for d, v in looked
    ]
    with transaction.atomic():  # nobody else writes meanwhile: short
        Opened.objects.bulk_create(rows)
        lifecycle.opened(looked, by_cabinet=person.origin == "cabinet", counted=verb == "download")


def _not_yet(
    user: User, looked: Sequence[tuple[Document, Version]], verb: str, since: datetime
) -> list[tuple[Document, Version]]:
    seen = set[tuple[str, str]]()
    for n in range(0, len(looked), 500):
        mine = Opened.objects.filter(
            document__in=[d.id for d, _ in looked[n : n + 500]], user=user, verb=verb, at__gt=since
        )
        seen.update(mine.values_list("document_id", "version_id"))
    return [(d, v) for d, v in looked if (d.id, v.id) not in seen]


def while_allowed(asker: Asker, chosen: Sequence[Document]) -> None:
    """The answer goes on as long as its reader is signed in and may have all of these."""
    key, ids = asker.request.session.session_key or "", [d.id for d in chosen]
    asker.request.META[STILL] = lambda: downloads(key, ids)


def _bytes(version: Version) -> BinaryIO:
    return Path(blob_store().path(version.id)).open("rb")  # the response closes it


def came_up(asker: Asker, document: Document) -> str:
    """What the address of a preview bears that comes up by itself: whoever stays to read it says so (`seen`)."""
    return signing.TimestampSigner(salt="passage").sign(f"{asker.user.pk}.{document.id}")


def _came_up(asker: Asker, document: Document) -> bool:
    """Whether a page of ours showed it by itself a moment ago: an address that somebody typed or kept is a look."""
    try:
        said = signing.TimestampSigner(salt="passage").unsign(asker.request.GET.get("passage", ""), max_age=PASSING)
    except signing.BadSignature:
        return False
    return said == f"{asker.user.pk}.{document.id}"


@require_GET
@signed_in
def preview(asker: Asker, document_id: str) -> HttpResponseBase:
    """In a sandbox, with the type its bytes have; what a browser cannot show safely is downloaded instead."""
    document = _document(asker, document_id, Verb.DOWNLOAD)
    version = _version(asker, document)
    kind = shown_type(version.id)
    if not kind:
        return redirect(f"/documents/{document.id}/telecharger")
    if not _came_up(asker, document):
        opened(asker, [(document, version)], "view")
    while_allowed(asker, [document])
    response = FileResponse(_bytes(version), content_type=kind)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(paths.name(document.path))}"
    response.headers["Content-Security-Policy"] = PDF if kind == "application/pdf" else SANDBOX
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@require_POST
@signed_in
def seen(asker: Asker, document_id: str) -> HttpResponse:
    """The document has been before somebody's eyes for a while (static/portal/seen.js)."""
    document = _document(asker, document_id, Verb.DOWNLOAD)
    opened(asker, [(document, _version(asker, document))], "view")
    return HttpResponse(status=204)


@require_GET
@signed_in
def download(asker: Asker, document_id: str) -> HttpResponseBase:
    """Always an attachment, never rendered (HAZARDS 28)."""
    document = _document(asker, document_id, Verb.DOWNLOAD)
    version = _version(asker, document)
    opened(asker, [(document, version)], "download")
    while_allowed(asker, [document])
    return FileResponse(
        _bytes(version), as_attachment=True, filename=paths.name(document.path),
        content_type="application/octet-stream", headers={"Accept-Ranges": "bytes"},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@signed_in
def archive(asker: Asker, code: str) -> HttpResponseBase:
    """Chosen documents (`id`, several), or a folder with all below (`folder`), as a ZIP that keeps tree and accents."""
    if throttle.beyond("archive", asker.user.id, 30, 600):
        return limited(asker.request)
    client = asker.client(code)
    query = asker.request.POST if asker.request.method == "POST" else asker.request.GET
    found = Document.objects.filter(visible(asker.person, Verb.DOWNLOAD), client=client, tombstone="")
    folder = query.get("folder", "")
    if ids := query.getlist("id"):
        found = found.filter(id__in=ids[:MOST_ZIP])
    elif folder:
        found = found.filter(key__startswith=paths.key(folder) + "/")
    rules = rules_of(client)
    most = found.order_by("key")[: MOST_ZIP + 1]
    wanted = [d for d in most if asker.may(Verb.DOWNLOAD, client, rules, paths.parent(d.path))]
    if not wanted:
        asker.say(_("Aucun document à télécharger."))
        return redirect(folder_url(client, folder) if folder else f"/dossiers/{quote(code)}")
    if len(wanted) == 1 and ids:
        return redirect(f"/documents/{wanted[0].id}/telecharger")
    if len(wanted) > MOST_ZIP:
        asker.say(_("Plus de {most} documents : téléchargez dossier par dossier.").format(most=MOST_ZIP))
        return redirect(folder_url(client, folder) if folder else f"/dossiers/{quote(code)}")
    versions = {v.id: v for v in Version.objects.filter(id__in=[d.version_id for d in wanted])}
    opened(asker, [(d, versions[d.version_id]) for d in wanted], "download", again=False)
    while_allowed(asker, wanted)
    base = paths.parent(folder) if folder else ""
    dated = [(d, versions[d.version_id].modified_at) for d in wanted]
    name = f"{client.code} - {paths.name(folder) if folder else 'documents'}.zip"
    response = StreamingHttpResponse(_zipped(dated, base), content_type="application/zip")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def _zipped(wanted: Sequence[tuple[Document, datetime | None]], base: str) -> Iterator[bytes]:
    """Each with its own date, or that of its deposit where it was never told."""

    def members() -> Iterator[Any]:
        for d, modified in wanted:
            name = d.path[len(base) + 1 :] if base else d.path
            yield (
                name,
                timezone.localtime(modified or d.created_at).replace(tzinfo=None),
                S_IFREG | 0o644,
                ZIP_64,
                _chunks(d.version_id),
            )

    yield from stream_zip(members(), get_compressobj=lambda: zlib.compressobj(level=1, wbits=-zlib.MAX_WBITS))


def _chunks(version_id: str) -> Iterator[bytes]:
    with Path(blob_store().path(version_id)).open("rb") as f:
        while data := f.read(256 * 1024):
            yield data


# -- what people do with it --------------------------------------------------------------------------------------------


@require_POST
@signed_in
def act(asker: Asker, document_id: str) -> HttpResponse:
    """`do`: delete, restore, move (`to`: a folder), rename (`to`: a name), version (`to`: its number), reference (`to`),
    treat, untreat, ask (for its deletion), unask, agree, keep.
    """
    what, to = asker.request.POST.get("do", ""), asker.request.POST.get("to", "").strip()
    document = _document(asker, document_id, Verb.VIEW)
    back = asker.request.POST.get("back", "")
    try:
        said = _do(asker, document, what, to)
    except UsageError as e:
        said = str(e)
    asker.say(said)
    if back == "folder":
        return redirect(folder_url(document.client, paths.parent(document.path)))
    return redirect("document", document.id)


def _do(asker: Asker, document: Document, what: str, to: str) -> str:
    client, rules = document.client, rules_of(document.client)
    folder, name = paths.parent(document.path), paths.name(document.path)
    if what == "delete" and asker.may(Verb.DELETE, client, rules, folder) and not document.tombstone:
        with audit.doing(asker.request, asker.user, "document_deleted", f"{client.code} {document.path}"):
            lifecycle.remove(client, document.path, asker.person)
        return _deleted(document, name)
    if what == "restore" and asker.may_with(Verb.DELETE, document, rules) and document.tombstone:
        with audit.doing(asker.request, asker.user, "document_restored", f"{client.code} {document.path}"):
            restored = paths.name(lifecycle.restore(client, document.path, asker.person, document.id))
        return _("« {name} » est de nouveau en ligne.").format(name=restored)
    if what == "move" and not document.tombstone:
        move(asker, document, paths.join(to, name))
        return _("« {name} » est classé dans « {to} ».").format(name=name, to=to)
    if what == "rename" and not document.tombstone:
        kept = "" if paths.split_ext(to)[1] else paths.split_ext(name)[1]  # left out: it still opens by a double click
        move(asker, document, paths.join(folder, to + kept))
        return _("« {name} » s'appelle maintenant « {new} ».").format(name=name, new=paths.name(document.path))
    if what == "version" and asker.may(Verb.DEPOSIT, client, rules, folder) and not document.tombstone:
        lifecycle.put_version_back(document, bounded_input.number(to, document.version) or 0, asker.person)
        return _("La version {number} est remise comme version actuelle ; les autres sont conservées.").format(
            number=to
        )
    if what == "reference" and asker.person.role.of_cabinet and asker.may(Verb.DEPOSIT, client, rules, folder):
        Document.objects.filter(id=document.id).update(reference=to[:200])
        return _("Référence enregistrée.")
    if what in ("treat", "untreat") and asker.may_treat(client, rules, folder) and not document.tombstone:
        lifecycle.treat([document], asker.person, done=what == "treat")
        said = _("« {name} » est traité.") if what == "treat" else _("« {name} » n'est plus marqué comme traité.")
        return said.format(name=name)
    if what in ("ask", "unask", "agree", "keep"):
        return ask(asker, document, what)
    raise UsageError(_("Vous n'avez pas le droit de faire cela ici."))


def _deleted(document: Document, name: str) -> str:
    if document.kept_at_cabinet:
        return _("« {name} » est supprimé de l'espace client. Le cabinet garde son exemplaire.").format(name=name)
    return _("« {name} » est supprimé de l'espace client. Il peut être restauré depuis la corbeille.").format(name=name)


def ask(asker: Asker, document: Document, what: str) -> str:
    """Deletions that a company asks for: `ask`, `unask`, and the cabinet's `agree` or `keep`. Raises UsageError."""
    name, about = paths.name(document.path), f"{document.client.code} {document.path}"
    if what == "ask":
        with audit.doing(asker.request, asker.user, "deletion_asked", about):
            deletion_requests.ask(document, asker.person, asker.user)
        return _("La suppression de « {name} » est demandée au cabinet.").format(name=name)
    if what == "unask":
        deletion_requests.take_back(document, asker.person)
        return _("La demande de suppression est retirée.")
    done = "document_deleted" if what == "agree" else "deletion_declined"
    with audit.doing(asker.request, asker.user, done, about):
        deletion_requests.answer(document, asker.person, what == "agree")
    if what == "agree":
        return _deleted(document, name)
    return _("« {name} » reste dans l'espace client.").format(name=name)


@require_POST
@signed_in
def treat_many(asker: Asker, code: str) -> HttpResponse:
    """« Traité » for the chosen documents of a folder (`id`, several)."""
    client = asker.client(code)
    rules = rules_of(client)
    found = Document.objects.filter(
        visible(asker.person), client=client, tombstone="", id__in=asker.request.POST.getlist("id")[:MOST_ZIP]
    )
    mine = [d for d in found if asker.may_treat(client, rules, paths.parent(d.path))]
    lifecycle.treat(mine, asker.person, done=True)
    asker.say(
        f"{counted(len(mine), 'document traité', 'documents traités')}."
        if mine
        else _("Choisissez au moins un document.")
    )
    folder = asker.request.POST.get("folder", "")
    return redirect(folder_url(client, folder) if folder else f"/dossiers/{quote(code)}")


def move(asker: Asker, document: Document, to: str) -> None:
    try:
        with publishing(document.client.cabinet_id) as feed:
            lifecycle.move_document(document.client, document, to, again(asker.person), feed)
    except UsageError as e:
        if e.reason == "extension_not_allowed":
            said = _(
                "« {name} » garde son nom et sa place : « {new} » est d'un type de fichier qui n'est pas accepté là."
            )
            raise UsageError(said.format(name=paths.name(document.path), new=paths.name(to))) from None
        raise UsageError(
            _(
                "« {name} » reste à sa place : ce nom est déjà pris là, n'est pas possible, ou l'accès n'y est pas autorisé."
            ).format(name=paths.name(document.path))
        ) from None
