"""Whether every version's bytes are there and are what they were: checked, and mended from good copies."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection

from syncd.core import paths
from syncd.core.content import Content
from syncd.core.exchange import GetItem, Result, Rotten
from syncd.portal.blobs import LocalBlobs
from syncd.portal.models import Document, Version
from syncd.portal.rights import Engine, Place, Verb, may
from syncd.portal.services.trees import rules_of

YOUNG = 3600.0  # seconds: a body gets its name a moment before its document is committed


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind`: database | missing | damaged | stray. `where`: client and path, or a file."""

    kind: str
    where: str
    detail: str = ""


def _state(blobs: LocalBlobs, version: Version) -> str:
    """'' when the version's bytes are whole."""
    try:
        held = blobs.content(version.id)
    except FileNotFoundError:
        return "missing"
    except OSError as e:
        return f"damaged ({e.strerror})"
    return "" if held == Content(version.size, bytes(version.sha256)) else "damaged"


def check(blobs: LocalBlobs, *, repair: bool, served: bool) -> Iterator[Fault]:
    """Every fault as it is found. `repair`: damaged and stray bytes are moved out of the way, never deleted."""
    with connection.cursor() as cursor:
        for (said,) in cursor.execute("pragma integrity_check").fetchall():
            if said != "ok":
                yield Fault("database", "portal.db", str(said))
        for row in cursor.execute("pragma foreign_key_check").fetchall():
            yield Fault("database", "portal.db", f"{row[0]} refers to a missing {row[2]}")
    known = set()
    current = dict(Document.objects.values_list("id", "version_id"))
    for version in Version.objects.select_related("document__client").order_by("document_id", "number").iterator(500):
        known.add(version.id)
        document = version.document
        state = _state(blobs, version)
        if state:
            where = f"{document.client.code} {document.path}, version {version.number}"
            yield Fault(state.split(" ")[0], where, "" if current[document.id] == version.id else "version ancienne")
            if repair and state != "missing":
                blobs.move_away(version.id, "damaged")
    for document_id, version_id in current.items():
        if version_id not in known:
            yield Fault("database", document_id, "its current version is not recorded")
    limit = time.time() - YOUNG if served else float("inf")
    for name, path in blobs.names():
        if name not in known and os.lstat(path).st_ctime < limit:
            yield Fault("stray", os.path.relpath(path, blobs.root))
            if repair:
                blobs.move_away(name, "unreferenced")


def rotten(cabinet_id: str, client_id: str, blobs: LocalBlobs) -> list[Rotten]:
    """Versions of a client whose bytes are missing or not what they were, as far as the engine sees."""
    found: list[Rotten] = []
    rules = None
    versions = Version.objects.select_related("document__client").filter(
        document__client_id=client_id, document__client__cabinet_id=cabinet_id
    )
    for version in versions.iterator(500):
        document = version.document
        rules = rules or rules_of(document.client)
        if not may(Engine(cabinet_id), Verb.VIEW, Place(cabinet_id, rules, paths.parent(document.path))):
            continue
        if _state(blobs, version):
            content = Content(version.size, bytes(version.sha256))
            current = document.version_id == version.id and not document.tombstone
            found.append(Rotten(document.id, document.path, version.id, version.number, content, current))
    return found


def heal(cabinet_id: str, items: Sequence[tuple[GetItem, Content, str]], blobs: LocalBlobs) -> list[Result]:
    """Give versions their very bytes back. `items`: what is meant, what was sent, its temporary file ('' if wrong)."""
    results = []
    for item, sent, temp in items:
        version = Version.objects.filter(
            id=item.version_id, document_id=item.doc, document__client__cabinet_id=cabinet_id
        ).first()
        if version is None:
            results.append(Result("conflict", "gone"))
        elif sent != Content(version.size, bytes(version.sha256)):
            results.append(Result("conflict", "damaged", "the bytes are not this version's"))
        elif not _state(blobs, version):
            results.append(Result("ok"))
        else:
            blobs.move_away(version.id, "damaged")
            blobs.publish([(temp, version.id)])
            results.append(Result("ok"))
    return results
