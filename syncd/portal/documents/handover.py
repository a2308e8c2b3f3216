"""A client's documents handed over, as a bag that is read without the portal: the cabinet's people give those they see of the
clients they manage, a company takes its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _

from syncd.core import paths
from syncd.core.bag.layout import Entry, layout
from syncd.portal.clients.tree import place_in, rules_of
from syncd.portal.documents.inventory import described
from syncd.portal.documents.receipts import opened
from syncd.portal.models import Client, Document, Version
from syncd.portal.people.visibility import again, reached_clients, visible
from syncd.portal.records import audit
from syncd.portal.records.feed import writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Person, Verb, may, may_manage_client
from syncd.portal.storage import blob_store

AT_ONCE = 500  # documents of one question


@dataclass(frozen=True, slots=True)
class Offered:
    """What of a client would be handed over: documents, and their bytes."""

    client: Client
    documents: int
    size: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """`missing`: why some of the documents cannot be given, by version. `left_out`: folders of which none is given."""

    client: Client
    at: datetime
    entries: Sequence[Entry]
    missing: dict[str, str]
    left_out: Sequence[str]


def clients_of(actor: Person, codes: Sequence[str]) -> list[Client]:
    """Those of them that the actor may take away, by their codes; without any, a company's all."""
    found = Client.objects.filter(reached_clients(actor)).order_by("code")
    if codes or actor.role.of_cabinet:
        found = found.filter(code__in=codes)
    return [c for c in found if may_take(actor, c)]


def may_take(actor: Person, client: Client) -> bool:
    """Of the cabinet: whoever manages the client. Of its company: everybody, what they may have."""
    return may_manage_client(actor, client.id) if actor.role.of_cabinet else actor.reaches(client.id)


def offered(actor: Person, clients: Sequence[Client]) -> list[Offered]:
    """Of each of these clients. One query."""
    rows = (
        Document.objects.filter(visible(actor, Verb.DOWNLOAD), client__in=[c.id for c in clients], tombstone="")
        .order_by()
        .values_list("client")
        .annotate(n=Count("id"), size=Sum("size"))
    )
    counts = {client: (n, size or 0) for client, n, size in rows}
    return [Offered(c, *counts.get(c.id, (0, 0))) for c in clients]


def hand_over(actor: Person, client: Client, at: datetime) -> HandedOver:
    """The documents of this moment; that they were given is written down, for each of them too. Raises Refusal."""
    with writing(actor.cabinet):
        now = again(actor)
        assert isinstance(now, Person)
        if not may_take(now, client):
            raise Refusal(Code.NOT_ALLOWED_HERE)
        documents = _given(now, client)
        audit.record(now, "handed_over", f"{client.code} ({len(documents)})")
    entries = layout(described(documents, versions=False), portable=True)
    versions = _versions(documents)
    missing = {d.version_id: "not_given" for d in documents if not _is_there(versions.get(d.version_id))}
    looked = [(d, versions[d.version_id]) for d in documents if d.version_id not in missing]
    for n in range(0, len(looked), AT_ONCE):
        opened(actor, looked[n : n + AT_ONCE], "download", again=False)
    return HandedOver(client, at, entries, missing, _left_out(now, client))


def _given(actor: Person, client: Client) -> list[Document]:
    rules, allowed, found = rules_of(client), dict[str, bool](), list[Document]()
    live: QuerySet[Document] = Document.objects.filter(visible(actor, Verb.DOWNLOAD), client=client, tombstone="")
    for document in live.order_by("key"):
        folder = paths.parent(document.path)
        if folder not in allowed:
            allowed[folder] = may(actor, Verb.DOWNLOAD, place_in(client, folder, rules))
        if allowed[folder]:
            found.append(document)
    return found


def _left_out(actor: Person, client: Client) -> list[str]:
    """Folders at the top of its tree of which the actor of the cabinet may have nothing; a company is told of none."""
    if not actor.role.of_cabinet:
        return []
    rules = rules_of(client)
    tops = dict.fromkeys(paths.top(r.path) for r in rules.folders)
    return [top for top in tops if not may(actor, Verb.DOWNLOAD, place_in(client, top, rules))]


def _versions(documents: Sequence[Document]) -> dict[str, Version]:
    ids = [d.version_id for d in documents]
    parts = (Version.objects.filter(id__in=ids[n : n + AT_ONCE]) for n in range(0, len(ids), AT_ONCE))
    return {v.id: v for part in parts for v in part}


def _is_there(version: Version | None) -> bool:
    return version is not None and blob_store().is_there(version.id, version.size)


def called(clients: Sequence[Client]) -> str:
    """What the archive of them is called, without its ending."""
    if len(clients) == 1:
        return f"{clients[0].code} - {clients[0].name}"
    return _("dossiers")
