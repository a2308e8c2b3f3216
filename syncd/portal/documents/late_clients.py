"""Clients of whom something is awaited that has not come (core.expected_documents), and when each last put anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import msgspec
from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from syncd.core import paths
from syncd.core.expected_documents import Due, due, expected_folders
from syncd.core.folder_rules import ClientRules, Direction, FolderRule
from syncd.portal.clients.unfiled import INBOX
from syncd.portal.models import Client, Document
from syncd.portal.people.visibility import in_seen_kinds, reached_clients
from syncd.portal.rights import Kinds, Person, Verb, allows

MOST = 40  # folders that are asked for, over all trees: what a cabinet names otherwise counts no further


@dataclass(frozen=True, slots=True)
class Awaited:
    """A folder into which nothing of the period came. `long`: nothing came at all since the period before."""

    folder: str
    due: Due
    long: bool


def last_deposit(actor: Person) -> Subquery:
    """Of clients: when the company last put a document there that is still there; seen by the cabinet's person."""
    found = Document.objects.filter(in_seen_kinds(actor), client=OuterRef("pk"), tombstone="", by_company=True)
    return Subquery(found.order_by("-created_at").values("created_at")[:1], output_field=DateTimeField())


def awaited(actor: Person, today: date | None = None) -> dict[str, list[Awaited]]:
    """By id of the clients the actor reaches, in the order of their trees. Two queries, however many clients.

    What waits in « À classer » may be what is awaited: nobody is late before it is filed.
    """
    today = today or timezone.localdate()
    mine = Client.objects.filter(reached_clients(actor), closed=False)
    return _missing(actor, mine, today)


def awaited_of(actor: Person, client: Client) -> list[Awaited]:
    """The same of one client, also for its own people."""
    return _missing(actor, Client.objects.filter(id=client.id), timezone.localdate()).get(client.id, [])


@dataclass(frozen=True, slots=True)
class _Wait:
    """`since`, `before`, `until`: the moments; a client made after `until` owes nothing of that period yet."""

    folder: str
    due: Due
    since: datetime
    before: datetime
    until: datetime


def _missing(actor: Person, clients: QuerySet[Client], today: date) -> dict[str, list[Awaited]]:
    waits: dict[str, list[_Wait]] = {}
    made: dict[tuple[str, str, frozenset[tuple[str, frozenset[Verb]]]], list[_Wait]] = {}
    since: dict[str, datetime] = {}
    rows = clients.annotate(text=Cast("rules", TextField()))
    for client, text, direction, created in rows.values_list("id", "text", "direction", "created_at"):
        kinds = actor.kinds(client)
        same = (text, direction, frozenset(kinds.items()))  # clients of one template share its tree
        if same not in made:
            made[same] = _waits(text, direction, kinds, today)
        if made[same]:
            waits[client] = made[same]
            since[client] = created
    asked = sorted({(paths.key(w.folder), w.since) for found in made.values() for w in found})[:MOST]
    came = _came(actor, clients, asked)
    found: dict[str, list[Awaited]] = {}
    for client, ones in waits.items():
        there, last = came.get(client, (frozenset(), None))
        missing = [
            Awaited(w.folder, w.due, last is None or last < w.before)
            for w in ones
            if since[client] < w.until and (paths.key(w.folder), w.since) in asked
            if (paths.key(w.folder), w.since) not in there
        ]
        if missing:
            found[client] = missing
    return found


def _waits(text: str, direction: str, kinds: Kinds, today: date) -> list[_Wait]:
    rules = ClientRules("", msgspec.json.decode(text, type=list[FolderRule]), Direction(direction))
    found = []
    for path, expected in expected_folders(rules).items():
        rule, at = rules.rule(path), due(expected, today)
        if rule is not None and at is not None and allows(kinds, Verb.VIEW, rule.kind):
            found.append(
                _Wait(path, at, _midnight(at.since), _midnight(at.before), _midnight(at.end + timedelta(days=1)))
            )
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min)).astimezone(UTC)


def _came(
    actor: Person, clients: QuerySet[Client], asked: Sequence[tuple[str, datetime]]
) -> dict[str, tuple[frozenset[tuple[str, datetime]], datetime | None]]:
    """By client: which of these something came into since, and when the company last put anything anywhere."""
    names = {f"came{n}": one for n, one in enumerate(asked)}
    here = Document.objects.filter(client=OuterRef("pk"), tombstone="")
    flags = {
        name: Exists(here.filter(Q(key__startswith=folder + "/") | Q(kind=INBOX), created_at__gte=since))
        for name, (folder, since) in names.items()
    }
    rows = clients.annotate(last=last_deposit(actor), **flags).values_list("id", "last", *names)
    return {client: (_true(names.values(), flags), last) for client, last, *flags in rows}


def _true(ones: Iterable[tuple[str, datetime]], flags: Sequence[bool]) -> frozenset[tuple[str, datetime]]:
    return frozenset(one for one, there in zip(ones, flags, strict=True) if there)
