"""What each pass did for each client, cut as people ask for it; never of clients the person does not reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from syncd.core.search_folding import fold
from syncd.portal.clients.search import called
from syncd.portal.models import Client, RunLine
from syncd.portal.people.visibility import reached_clients
from syncd.portal.rights import Person


@dataclass(frozen=True, slots=True)
class Wanted:
    """'' and None: whatever it is. `code`: of the client, or a part of its name; `since` and `until`: moments, the second excluded; `run`: one pass."""

    code: str = ""
    responsible: str = ""
    site: str = ""
    group: str = ""
    sector: str = ""
    verdict: str = ""
    run: int = 0
    since: datetime | None = None
    until: datetime | None = None


def lines(actor: Person, wanted: Wanted) -> QuerySet[RunLine]:
    """Newest first."""
    found = RunLine.objects.filter(client__in=Client.objects.filter(reached_clients(actor)))
    if wanted.code:
        found = found.filter(client__in=Client.objects.filter(reached_clients(actor), called(wanted.code)))
    for field in ("site", "group", "sector"):
        if value := getattr(wanted, field):
            found = found.filter(**{f"client__{field}": value})
    if wanted.responsible:
        found = found.filter(client__responsible_id=wanted.responsible)
    if wanted.verdict:
        found = found.filter(verdict=wanted.verdict)
    if wanted.run:
        found = found.filter(run_id=wanted.run)
    if wanted.since:
        found = found.filter(run__started_at__gte=wanted.since)
    if wanted.until:
        found = found.filter(run__started_at__lt=wanted.until)
    return found.select_related("run", "client", "client__responsible").order_by("-run__started_at", "client__code")


def choices(actor: Person) -> dict[str, list[tuple[str, str]]]:
    """What the clients of the actor can be told apart by: (value, how it is said), one query each."""
    mine = Client.objects.filter(reached_clients(actor))
    found: dict[str, list[tuple[str, str]]] = {}
    for field in ("site", "group", "sector"):
        values = mine.exclude(**{field: ""}).values_list(field, flat=True).distinct()
        found[field] = [(value, value) for value in sorted(values, key=fold)]
    people = mine.filter(responsible__isnull=False).order_by("responsible__folded")
    pairs = people.values_list(
        "responsible_id", "responsible__name", "responsible__sign_in", "responsible__folded"
    ).distinct()
    found["responsible"] = [(str(i), name or sign_in) for i, name, sign_in, _ in pairs]
    return found
