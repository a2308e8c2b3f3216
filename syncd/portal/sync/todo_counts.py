"""How much of each kind there is for somebody of the cabinet: the figures of the first page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, F, Q, QuerySet

from syncd.portal.clients.unfiled import INBOX, unfiled_documents
from syncd.portal.models import Client, Document, Version
from syncd.portal.people.visibility import in_seen_kinds, reached_clients
from syncd.portal.rights import Person
from syncd.portal.sync.dashboard import OLD


@dataclass(frozen=True, slots=True)
class Amount:
    """How many documents, in how many clients; of them `old` ones."""

    count: int
    clients: int = 0
    old: int = 0


def unfiled(actor: Person) -> Amount:
    """In « À classer »; `old`: for more than a week."""
    before = Q(created_at__lt=datetime.now(UTC) - OLD)
    said = unfiled_documents(actor).aggregate(
        n=Count("created_at"), clients=Count("client", distinct=True), old=Count("created_at", filter=before)
    )  # what an index holds: it answers alone
    return Amount(said["n"], said["clients"], said["old"])


def untreated(actor: Person) -> Amount:
    """What companies sent, is filed, and nobody has ticked as dealt with."""
    said = _untreated(actor).aggregate(n=Count("id"), clients=Count("document__client", distinct=True))
    return Amount(said["n"], said["clients"])


def untreated_by_client(actor: Person) -> Mapping[str, int]:
    """The same, by client's id."""
    return dict(_untreated(actor).order_by().values_list("document__client").annotate(n=Count("id")))


def _untreated(actor: Person) -> QuerySet[Version]:
    mine = Client.objects.filter(reached_clients(actor), closed=False)
    documents = Document.objects.filter(in_seen_kinds(actor), client__in=mine.values("id"), tombstone="").exclude(
        kind=INBOX
    )
    versions = Version.objects.filter(origin="company", treated_at=None, document__in=documents.values("id"))
    return versions.filter(document__version_id=F("id"))
