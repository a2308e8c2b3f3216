"""What electronic invoices say, kept by version: read by the limited process, a share at a time, as documents come and go.

The table follows the cabinet's feed, what comes first; then, backwards, what was there before. Nothing in it is anything but a copy:
forgotten, it is made again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from django.db import transaction

from syncd.core.invoices import Facts, number_key, seller_key
from syncd.core.search_folding import fold
from syncd.portal.documents import pictures
from syncd.portal.models import Cabinet, Document, FeedRow, InvoiceFacts, InvoiceReading
from syncd.portal.readers import kinds
from syncd.portal.readers.worker_client import Busy, TooMuch, Unreadable, reader
from syncd.portal.readers.xml_tree import looks_like
from syncd.portal.records.feed import writing
from syncd.portal.storage import blob_store

MAKER = 1  # of facts: one more, and all are read again
SECONDS, PATIENT = 5.0, 30.0  # for one; for one that took too much: perhaps the machine was busy
NICE = 10
AT_ONCE = 200


def read_some(seconds: float, over: Callable[[], bool]) -> int:
    """A share of what is to be read; how many changes were looked at. People who wait for a picture come first; `over`: whether it is
    to end.
    """
    until, looked = time.monotonic() + seconds, 0

    def enough() -> bool:
        return time.monotonic() >= until or over() or pictures.asked_for()

    for cabinet in Cabinet.objects.all():
        mark = _mark(cabinet)
        while not enough() and (rows := _next(mark)):
            done = _look_at(mark, rows, enough)
            if not done:  # the reader is busy with others' documents: they come again in the next share
                break
            looked += done
    return looked


def newest() -> str:
    """Another one whenever anything changed anywhere."""
    return " ".join(map(str, Cabinet.objects.order_by("id").values_list("seq", flat=True)))


def forget() -> None:
    """All of it, to be read anew."""
    with transaction.atomic():
        InvoiceFacts.objects.all().delete()
        InvoiceReading.objects.all().delete()


def _mark(cabinet: Cabinet) -> InvoiceReading:
    now = {"maker": MAKER, "upto": cabinet.seq, "below": cabinet.seq + 1}
    mark, _ = InvoiceReading.objects.get_or_create(cabinet=cabinet, defaults=now)
    if mark.maker != MAKER or mark.upto > cabinet.seq:
        mark.maker, mark.upto, mark.below = MAKER, cabinet.seq, cabinet.seq + 1
        mark.save()
    return mark


def _next(mark: InvoiceReading) -> Sequence[tuple[int, str]]:
    """(place in the feed, document) of what came since; else of what was there before, the latest first."""
    rows = FeedRow.objects.filter(cabinet=mark.cabinet_id, kind="doc").values_list("seq", "object")
    since = list(rows.filter(seq__gt=mark.upto).order_by("seq")[:AT_ONCE])
    return since or list(rows.filter(seq__lt=mark.below).order_by("-seq")[:AT_ONCE])


def _look_at(mark: InvoiceReading, rows: Sequence[tuple[int, str]], enough: Callable[[], bool]) -> int:
    wanted = {document for _, document in rows}
    live = {d.id: d for d in Document.objects.filter(id__in=wanted, tombstone="").select_related("client")}
    read = InvoiceFacts.objects.filter(version_id__in=[d.version_id for d in live.values()], maker=MAKER)
    known = set(read.values_list("document_id", flat=True))
    looked = 0
    for seq, document_id in rows:
        if enough():
            break
        document = live.pop(document_id, None)  # once, however often it changed
        if document is not None and document_id not in known:
            try:
                keep(document)
            except Busy:
                break
        looked += 1
        if seq > mark.upto:
            mark.upto = seq
        else:
            mark.below = seq
    InvoiceReading.objects.filter(pk=mark.pk).update(
        upto=mark.upto, below=mark.below
    )  # unless all was forgotten meanwhile
    return looked


def keep(document: Document) -> bool:
    """What the current version says, where it is an electronic invoice; whether it is. Raises Busy."""
    try:
        facts = _read(document.version_id)
    except OSError:  # its bytes are missing: told by whoever opens it
        return False
    if facts is None:
        InvoiceFacts.objects.filter(version_id=document.version_id).delete()
        return False
    cabinet = document.client.cabinet_id
    own = {"document": document, "client_id": document.client_id, "cabinet_id": cabinet, "maker": MAKER}
    with writing(cabinet):
        if not Document.objects.filter(id=document.id, version_id=document.version_id).exists():
            return False  # another version came while this one was read: the feed tells of it
        InvoiceFacts.objects.filter(version_id=document.version_id).delete()
        InvoiceFacts.objects.create(version_id=document.version_id, **own, **_columns(facts))
    return True


def _read(version: str) -> Facts | None:
    """None of what is no electronic invoice; by its first bytes, which need no other process, or by all of them."""
    with blob_store().open(version) as source:
        head = source.read(kinds.HEAD)
        if kinds.of_head(head) != "pdf" and not looks_like(head):
            return None
        for seconds in (SECONDS, PATIENT):
            try:
                return msgspec.json.decode(reader().ask("facts", source, seconds=seconds, nice=NICE), type=Facts)
            except TooMuch:
                continue
            except Unreadable:
                break
    return None


def _columns(facts: Facts) -> dict[str, Any]:
    said = msgspec.structs.asdict(facts)
    day = f"{facts.issued:%d/%m/%Y}" if facts.issued else ""
    total = f"{facts.gross:.2f} {facts.gross:.2f}".replace(".", ",", 1) if facts.gross is not None else ""
    who = (facts.number, facts.seller, facts.buyer, facts.seller_siren, facts.buyer_siren)
    words = " ".join(filter(None, (*who, day, total)))
    return {
        **said,
        "number_key": number_key(facts.number)[:200],
        "seller_key": seller_key(facts)[:400],
        "folded": fold(words)[:1600],
    }
