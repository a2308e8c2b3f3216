"""Bags as one ZIP that is made while it is sent: documents from the storage, each proved before it goes, then what lists them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from stat import S_IFREG
from typing import Any

from django.utils import timezone
from stream_zip import ZIP_64, stream_zip

from syncd.core import naming
from syncd.core.content import Content
from syncd.portal.documents.handover import HandedOver, hand_over
from syncd.portal.language import speaking, spoken
from syncd.portal.models import Client
from syncd.portal.rights import Person
from syncd.portal.storage import blob_store
from syncd.portal.storage.port import Away
from syncd.report.bag.facts import Bag
from syncd.report.bag.tag_files import tag_files

CHUNK = 256 * 1024
HELD = 8_000_000  # bytes of a document that is read once; a larger one is read twice
Member = tuple[str, datetime, int, Any, Iterable[bytes]]


Beside = Callable[[Person, Client], Mapping[str, bytes]]


def nothing(actor: Person, client: Client) -> Mapping[str, bytes]:
    return {}


def bags(actor: Person, clients: Iterable[Client], cabinet: str, beside: Beside = nothing) -> Iterable[bytes]:
    """A folder for each client, each a whole bag as of when its turn comes. `beside`: what a bag holds besides its
    documents, by name. Raises Refusal while it is read.
    """
    language = spoken()

    def bag(client: Client) -> Iterator[Member]:
        given = hand_over(actor, client, timezone.localtime())
        with speaking(language):
            extra = beside(actor, client)
        return _bag(given, cabinet, language, extra)

    members = (member for c in clients for member in bag(c))
    packed: Iterable[bytes] = stream_zip(
        members, get_compressobj=lambda: zlib.compressobj(level=1, wbits=-zlib.MAX_WBITS)
    )
    return packed


def _bag(given: HandedOver, cabinet: str, language: str, extra: Mapping[str, bytes]) -> Iterator[Member]:
    inside = naming.windows_safe(f"{given.client.code} - {given.client.name}")
    missing = dict(given.missing)
    for entry in given.entries:
        kept = entry.kept
        if kept.version_id in missing:
            continue
        chunks = _proved(kept.version_id, kept.content)
        if chunks is None:
            missing[kept.version_id] = "not_given"
            continue
        at = datetime.fromtimestamp(kept.modified or kept.at, given.at.tzinfo)
        yield f"{inside}/{entry.place}", at.replace(tzinfo=None), S_IFREG | 0o644, ZIP_64, chunks
    bag = Bag(
        code=given.client.code, name=given.client.name, cabinet=cabinet, at=given.at, entries=given.entries,
        missing=missing, left_out=given.left_out, messages=bool(extra), language=language,
    )  # fmt: skip
    now = given.at.replace(tzinfo=None)
    for place, data in tag_files(bag, extra):
        yield f"{inside}/{place}", now, S_IFREG | 0o644, ZIP_64, [data]


def _proved(version: str, content: Content) -> Iterable[bytes] | None:
    """The version's bytes; None where they are not its very content."""
    try:
        if content.size <= HELD:
            data = b"".join(_chunks(version))
            return [data] if hashlib.sha256(data).digest() == content.sha256 else None
        sha = hashlib.sha256()
        for chunk in _chunks(version):
            sha.update(chunk)
    except Away:
        raise
    except OSError:
        return None
    return _chunks(version) if sha.digest() == content.sha256 else None


def _chunks(version: str) -> Iterator[bytes]:
    with blob_store().open(version) as f:
        while data := f.read(CHUNK):
            yield data
