"""What was said last in all threads of a reader, for a feed."""

from __future__ import annotations

from django.db.models import F

from syncd.portal.models import Thread, ThreadEntry
from syncd.portal.people.visibility import messages
from syncd.portal.rights import Person


def newest(actor: Person, most: int) -> list[ThreadEntry]:
    """The last entries that both sides read, the latest first, each with its thread. Two queries, however much was said: none
    of them lies in a thread that was written in before the last `most`. Of each thread it looks at the last 2 * `most` up to
    what both sides read last, notes among them.
    """
    last = Thread.objects.filter(messages(actor), cabinet_id=actor.cabinet, shared__gt=0).order_by("-shared_at")
    ids = list(last.values_list("id", flat=True)[:most])
    rows = ThreadEntry.objects.filter(thread__in=ids, internal=False, number__gt=F("thread__shared") - 2 * most)
    return list(rows.select_related("thread__client__cabinet", "thread__document").order_by("-at", "-id")[:most])
