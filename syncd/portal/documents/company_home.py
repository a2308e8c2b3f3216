"""A company's first page: its last deposit and what became of it, where it puts most, what the cabinet did since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q

from syncd.core import paths
from syncd.portal.clients.unfiled import INBOX
from syncd.portal.documents.listing import Shelf
from syncd.portal.models import Client, Deposit, DepositLine, Document, Version
from syncd.portal.people.visibility import visible
from syncd.portal.rights import Person

LATELY = timedelta(days=90)
MOST = 2000  # documents of those days that are looked at
CARDS = 3
FIRST = ("purchases", "sales", "bank")  # where nothing says otherwise


@dataclass(frozen=True, slots=True)
class Last:
    """A deposit of which the actor may see `count` documents, `received` of them at the cabinet by now."""

    number: str
    at: datetime
    count: int
    received: int


def last_deposit(actor: Person, client: Client) -> Last | None:
    """The company's last, of which the actor may see anything. Two queries."""
    found = list(Deposit.objects.filter(client=client, origin="company").order_by("-number")[:20])
    lines = DepositLine.objects.filter(
        deposit__in=[d.id for d in found],
        outcome__in=DepositLine.STORED,
        document__in=Document.objects.filter(visible(actor)),
    )
    here = Count("id", filter=Q(document__received_at__isnull=False))
    counts = {d: (n, got) for d, n, got in lines.order_by().values_list("deposit").annotate(n=Count("id"), got=here)}
    return next((Last(d.number, d.last_at, *counts[d.id]) for d in found if d.id in counts), None)


def cards(actor: Person, client: Client, shelves: Sequence[Shelf]) -> set[str]:
    """Paths of the folders that stand first: the three that the company used most in the last 90 days, at first those of
    purchases, sales and the bank; and the one for whatever has no place. One query.
    """
    since = datetime.now(UTC) - LATELY
    used = Document.objects.filter(visible(actor), client=client, by_company=True, created_at__gte=since)
    tops = Counter(paths.top(key) for key in used.order_by("-created_at").values_list("key", flat=True)[:MOST])
    open_ = [s for s in shelves if s.rule.kind != INBOX and s.may_deposit] or [
        s for s in shelves if s.rule.kind != INBOX
    ]
    first = [s.rule.kind in FIRST for s in open_]
    order = sorted(range(len(open_)), key=lambda n: (-tops[paths.key(open_[n].path)], not first[n], n))
    return {open_[n].path for n in order[:CARDS]} | {s.path for s in shelves if s.rule.kind == INBOX}


def news(actor: Person, client: Client, since: datetime | None, most: int = 6) -> list[Document]:
    """What the cabinet published, or ticked as dealt with, since then, the latest first."""
    if since is None:
        return []
    current = Version.objects.filter(id=OuterRef("version_id"))
    published = Exists(current.filter(created_at__gt=since).exclude(origin="company"))
    treated = Exists(current.filter(treated_at__gt=since))
    found = Document.objects.filter(visible(actor), Q(published) | Q(treated), client=client, tombstone="")
    return list(found.order_by("-created_at")[:most])


def has_deposited(actor: Person) -> bool:
    """Whether the actor ever put anything here."""
    return Deposit.objects.filter(user=actor.id).exists()
