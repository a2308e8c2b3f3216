"""Whether every version's bytes are there and are what they were: checked, and mended from good copies."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, connection

from syncd.core import paths
from syncd.core.content import Content
from syncd.core.paths import ClientPath
from syncd.core.protocol import GetItem, Result, Rotten
from syncd.portal.clients.tree import rules_of
from syncd.portal.models import Document, Version
from syncd.portal.models.private_space import PrivateVersion
from syncd.portal.models.sales import SalesDocument
from syncd.portal.people.visibility import again
from syncd.portal.rights import Engine, Place, Verb, may
from syncd.portal.storage.port import Away, BlobStore, Staged

AT_ONCE = 500
YOUNG = 3600.0  # seconds: a body gets its name a moment before its document is committed


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind`: database | missing | damaged | stray. `where`: client and path, or a file."""

    kind: str
    where: str
    detail: str = ""


class Reading:
    """Versions read again: once by SHA-256, which proves what they are; then by XXH3-128, which sees any damage to them at
    a tenth of the cost. Where that differs, SHA-256 has the last word. The portal reads its own bytes here; whatever
    anybody sends is compared by SHA-256 alone (RULES 1, ADR 15)."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs, self._proven = blobs, list[Version]()

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self._remember()

    def state(self, version: Version) -> str:
        """'' when the version's bytes are whole."""
        try:
            if version.xxh3 and self._blobs.mark(version.id) == version.xxh3:
                return ""
            held, mark = self._blobs.prove(version.id)
        except FileNotFoundError:
            return "missing"
        except Away:
            raise
        except OSError as e:
            return f"damaged ({e.strerror})"
        if held != Content(version.size, bytes(version.sha256)):
            return "damaged"
        version.xxh3 = mark
        self._proven.append(version)
        if len(self._proven) >= AT_ONCE:
            self._remember()
        return ""

    def _remember(self) -> None:
        proven, self._proven = self._proven, []
        if proven:
            with contextlib.suppress(
                DatabaseError
            ):  # held by another, or a copy nobody writes to: proven again next time
                Version.objects.bulk_update(proven, ["xxh3"])


def kept() -> Iterator[tuple[str, Content]]:
    """All whose bytes the storage holds: versions, those of private spaces, files of what companies issued."""
    for version, size, sha in Version.objects.order_by("id").values_list("id", "size", "sha256").iterator(AT_ONCE):
        yield version, Content(size, bytes(sha))
    for row in PrivateVersion.objects.kept().iterator(AT_ONCE):
        yield row["id"], Content(row["size"], bytes(row["sha256"]))
    for row in SalesDocument.objects.kept().iterator(AT_ONCE):
        yield row["file_id"], Content(row["file_size"], bytes(row["file_sha256"]))


def check(blobs: BlobStore, *, repair: bool, served: bool) -> Iterator[Fault]:
    """Every fault as it is found. `repair`: damaged and stray bytes are moved out of the way, never deleted."""
    if connection.vendor == "sqlite":  # a server looks after its own files, and its constraints hold
        yield from _embedded()
    known = set[str]()
    current = dict(Document.objects.values_list("id", "version_id"))
    versions = Version.objects.select_related("document__client").order_by("document_id", "number")
    with Reading(blobs) as reading:
        for version in versions.iterator(AT_ONCE):
            known.add(version.id)
            document = version.document
            state = reading.state(version)
            if state:
                where = f"{document.client.code} {document.path}, version {version.number}"
                yield Fault(
                    state.split(" ")[0], where, "" if current[document.id] == version.id else "version ancienne"
                )
                if repair and state != "missing":
                    blobs.move_away(version.id, "damaged")
    for document_id, version_id in current.items():
        if version_id not in known:
            yield Fault("database", document_id, "its current version is not recorded")
    yield from _private(blobs, known, repair=repair)
    yield from _issued(blobs, known, repair=repair)
    limit = time.time() - YOUNG if served else float("inf")
    for held in blobs.held():
        if held.name not in known and held.since < limit:
            yield Fault("stray", held.where)
            if repair:
                blobs.move_away(held.name, "unreferenced")


