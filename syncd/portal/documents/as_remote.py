"""Documents as values the engine and pages understand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from syncd.core import paths
from syncd.core.content import Content
from syncd.core.entry import RemoteDoc, RemoteState
from syncd.core.folder_rules import ClientRules
from syncd.core.paths import ClientPath
from syncd.portal.models import Document, Version
from syncd.portal.records.bulk import Row
from syncd.portal.rights import Engine, Place, Verb, may


def remote_docs(documents: Iterable[Document] | Iterable[Row]) -> list[RemoteDoc]:
    """With the contents of the versions that came before, which are kept."""
    found = list[Document | Row](documents)
    several = [d.id for d in found if d.version > 1]
    earlier: defaultdict[str, list[bytes]] = defaultdict(list)
    current = {d.id: d.version for d in found if d.version > 1}
    for n in range(0, len(several), 500):
        rows = Version.objects.filter(document__in=several[n : n + 500]).order_by("number")
        for document_id, number, sha256 in rows.values_list("document_id", "number", "sha256"):
            if number < current[document_id]:
                earlier[document_id].append(bytes(sha256))
    return [
        RemoteDoc(
            d.id, ClientPath(d.path), Content(d.size, bytes(d.sha256)), d.version, d.version_id,
            RemoteState.DELETED if d.tombstone else RemoteState.LIVE, d.by_company, tuple(dict.fromkeys(earlier.get(d.id, ()))),
            d.tombstone, d.deleted_by, d.left_at is not None,
        )
        for d in found
    ]  # fmt: skip


def for_engine(doc: RemoteDoc, cabinet: str, rules: ClientRules) -> RemoteDoc:
    """The document as far as the engine's rights go: outside them it is withdrawn, and nothing else is told."""
    if may(Engine(cabinet), Verb.VIEW, Place(cabinet, rules, paths.parent(doc.path))):
        return doc
    return RemoteDoc(doc.id, doc.path, doc.content, doc.version, "", RemoteState.WITHDRAWN)
