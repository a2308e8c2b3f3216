"""What companies sent: deposits as they came, and how many documents in each of the last months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db.models import Count, QuerySet
from django.utils import timezone

from syncd.core.months import months_later
from syncd.portal.clients.search import called
from syncd.portal.models import Client, Deposit, DepositLine, Document
from syncd.portal.people.visibility import reached_clients, visible
from syncd.portal.rights import Person

MONTHS = 6


@dataclass(frozen=True, slots=True)
class Month:
    """`start`: its first day."""

    start: date
    count: int


def by_month(actor: Person, today: date | None = None) -> list[Month]:
    """Documents of the last six months, this one included, that companies put there and the actor may see. A query a month: each
    reads its own part of an index, where one for all would compare every document with every month."""
    today = today or timezone.localdate()
    starts = [months_later(today.replace(day=1), -n) for n in range(MONTHS - 1, -2, -1)]
    at = [timezone.make_aware(datetime.combine(s, time.min)).astimezone(UTC) for s in starts]
    found = Document.objects.filter(visible(actor), by_company=True)
    spans = ((starts[n], found.filter(created_at__gte=at[n], created_at__lt=at[n + 1])) for n in range(MONTHS))
    return [Month(start, within.count()) for start, within in spans]


def deposits(actor: Person, words: str = "") -> QuerySet[Deposit]:
    """Newest first, of the clients the actor reaches; `words`: in their code or name."""
    clients = Client.objects.filter(reached_clients(actor), called(words))
    found = Deposit.objects.filter(cabinet_id=actor.cabinet, client__in=clients.values("id"), origin="company")
    return found.select_related("client").defer("client__rules").order_by("-number")


def counted(actor: Person, found: Sequence[Deposit]) -> dict[str, int]:
    """By id of those deposits: how many of its documents the actor may see; without those that hold none. One query."""
    mine = Document.objects.filter(visible(actor))
    lines = DepositLine.objects.filter(
        deposit__in=[d.id for d in found], outcome__in=DepositLine.STORED, document__in=mine
    )
    return dict(lines.order_by().values_list("deposit").annotate(n=Count("id")))
