"""A document's bytes: looked at in a sandbox, downloaded, several as a streamed archive; each written down."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator, Sequence, Set
from stat import S_IFREG
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from django.core import signing
from django.db import DatabaseError
from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from stream_zip import ZIP_64, stream_zip

from syncd.core import paths
from syncd.portal.clients.tree import rules_of
from syncd.portal.documents.receipts import Given, Looked, opened
from syncd.portal.models import Document, Version
from syncd.portal.people import throttle
from syncd.portal.people.visibility import STILL, downloads, visible
from syncd.portal.rights import Verb
from syncd.portal.storage import blob_store
from syncd.portal.web.client_space import folder_url
from syncd.portal.web.pictures import version_of
from syncd.portal.web.request import Asker, signed_in
from syncd.portal.web.security import limited
from syncd.portal.web.selection import back_of, chosen_of

LOG = logging.getLogger(__name__)
SHOWN = {
    b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}  # fmt: skip
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
# Browsers start no PDF viewer below `sandbox`; theirs is a sandbox of its own, and here it may load and run nothing.
PDF = "default-src 'none'; object-src 'self'; plugin-types application/pdf; style-src 'unsafe-inline'"
AT_ONCE = 500  # documents of an archive in one question
NOTED_EACH = 8_000_000  # bytes of an archive
PASSING = 300  # seconds in which a page that shows a document by itself asks for it


def shown_type(version_id: str) -> str:
    """What the first bytes say it is, when it is something a browser shows safely; '' otherwise."""
    try:
        with blob_store().open(version_id) as f:
            head = f.read(16)
    except OSError:
        return ""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((t for sign, t in SHOWN.items() if head.startswith(sign)), "")


def while_allowed(asker: Asker, chosen: Sequence[Document]) -> None:
    """The answer goes on as long as its reader is signed in and may have all of these."""
    key, ids = asker.request.session.session_key or "", [d.id for d in chosen]
    asker.request.META[STILL] = lambda: downloads(key, ids)


def _bytes(asker: Asker, document: Document, version: Version, verb: str, *, again: bool = True) -> BinaryIO:
    """The response closes it. It is written down (`verb`) when the last of them went: of what was cut off nobody has anything."""
    looked = [(document, version)]
    return cast(BinaryIO, Given(blob_store().open(version.id), lambda: _note(asker, looked, verb, again=again)))


def _note(asker: Asker, looked: Looked, verb: str, *, again: bool = True) -> None:
    """What was given is given, whether that can be written down or not."""
    try:
        opened(asker.person, looked, verb, again=again)
    except DatabaseError as e:
        LOG.warning("%d documents were given and not noted as such: %s", len(looked), e)


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
    document = asker.document(document_id, Verb.DOWNLOAD)
    version = version_of(asker, document, "version")
    kind = shown_type(version.id)
    if not kind:
        return redirect(f"/documents/{document.id}/telecharger")
    if not _is_there(version):
        return _missing(asker, document, version)
    while_allowed(asker, [document])
    by_itself = _came_up(asker, document)
    given = blob_store().open(version.id) if by_itself else _bytes(asker, document, version, "view")
    response = FileResponse(given, content_type=kind)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(paths.name(document.path))}"
    response.headers["Content-Security-Policy"] = PDF if kind == "application/pdf" else SANDBOX
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@require_POST
@signed_in
def seen(asker: Asker, document_id: str) -> HttpResponse:
    """The document has been before somebody's eyes for a while (static/portal/seen.js)."""
    document = asker.document(document_id, Verb.DOWNLOAD)
    opened(asker.person, [(document, version_of(asker, document, "version"))], "view")
    return HttpResponse(status=204)


