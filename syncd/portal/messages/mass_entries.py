"""One act's entries in the threads of hundreds of clients: as `entries.append` adds one, in a few queries for all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from syncd.core.plain_text import many_lines, one_line
from syncd.core.search_folding import fold
from syncd.portal.messages import recipients
from syncd.portal.messages.entries import FOUND, LONGEST, Said
from syncd.portal.messages.threads import SUBJECT
from syncd.portal.models import Client, Thread, ThreadEntry, ThreadReader
from syncd.portal.records.feed import writing
from syncd.portal.rights import Operator

AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Place:
    """What `by` says in the client's thread of that `kind` of folders."""

    by: Operator
    client: Client
    kind: str
    said: Said


def append_each(subject: str, places: Sequence[Place]) -> None:
    """In the transaction of whoever may. Those who are told of a thread see that there is more to read; no mail of its own
    goes out. Nothing is said where a client is switched off.
    """
    open_ = [p for p in places if not p.client.closed]
    with ExitStack() as held:
        for cabinet in sorted({p.client.cabinet_id for p in open_}):
            held.enter_context(writing(cabinet))
        for n in range(0, len(open_), AT_ONCE):
            _append(one_line(subject, SUBJECT), open_[n : n + AT_ONCE])


def _append(subject: str, places: Sequence[Place]) -> None:
    now, threads = datetime.now(UTC), _threads(subject, places)
    begun = [(p.client, p.kind) for p in places if threads[p.client.id, p.kind].last == 0]
    entries = []
    for place in places:
        thread = threads[place.client.id, place.kind]
        thread.last = thread.shared = thread.last + 1
        thread.last_at = thread.shared_at = now
        text = many_lines(place.said.text, LONGEST)
        entries.append(
            ThreadEntry(
                thread=thread, number=thread.last, kind=place.said.kind, text=text, folded=fold(text[:FOUND]), by=place.by.name,
                origin=place.by.origin, at=now, ref=place.said.ref,
            )
        )  # fmt: skip
    ThreadEntry.objects.bulk_create(entries, batch_size=200)
    Thread.objects.bulk_update(threads.values(), ["last", "last_at", "shared", "shared_at"], batch_size=100)
    usual = recipients.usual_of_each(begun) if begun else {}
    told = [ThreadReader(thread=threads[at], user_id=u, told=True) for at, users in usual.items() for u in users]
    ThreadReader.objects.bulk_create(told, batch_size=200)
    ThreadReader.objects.filter(thread__in=[t.id for t in threads.values()], told=True).update(unread=True)


def _threads(subject: str, places: Sequence[Place]) -> dict[tuple[str, str], Thread]:
    """Those of the places, by client's id and kind; what is missing is made."""
    wanted = {(p.client.id, p.kind) for p in places}
    rows = Thread.objects.select_for_update(of=("self",)).filter(
        client__in={p.client.id for p in places}, kind__in={p.kind for p in places}, folded=fold(subject)[:400], document=None
    )  # fmt: skip
    found = {at: t for t in rows if (at := (t.client_id, t.kind)) in wanted}
    now, missing = datetime.now(UTC), dict[tuple[str, str], Thread]()
    for place in places:
        at = (place.client.id, place.kind)
        if at not in found:
            missing[at] = Thread(
                cabinet_id=place.client.cabinet_id, client=place.client, subject=subject, kind=place.kind, by=place.by.name,
                origin=place.by.origin, created_at=now, last_at=now,
            )  # fmt: skip
    Thread.objects.bulk_create(missing.values(), batch_size=200)
    return found | missing