def _private(blobs: BlobStore, known: set[str], *, repair: bool) -> Iterator[Fault]:
    """Versions of private spaces, which join the `known`: nothing is said of where a damaged one is but its id."""
    for row in PrivateVersion.objects.kept().iterator(AT_ONCE):
        content = Content(row["size"], bytes(row["sha256"]))
        yield from _of_company(blobs, known, row["id"], content, "private space, version", repair=repair)


def _issued(blobs: BlobStore, known: set[str], *, repair: bool) -> Iterator[Fault]:
    """Files of what companies issued, in the same way."""
    for row in SalesDocument.objects.kept().iterator(AT_ONCE):
        content = Content(row["file_size"], bytes(row["file_sha256"]))
        yield from _of_company(blobs, known, row["file_id"], content, "issued invoice, file", repair=repair)


def _of_company(
    blobs: BlobStore, known: set[str], name: str, content: Content, called: str, *, repair: bool
) -> Iterator[Fault]:  # fmt: skip
    known.add(name)
    state = ""
    try:
        if blobs.prove(name)[0] != content:
            state = "damaged"
    except FileNotFoundError:
        state = "missing"
    except Away:
        raise
    except OSError:
        state = "damaged"
    if state:
        yield Fault(state, f"{called} {name}")
    if state == "damaged" and repair:
        blobs.move_away(name, "damaged")


def _embedded() -> Iterator[Fault]:
    with connection.cursor() as cursor:
        for (said,) in cursor.execute("pragma integrity_check").fetchall():
            if said != "ok":
                yield Fault("database", "portal.db", str(said))
        for row in cursor.execute("pragma foreign_key_check").fetchall():
            yield Fault("database", "portal.db", f"{row[0]} refers to a missing {row[2]}")


def rotten(actor: Engine, client_id: str, blobs: BlobStore, over: Callable[[], bool] = lambda: False) -> list[Rotten]:
    """Versions of a client whose bytes are missing or not what they were, as far as the engine sees.

    `over`: asked before each is read, whether nobody waits for it any more.
    """
    found: list[Rotten] = []
    rules = None
    versions = Version.objects.select_related("document__client").filter(
        document__client_id=client_id, document__client__cabinet_id=actor.cabinet
    )
    with Reading(blobs) as reading:
        for version in versions.iterator(AT_ONCE):
            if over():
                break
            document = version.document
            rules = rules or rules_of(document.client)
            if not may(actor, Verb.VIEW, Place(actor.cabinet, rules, paths.parent(document.path))):
                continue
            if reading.state(version):
                content = Content(version.size, bytes(version.sha256))
                current = document.version_id == version.id and not document.tombstone
                found.append(
                    Rotten(document.id, ClientPath(document.path), version.id, version.number, content, current)
                )
    return found


def make_whole(version_id: str, content: Content, staged: Staged, blobs: BlobStore) -> bool:
    """Give a version that is not whole its bytes back from `staged`, which holds `content`. Whether it was done: then `staged`
    is used up. What is no version of this very content stays as it is."""
    version = Version.objects.filter(id=version_id, size=content.size, sha256=content.sha256).first()
    if version is None or not Reading(blobs).state(version):
        return False
    blobs.move_away(version.id, "damaged")
    blobs.publish([(staged, version.id)])
    return True


def heal(actor: Engine, items: Sequence[tuple[GetItem, Content, Staged | None]], blobs: BlobStore) -> list[Result]:
    """Give versions their very bytes back. `items`: what is meant, what was sent, staged (None if wrong)."""
    again(actor)
    results = []
    for item, sent, staged in items:
        version = Version.objects.filter(
            id=item.version_id, document_id=item.doc, document__client__cabinet_id=actor.cabinet
        ).first()
        if version is None:
            results.append(Result("conflict", "gone"))
        elif staged is None or sent != Content(version.size, bytes(version.sha256)):
            results.append(Result("conflict", "damaged", "the bytes are not this version's"))
        elif not Reading(blobs).state(version):
            results.append(Result("ok"))
        else:
            blobs.move_away(version.id, "damaged")
            blobs.publish([(staged, version.id)])
            results.append(Result("ok"))
    return results
