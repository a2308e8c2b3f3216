"""Parts of a cabinet's clients that people choose at once: all, those one follows, those of a site, a group or a sector."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Q

from syncd.core.search_folding import fold
from syncd.portal.models import Client
from syncd.portal.people.visibility import reached_clients
from syncd.portal.rights import Person

ALL, FOLLOWED, FIELDS = "all", "responsible", ("site", "group", "sector")


@dataclass(frozen=True, slots=True)
class Segment:
    """`field`: all, responsible (those one follows), or a field of the client's card with its `value`; `count`: how many
    clients of it the person reaches, those that are switched off aside.
    """

    field: str
    value: str
    count: int

    @property
    def name(self) -> str:
        """As an address or a form says it."""
        return f"{self.field}:{self.value}" if self.value else self.field


def segments(actor: Person) -> list[Segment]:
    """Those that hold any client the actor reaches. One query."""
    rows = Client.objects.filter(reached_clients(actor), closed=False).values_list("responsible_id", *FIELDS)
    counts = Counter[tuple[str, str]]()
    for responsible, *values in rows:
        counts[ALL, ""] += 1
        counts[FOLLOWED, ""] += responsible == actor.id
        counts.update((field, value) for field, value in zip(FIELDS, values, strict=True) if value)
    order = (ALL, FOLLOWED, *FIELDS)
    found = [Segment(field, value, n) for (field, value), n in counts.items() if n]
    return sorted(found, key=lambda s: (order.index(s.field), fold(s.value), s.value))


def segment_of(actor: Person, name: str) -> Segment | None:
    """The one of that name; None where it holds nobody the actor reaches."""
    return next((s for s in segments(actor) if s.name == name), None)


def clients_in(actor: Person, segment: Segment) -> list[Client]:
    """Those that the actor reaches and that are not switched off, in the order of their codes."""
    found = Client.objects.filter(_named(actor, segment), reached_clients(actor), closed=False)
    return list(found.order_by("code"))


def beyond(actor: Person) -> set[tuple[str, str]]:
    """(field, value) of sites, groups and sectors that hold clients which the actor does not reach. One query."""
    others = Client.objects.filter(~reached_clients(actor), cabinet_id=actor.cabinet, closed=False)
    return {(field, row[n]) for row in others.values_list(*FIELDS) for n, field in enumerate(FIELDS)}


def _named(actor: Person, segment: Segment) -> Q:
    if segment.field == FOLLOWED:
        return Q(responsible_id=actor.id)
    return Q(**{segment.field: segment.value}) if segment.field in FIELDS else Q()