@require_GET
@signed_in
def download(asker: Asker, document_id: str) -> HttpResponseBase:
    """Always an attachment, never rendered (HAZARDS 28)."""
    document = asker.document(document_id, Verb.DOWNLOAD)
    version = version_of(asker, document, "version")
    if not _is_there(version):
        return _missing(asker, document, version)
    part = "Range" in asker.request.headers  # a reader that asks part by part looks once
    while_allowed(asker, [document])
    return FileResponse(
        _bytes(asker, document, version, "download", again=not part), as_attachment=True, filename=paths.name(document.path),
        content_type="application/octet-stream", headers={"Accept-Ranges": "bytes"},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@signed_in
def archive(asker: Asker, code: str) -> HttpResponseBase:
    """Chosen documents (`id`, several, or `all` of a list), or a folder with all below (`folder`), as a ZIP that keeps tree and
    accents; of any size.
    """
    if throttle.beyond("archive", asker.user.id, 30, 600):
        return limited(asker.request)
    client = asker.client(code)
    query = asker.request.POST if asker.request.method == "POST" else asker.request.GET
    folder, ids = query.get("folder", ""), query.getlist("id")
    if ids or query.get("all"):
        found = chosen_of(asker, client, query.dict(), ids)
    else:
        inside = Document.objects.filter(visible(asker.person, Verb.DOWNLOAD), client=client, tombstone="")
        found = list((inside.filter(key__startswith=paths.key(folder) + "/") if folder else inside).order_by("key"))
    rules = rules_of(client)
    allowed = {f: asker.may(Verb.DOWNLOAD, client, rules, f) for f in {paths.parent(d.path) for d in found}}
    wanted = [d for d in found if allowed[paths.parent(d.path)]]
    if not wanted:
        asker.say(_("Aucun document à télécharger."), "warn")
        return redirect(back_of(asker, folder_url(client, folder) if folder else f"/dossiers/{quote(code)}"))
    if len(wanted) == 1 and ids:
        return redirect(f"/documents/{wanted[0].id}/telecharger")
    versions = _versions(wanted)
    there = {d.id for d in wanted if _is_there(versions[d.version_id])}
    while_allowed(asker, wanted)
    base = paths.parent(folder) if folder else ""
    name = f"{client.code} - {paths.name(folder) if folder else 'documents'}.zip"
    given: list[tuple[Document, Version]] = []
    zipped = _zipped([(d, versions[d.version_id]) for d in wanted], base, there, given)
    response = StreamingHttpResponse(_noted(asker, zipped, given), content_type="application/zip")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def _versions(documents: Sequence[Document]) -> dict[str, Version]:
    ids = [d.version_id for d in documents]
    parts = (Version.objects.filter(id__in=ids[n : n + AT_ONCE]) for n in range(0, len(ids), AT_ONCE))
    return {v.id: v for part in parts for v in part}


def _noted(asker: Asker, zipped: Iterator[bytes], given: list[tuple[Document, Version]]) -> Iterator[bytes]:
    """The archive, and an empty piece before what of it has gone (`given`) is written down, each few megabytes and at the end.

    What is given is in a piece soon after: it is written down at the next time.
    """
    sure, since = 0, 0
    for piece in zipped:
        yield piece
        since += len(piece)
        if since >= NOTED_EACH:
            yield b""
            _note_all(asker, given[:sure])
            del given[:sure]
            sure, since = len(given), 0
    yield b""
    _note_all(asker, given)


def _note_all(asker: Asker, looked: Looked) -> None:
    for n in range(0, len(looked), AT_ONCE):
        _note(asker, looked[n : n + AT_ONCE], "download", again=False)


def _zipped(
    wanted: Sequence[tuple[Document, Version]], base: str, there: Set[str], given: list[tuple[Document, Version]]
) -> Iterator[bytes]:
    """Each with its own date, or that of its deposit where it was never told; a note in place of one that is not `there`. Those
    that it holds come to `given`.
    """

    def members() -> Iterator[Any]:
        for d, version in wanted:
            modified = version.modified_at
            name = d.path[len(base) + 1 :] if base else d.path
            lost = d.id not in there
            yield (
                f"{name} ({_('contenu manquant')}).txt" if lost else name,
                timezone.localtime(modified or d.created_at).replace(tzinfo=None),
                S_IFREG | 0o644,
                ZIP_64,
                [_lost(d.path).encode()] if lost else _chunks(d.version_id),
            )
            if not lost:
                given.append((d, version))

    yield from stream_zip(members(), get_compressobj=lambda: zlib.compressobj(level=1, wbits=-zlib.MAX_WBITS))


def _lost(path: str) -> str:
    return _("Le contenu de « {path} » manque sur la plateforme. Prévenez votre cabinet : il en a sans doute une copie.").format(path=path)  # fmt: skip


def _is_there(version: Version) -> bool:
    return blob_store().is_there(version.id, version.size)


def _missing(asker: Asker, document: Document, version: Version) -> HttpResponse:
    """Nobody looked at what is not there: nothing is written down of it."""
    LOG.error("document %s, version %s: its bytes are missing or cut (syncd portal check)", document.id, version.id)
    shown = {"title": _("Contenu manquant"), "said": _lost(document.path)}
    return render(asker.request, "error.html", shown, status=410)


def _chunks(version_id: str) -> Iterator[bytes]:
    with blob_store().open(version_id) as f:
        while data := f.read(256 * 1024):
            yield data
