"""A thread as one of its readers sees it: its entries a screenful at a time, who saw each, what they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from syncd.portal.documents.received import counted
from syncd.portal.language import named
from syncd.portal.messages.threads import shown
from syncd.portal.models import Document, Thread, ThreadEntry, ThreadReading
from syncd.portal.people.visibility import visible
from syncd.portal.rights import Person

AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody who saw an entry, and when first; `who` '' for a company, which is told no names of the cabinet."""

    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as its reader sees it. `by`: with the side; `mine`: the reader's own. `document`: what it is about, None where
    there is nothing or the reader may not see it, which `hidden` says. `documents`: of a receipt, how many the reader sees.
    """

    entry: ThreadEntry
    by: str
    mine: bool
    document: Document | None
    hidden: bool
    documents: int
    seen: Sequence[Seen]


@dataclass(frozen=True, slots=True)
class Page:
    """Lines in their order; `before`: the id of the entry before which there are more, '' where these are the first."""

    lines: Sequence[Line]
    before: str


def page(actor: Person, thread: Thread, before: str = "") -> Page:
    """The last entries of a thread that the actor may read, or those before an entry. Five queries, however many there are."""
    entries = thread.entries.filter(shown(actor))
    if before:
        entries = entries.filter(number__lt=ThreadEntry.objects.filter(thread=thread, id=before).values("number"))
    found = list(entries.select_related("deposit").order_by("-number")[: AT_ONCE + 1])
    more, found = len(found) > AT_ONCE, found[:AT_ONCE][::-1]
    return Page(_lines(actor, thread, found), found[0].id if more else "")


def _lines(actor: Person, thread: Thread, entries: Sequence[ThreadEntry]) -> list[Line]:
    about = {e.document_id for e in entries if e.document_id}
    documents = {d.id: d for d in Document.objects.filter(visible(actor), id__in=about)}
    counts = counted(actor, [e.deposit for e in entries if e.deposit is not None])
    seen = _seen(actor, thread, entries)
    return [
        Line(
            e, named(e.by, e.origin), e.user_id == actor.id, documents.get(e.document_id or ""),
            e.document_id is not None and e.document_id not in documents, counts.get(e.deposit_id or "", 0), seen[e.number],
        )
        for e in entries if e.deposit_id is None or e.text or counts.get(e.deposit_id) or e.user_id == actor.id
    ]  # fmt: skip


def _seen(actor: Person, thread: Thread, entries: Sequence[ThreadEntry]) -> defaultdict[int, list[Seen]]:
    """By number: who saw the entry but its author. A company learns of its own entries when somebody of the cabinet did."""
    found = defaultdict[int, list[Seen]](list)
    if not entries:
        return found
    rows = ThreadReading.objects.filter(thread=thread, number__gte=entries[0].number).order_by("at")
    first: dict[int, set[str | None]] = defaultdict(set)
    readings = list(rows[:1000])
    for entry in entries:
        for reading in readings:
            whose = reading.user_id
            if reading.number < entry.number or whose == entry.user_id or whose in first[entry.number]:
                continue
            if reading.origin == "company" and (entry.internal or not actor.role.of_cabinet):
                continue
            if not actor.role.of_cabinet and (entry.origin != "company" or found[entry.number]):
                continue
            first[entry.number].add(whose)
            who = named(reading.by, reading.origin) if actor.role.of_cabinet else ""
            found[entry.number].append(Seen(who, reading.at))
    return found


def latest(actor: Person, threads: Sequence[Thread]) -> dict[str, ThreadEntry]:
    """By thread's id: the last entry that the actor sees. One query."""
    last = "last" if actor.role.of_cabinet else "shared"
    rows = ThreadEntry.objects.filter(thread__in=[t.id for t in threads], number=F(f"thread__{last}"))
    return {e.thread_id: e for e in rows.defer("folded")}
