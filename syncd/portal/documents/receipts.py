"""Who was given a version: the engine that placed it, people who opened it; a receipt when it is somebody of the cabinet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from django.db import DatabaseError
from django.db.models import F

from syncd.core.protocol import LeftNote, Receipt
from syncd.portal.models import Document, Opened, Version
from syncd.portal.records import bulk
from syncd.portal.records.feed import Feed, writing
from syncd.portal.records.place_history import moment
from syncd.portal.rights import Actor, Engine, Person, Program

ONE_LOOK = timedelta(hours=1)
Looked = Sequence[tuple[Document, Version]]


def receive(actor: Actor, receipts: Sequence[Receipt], left: Sequence[LeftNote]) -> None:
    """A version is received when the engine has placed it. In the caller's transaction."""
    mine = set(
        Document.objects.filter(
            client__cabinet=actor.cabinet, id__in=[r.doc for r in receipts] + [n.doc for n in left]
        ).values_list("id", flat=True)
    )
    bulk.receive((r.doc, r.version, moment(r.at)) for r in receipts if r.doc in mine)
    for note in left:
        if note.doc in mine:
            Document.objects.filter(id=note.doc).update(left_at=datetime.now(UTC) if note.left else None)


def deliver_again(chosen: Sequence[Document], feed: Feed) -> int:
    """How many of them the cabinet had removed. In the caller's transaction."""
    asked = {d.id: d.client_id for d in chosen}
    left = Document.objects.filter(id__in=asked, left_at__isnull=False, tombstone="")
    ids = list(left.values_list("id", flat=True))
    left.update(left_at=None, received_at=None)
    for document_id in ids:
        feed.doc(asked[document_id], document_id)
    return len(ids)


def fetched(actor: Engine, ids: Sequence[str]) -> None:
    """The engine was given the contents of these documents. A portal that cannot write still gives what it has."""
    try:
        with writing(actor.cabinet):
            bulk.count_engine_downloads(ids)
    except DatabaseError as e:
        logging.getLogger(__name__).warning("%d downloads were not counted: %s", len(ids), e)


def opened(actor: Actor, looked: Looked, verb: str, *, again: bool = True) -> None:
    """The actor has looked at versions, and their last bytes have gone (`verb`: view or download): written down, all or none; a download is counted, and a person
    of the cabinet receives them by that (DESIGN 5).

    A view is noted once a person and version. Without `again`, what the same person opened within the hour is the same
    look. Of a command no look is noted: nobody's name stands behind it. A program's is noted by its name, and is no receipt.
    """
    now = datetime.now(UTC)
    rows: list[Opened] = []
    if isinstance(actor, Program):
        looked = [(d, v) for d, v in looked if not _fetched_before(actor, v, now - ONE_LOOK)]
        rows = [
            Opened(document=d, version_id=v.id, by=actor.name, origin=actor.origin, verb=verb, at=now)
            for d, v in looked
        ]
    if isinstance(actor, Person):
        if verb == "view":
            looked = _not_yet(actor, looked, verb, datetime.min.replace(tzinfo=UTC))
        elif not again:
            looked = _not_yet(actor, looked, verb, now - ONE_LOOK)
        rows = [
            Opened(document=d, version_id=v.id, user_id=actor.id, by=actor.name, origin=actor.origin, verb=verb, at=now)
            for d, v in looked
        ]
    seen_at_cabinet = actor.origin == "cabinet" and not isinstance(actor, Program)
    with writing(actor.cabinet):  # nobody else writes meanwhile: short
        Opened.objects.bulk_create(rows)
        for n in range(0, len(looked), 500):
            _count(looked[n : n + 500], now, received=seen_at_cabinet, download=verb == "download")


class Given:
    """A version's bytes for one reader. `ended`: to be called when the last one has gone, once; reading to the end does."""

    def __init__(self, file: BinaryIO, ended: Callable[[], None]) -> None:
        self._file, self._ended = file, ended

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        if not data:
            self.ended()
        return data

    def ended(self) -> None:
        ended, self._ended = self._ended, lambda: None
        ended()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _count(looked: Looked, now: datetime, *, received: bool, download: bool) -> None:
    shown = Document.objects.filter(id__in=[d.id for d, _ in looked])
    if download:
        shown.update(downloads=F("downloads") + 1)
    if received and (new := [v.id for _, v in looked if v.received_at is None]):
        Version.objects.filter(id__in=new, received_at__isnull=True).update(received_at=now)
        shown.filter(version_id__in=new).update(received_at=now)


def _fetched_before(program: Program, version: Version, since: datetime) -> bool:
    mine = Opened.objects.filter(document_id=version.document_id, version_id=version.id, user=None, by=program.name)
    return mine.filter(at__gt=since).exists()


def _not_yet(person: Person, looked: Looked, verb: str, since: datetime) -> list[tuple[Document, Version]]:
    seen = set[tuple[str, str]]()
    for n in range(0, len(looked), 500):
        mine = Opened.objects.filter(
            document__in=[d.id for d, _ in looked[n : n + 500]], user=person.id, verb=verb, at__gt=since
        )
        seen.update(mine.values_list("document_id", "version_id"))
    return [(d, v) for d, v in looked if (d.id, v.id) not in seen]
