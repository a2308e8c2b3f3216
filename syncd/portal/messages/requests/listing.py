"""What is asked for and not there yet, as its reader may know of it: on first pages, in lists, for letters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from syncd.core.search_folding import wanted_words
from syncd.portal.models import Client, DocumentRequest, ItemAnswer, RequestedItem
from syncd.portal.people.visibility import wanted_items
from syncd.portal.rights import Person, Verb


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the cabinet's list is cut. `state`: open ('', too), late or closed."""

    state: str = ""
    words: str = ""
    client: str = ""


def items_of(actor: Person, request: DocumentRequest) -> list[RequestedItem]:
    """Those that the actor may know of, in their order; none: it does not exist for the actor."""
    found = RequestedItem.objects.filter(wanted_items(actor), request=request).order_by("position", "id")
    return list(found.select_related("request__client__cabinet", "request__series"))


def open_items(actor: Person, client: Client | None = None, verb: Verb = Verb.DEPOSIT) -> list[RequestedItem]:
    """What is awaited of a client, or of all those the actor reaches, the most urgent first. One query."""
    found = RequestedItem.objects.filter(
        wanted_items(actor, verb), how="", request__closed_at=None, request__client__closed=False
    )
    if client is not None:
        found = found.filter(request__client=client)
    order = ("request__due_on", "request__made_at", "request_id", "position", "id")
    return list(found.select_related("request__client__cabinet").order_by(*order)[:500])


def open_items_in(actor: Person, requests: Sequence[str]) -> list[RequestedItem]:
    """What is awaited in these requests, by id, as far as the actor may know of it; in none of them: in all, 500 at most."""
    found = RequestedItem.objects.filter(wanted_items(actor), how="", request__closed_at=None)
    if requests:
        found = found.filter(request__in=list(requests))
    order = ("request__client__folded", "request__due_on", "request_id", "position", "id")
    return list(found.select_related("request__client__cabinet").order_by(*order)[: None if requests else 500])


def open_items_of(clients: Collection[str]) -> list[RequestedItem]:
    """All that is awaited of these clients, whoever may know of it."""
    found, ids = list[RequestedItem](), sorted(clients)
    rows = RequestedItem.objects.filter(how="", request__closed_at=None, request__client__closed=False)
    rows = rows.select_related("request__client__cabinet").defer(
        "request__client__rules", "request__client__cabinet__logo"
    )
    for n in range(0, len(ids), 500):
        found += rows.filter(request__client__in=ids[n : n + 500])
    return found


def by_request(items: Sequence[RequestedItem]) -> list[tuple[DocumentRequest, list[RequestedItem]]]:
    return [(some[0].request, some) for some in (list(g) for _id, g in groupby(items, lambda i: i.request_id))]


def late(request: DocumentRequest, today: date | None = None) -> int:
    """Days since it was due; 0: it is not."""
    over = ((today or timezone.localdate()) - request.due_on).days
    return max(0, over) if request.closed_at is None else 0


def requests(actor: Person, wanted: Wanted) -> QuerySet[DocumentRequest]:
    """The most urgent first. One is over for the actor once nothing of it is awaited that the actor may know of."""
    mine, left = _mine(actor)
    found = DocumentRequest.objects.filter(Exists(mine)).select_related("client", "series")
    match wanted.state:
        case "closed":
            found = found.filter(~Exists(left))
        case "late":
            found = found.filter(Exists(left), closed_at=None, due_on__lt=timezone.localdate(), client__closed=False)
        case _:
            found = found.filter(Exists(left), closed_at=None, client__closed=False)
    if wanted.client:
        found = found.filter(client__code=wanted.client)
    for word in wanted_words(wanted.words):
        found = found.filter(Q(client__folded__contains=word) | Q(title__icontains=word))
    return found.order_by("-closed_at", "due_on", "-made_at", "id")


def _mine(actor: Person) -> tuple[QuerySet[RequestedItem], QuerySet[RequestedItem]]:
    """Of the request that is asked about: the items that the actor may know of, and those of them that are awaited."""
    mine = RequestedItem.objects.filter(wanted_items(actor), request=OuterRef("pk"))
    return mine, mine.filter(how="")


def counts(actor: Person, page: Sequence[DocumentRequest]) -> dict[str, tuple[int, int]]:
    """By request: how many items the actor may know of, and how many of them are awaited. One query."""
    rows = RequestedItem.objects.filter(wanted_items(actor), request__in=[r.id for r in page]).order_by()
    each = rows.values("request").annotate(total=Count("id"), left=Count("id", filter=Q(how="")))
    return {row["request"]: (row["total"], row["left"]) for row in each}


@dataclass(frozen=True, slots=True)
class Standing:
    """Of the cabinet's person: requests that wait for companies, and those of them that are late."""

    open: int
    late: int


def standing(actor: Person) -> Standing:
    """One query."""
    today = timezone.localdate()
    found = DocumentRequest.objects.filter(Exists(_mine(actor)[1]), closed_at=None, client__closed=False)
    row = found.aggregate(n=Count("id"), late=Count("id", filter=Q(due_on__lt=today)))
    return Standing(row["n"], row["late"])


def answers_of(items: Sequence[RequestedItem]) -> dict[str, list[ItemAnswer]]:
    """By item, in the order they came."""
    found: dict[str, list[ItemAnswer]] = {}
    rows = ItemAnswer.objects.filter(item__in=[i.id for i in items]).select_related("document__client")
    for answer in rows.order_by("at", "id"):
        found.setdefault(answer.item_id, []).append(answer)
    return found
