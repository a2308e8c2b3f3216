"""Clients and documents, as programs read them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from email.utils import format_datetime
from typing import Any

import msgspec
from django.db import DatabaseError
from starlette.responses import Response

from syncd.core import paths
from syncd.portal.api.orm_threads import in_data_thread
from syncd.portal.api.programs import values as v
from syncd.portal.api.programs.guard import Call
from syncd.portal.api.programs.problems import Declined
from syncd.portal.api.ranged_download import RangedDownload
from syncd.portal.models import Document, EntryReference, Version
from syncd.portal.programs import documents
from syncd.portal.programs.documents import Cut
from syncd.portal.programs.entries import of_documents
from syncd.portal.records.mail_queue import address
from syncd.portal.storage import blob_store


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    said = {"Cache-Control": "no-store", **(headers or {})}
    return Response(msgspec.json.encode(value), status, said, "application/json")


async def clients(call: Call) -> Response:
    query: v.ClientsPage = call.query
    found = await call.ask(documents.clients, call.program, query.after, query.limit + 1)
    shown = [v.Client(c.code, c.name, c.closed) for c in found[: query.limit]]
    return answer(v.Clients(shown, shown[-1].code if len(found) > query.limit else None))


async def listed(call: Call) -> Response:
    query: v.DocumentsPage = call.query

    def page() -> v.Documents:
        found = documents.changes(call.program, query.since, Cut(query.client, query.reference), query.limit)
        return v.Documents(said(found.documents), found.gone, found.relist, found.cursor, found.more)

    return answer(await call.ask(page))


async def one(call: Call) -> Response:
    place: v.OfDocument = call.place

    def found() -> v.Document:
        (value,) = said([documents.one(call.program, place.document)])
        return value

    return answer(await call.ask(found))


def said(found: Sequence[Document]) -> list[v.Document]:
    """In three questions for all of them."""
    entries = of_documents(found)
    versions = {x.id: x for x in Version.objects.filter(id__in=[d.version_id for d in found])}
    return [
        v.Document(
            d.id, d.client.code, paths.parent(d.path), paths.name(d.path), d.size, bytes(d.sha256).hex(), d.version, d.by_company,
            d.created_at, versions[d.version_id].created_at, d.received_at, d.reference, said_entries(entries.get(d.id, ())), address(f"/d/{d.id}"),
        )
        for d in found
    ]  # fmt: skip


def said_entries(found: Iterable[EntryReference]) -> list[v.SaidEntry]:
    return [v.SaidEntry(e.journal, e.day, e.piece, e.emitter) for e in found]


async def content(call: Call) -> Response:
    """What is answered in full, or to its very last byte, counts as a download."""
    place, query, headers = call.place, call.query, call.headers
    document, version = await call.ask(documents.version, call.program, place.document, query.version)
    tag = f'"{bytes(version.sha256).hex()}"'
    told = {
        "ETag": tag,
        "Last-Modified": format_datetime(version.created_at, usegmt=True),
        "Cache-Control": "private, no-cache",
    }
    if headers.if_none_match and (headers.if_none_match.strip() == "*" or tag in headers.if_none_match):
        return Response(status_code=304, headers=told)
    if not await in_data_thread(blob_store().is_there, version.id, version.size):
        raise Declined(
            503,
            "missing",
            "The portal no longer has these bytes; the cabinet was told.",
            headers={"Retry-After": "3600"},
        )
    part = headers.range if headers.if_range in ("", tag) else ""
    source = await in_data_thread(blob_store().open, version.id)

    async def ended() -> None:
        try:
            await call.ask(documents.given, call.program, document, version)
        except (Declined, DatabaseError) as e:  # what was given is given, whether that can be written down or not
            logging.getLogger(__name__).warning("a document was given to a program and not noted as such: %s", e)

    return RangedDownload(call, source, version.size, told, part=part, ended=ended)
