"""What is kept of a client, version by version: for an engine that retrieves it, and for a company that takes its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from syncd.core import paths
from syncd.core.content import Content
from syncd.core.inventory import Kept
from syncd.core.paths import ClientPath
from syncd.portal.clients.tree import rules_of
from syncd.portal.models import Client, Document, Opened, Version
from syncd.portal.rights import Engine, Place, Verb, may
from syncd.portal.server_database import snapshot

AT_ONCE = 500  # documents of one question


def inventory(actor: Engine, client_id: str) -> list[Kept]:
    """As it is in one moment, as far as the engine sees; what the cabinet withdrew is left out."""
    with snapshot():
        client = Client.objects.filter(cabinet_id=actor.cabinet, id=client_id).first()
        if client is None:
            return []
        rules = rules_of(client)
        found = [
            d for d in Document.objects.filter(client=client, withdrawn=False).order_by("key", "id")
            if may(actor, Verb.DOWNLOAD, Place(actor.cabinet, rules, paths.parent(d.path)))
        ]  # fmt: skip
        return described(found)


def described(documents: Iterable[Document], *, versions: bool = True) -> list[Kept]:
    """Each version of these documents (else the current alone), a document's in their order."""
    found, kept = list(documents), list[Kept]()
    for n in range(0, len(found), AT_ONCE):
        part = {d.id: d for d in found[n : n + AT_ONCE]}
        of: dict[str, list[Version]] = {i: [] for i in part}
        for version in _of(part.values(), versions=versions):
            of[version.document_id].append(version)
        looked = _received(part)
        kept += [_kept(part[i], v, looked.get(v.id, "")) for i, own in of.items() for v in own]
    return kept


def _of(documents: Iterable[Document], *, versions: bool) -> QuerySet[Version]:
    if versions:
        return Version.objects.filter(document__in=[d.id for d in documents]).order_by("number")
    return Version.objects.filter(id__in=[d.version_id for d in documents])


def _received(documents: Iterable[str]) -> dict[str, str]:
    """By version: who of the cabinet opened it first."""
    opened = Opened.objects.filter(document__in=list(documents), origin="cabinet").order_by("-at")
    return dict(opened.values_list("version_id", "by"))


def _kept(document: Document, version: Version, received_by: str) -> Kept:
    return Kept(
        document.id, ClientPath(document.path), Content(version.size, bytes(version.sha256)), version.number, version.id,
        version.id == document.version_id, bool(document.tombstone), _seconds(version.created_at), version.by, version.origin,
        _seconds(version.received_at), received_by if version.received_at else "", _seconds(document.deleted_at),
        document.deleted_by, document.reference, version.modified_at.timestamp() if version.modified_at else None,
    )  # fmt: skip


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at is not None else 0.0
