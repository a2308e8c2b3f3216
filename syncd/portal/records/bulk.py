"""Many rows at once, by prepared statements: what a batch writes, without an object for each of its rows.

The columns are spelled here and nowhere else; one that a model gains and this module does not know is refused by the
database, as it has no default there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from syncd.core.content import Content
from syncd.core.search_folding import fold
from syncd.portal.models import Document, FeedRow, Folder, Version

_DOCUMENT = (
    "id", "client_id", "path", "key", "folded", "kind", "size", "sha256", "version", "version_id", "by_company", "created_at",
    "tombstone", "deleted_by", "withdrawn", "downloads", "reference", "received_at",
)  # fmt: skip
_VERSION = (
    "id",
    "document_id",
    "number",
    "size",
    "sha256",
    "xxh3",
    "modified_at",
    "by",
    "origin",
    "created_at",
    "received_at",
    "way",
)
_FEED = ("cabinet_id", "seq", "tag", "kind", "client", "object")
_FOLDER = ("id", "client_id", "path", "key")
_READ = ("id", "client_id", "path", "key", "size", "sha256", "version", "version_id", "by_company", "tombstone", "deleted_by", "left_at")  # fmt: skip
Values = tuple[Any, ...]
_M = TypeVar("_M", Document, Folder)


class Row(msgspec.Struct, gc=False):
    """A document as a batch sees it: of the database, or made a moment ago."""

    id: str
    client_id: str
    path: str
    key: str
    size: int
    sha256: bytes
    version: int
    version_id: str
    by_company: bool = False
    tombstone: str = ""
    deleted_by: str = ""
    left_at: datetime | None = None

    def holds(self, content: Content) -> bool:
        return self.size == content.size and self.sha256 == content.sha256


def _found(part: Iterable[Values]) -> list[Row]:
    rows = [Row(*r) for r in part]
    for row in rows:
        row.sha256 = bytes(row.sha256)
    return rows


ClientKey = tuple[str, str]  # a client's id, and a key in it


def live(places: Iterable[ClientKey]) -> dict[ClientKey, Row]:
    """The live documents there."""
    found = (_found(there.values_list(*_READ)) for there in _at(Document.objects.filter(tombstone=""), places))
    return {(row.client_id, row.key): row for some in found for row in some}


def folders(places: Iterable[ClientKey]) -> dict[ClientKey, str]:
    """Paths of the folders there."""
    found = _at(Folder.objects.filter(deleted_at__isnull=True), places)
    return {
        (client, key): path for there in found for client, key, path in there.values_list("client_id", "key", "path")
    }


def _at(there: QuerySet[_M], places: Iterable[ClientKey]) -> Iterator[QuerySet[_M]]:
    """Many clients to a question. Each place is looked up in the index; without the SELECT, SQLite would read all of it."""
    wanted = sorted(set(places))
    for n in range(0, len(wanted), 400):
        part = wanted[n : n + 400]
        pairs = ", ".join(["(%s, %s)"] * len(part))
        values = [value for place in part for value in place]
        named = f"SELECT column1, column2 FROM (VALUES {pairs}) AS wanted"  # noqa: S608
        yield there.extra(where=[f"(client_id, key) IN ({named})"], params=values)  # noqa: S610


def by_id(cabinet: str, ids: Sequence[str]) -> list[Row]:
    found: list[Row] = []
    for n in range(0, len(ids), 500):
        held = Document.objects.filter(client__cabinet_id=cabinet, id__in=ids[n : n + 500])
        found += _found(held.values_list(*_READ))
    return found


def moment(at: datetime) -> Any:
    """A moment as the database holds it."""
    return connection.ops.adapt_datetimefield_value(at)


def add_documents(rows: Iterable[tuple[Row, str]], created: datetime, received: Collection[str] = ()) -> None:
    """New documents, each with the kind of the folder it lies in; the cabinet has those in `received` already."""
    at = moment(created)
    _insert(Document, _DOCUMENT, [
        (r.id, r.client_id, r.path, r.key, fold(r.path), kind, r.size, r.sha256, r.version, r.version_id, r.by_company, at, "", "", False, 0, "", at if r.id in received else None)
        for r, kind in rows
    ])  # fmt: skip


def new_versions(rows: Iterable[Row]) -> None:
    """Documents whose content is another now: not received yet, and no longer left."""
    values = [(r.version, r.size, r.sha256, r.version_id, r.id) for r in rows]
    _many(
        f"UPDATE {Document._meta.db_table} SET version = %s, size = %s, sha256 = %s, version_id = %s, left_at = NULL, "  # noqa: S608
        "received_at = NULL WHERE id = %s",
        values,
    )


# id, document, number, size, SHA-256, its own date, its way (core.origins)
NewVersion = tuple[str, str, int, int, bytes, datetime | None, str]


def add_versions(
    rows: Iterable[NewVersion], by: str, origin: str, created: datetime, *, received: bool = False
) -> None:
    """`received`: the cabinet has them already."""
    at = moment(created)
    _insert(Version, _VERSION, [
        (*row, "", modified and moment(modified), by, origin, at, at if received else None, way) for *row, modified, way in rows
    ])  # fmt: skip


def receive(rows: Iterable[tuple[str, int, datetime]]) -> None:
    """(document, number of its version, when the cabinet had it) each; what is received already stays as it is."""
    values = [(moment(at), document, number) for document, number, at in rows]
    for model, of in ((Version, "document_id = %s AND number = %s"), (Document, "id = %s AND version = %s")):
        _many(f"UPDATE {model._meta.db_table} SET received_at = %s WHERE {of} AND received_at IS NULL", values)  # noqa: S608


def count_engine_downloads(documents: Iterable[str]) -> None:
    _many(
        f"UPDATE {Document._meta.db_table} SET engine_downloads = engine_downloads + 1 WHERE id = %s",  # noqa: S608
        [(document,) for document in documents],
    )


def add_feed(cabinet: str, rows: Iterable[tuple[int, str, str, str, str]]) -> None:
    """(seq, tag, kind, client, object) each."""
    _insert(FeedRow, _FEED, [(cabinet, *r) for r in rows])


def add_folders(rows: Iterable[Folder]) -> None:
    _insert(Folder, _FOLDER, [(f.id, f.client_id, f.path, f.key) for f in rows])


def _insert(model: type[Document | Version | FeedRow | Folder], columns: Sequence[str], rows: Sequence[Values]) -> None:
    quoted = ", ".join(connection.ops.quote_name(c) for c in columns)
    places = ", ".join(["%s"] * len(columns))
    _many(f"INSERT INTO {model._meta.db_table} ({quoted}) VALUES ({places})", rows)  # noqa: S608


def _many(statement: str, rows: Sequence[Values]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def newest(found: QuerySet[Document], first: int, size: int) -> tuple[list[str], int]:
    """Ids from the `first` on, the newest before, then by place; and of how many. What is looked for is looked for once, and
    kept beside: a window over it costs as much again.
    """
    try:
        sql, given = found.order_by().values_list("pk", "created_at", "key").query.sql_with_params()
    except EmptyResultSet:  # nothing that the actor may see
        return [], 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH found (pk, at, place) AS MATERIALIZED ({sql}) SELECT pk, (SELECT COUNT(*) FROM found) FROM found"  # noqa: S608
            " ORDER BY at DESC, place LIMIT %s OFFSET %s",
            (*given, size, first),
        )
        rows = cursor.fetchall()
        if not rows and first:
            return [], found.order_by().count()
    return [pk for pk, _ in rows], rows[0][1] if rows else 0
