"""Storing documents: decided for a whole batch, written in one transaction, each refusal alone (RULES 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Sum

from syncd.core import naming, paths
from syncd.core.content import Content
from syncd.core.errors import BadPath, UsageError
from syncd.core.exchange import PutItem, Result, Written
from syncd.core.folder_rules import ClientRules, refuse
from syncd.core.ignored import BUILTIN
from syncd.portal.models import Cabinet, Client, Document, Folder, Version
from syncd.portal.models.ids import new_id
from syncd.portal.rights import Actor, Engine, Place, Verb, may
from syncd.portal.services.feed import Feed, publishing
from syncd.portal.services.trees import kind_of, make_folders, rules_of
from syncd.portal.services.views import remote_docs


@dataclass(slots=True)
class Body:
    """A received body: what it really holds, and the blob that is already durable under `version_id`."""

    item: PutItem
    content: Content
    version_id: str
    xxh3: str = ""


def new_version_id() -> str:
    return new_id()


def precheck(client: Client | None, rules: ClientRules | None, item: PutItem, actor: Actor) -> Result | None:
    """Why an item is refused whatever its bytes are; None when it may be sent."""
    if client is None or rules is None or client.closed:
        return Result("refused", "no_right")
    try:
        if paths.check(item.path) != item.path:
            return Result("refused", "bad_name")
    except BadPath:
        return Result("refused", "bad_name")
    if BUILTIN.anywhere(item.path):
        return Result("refused", "bad_name")
    folder = paths.parent(item.path)
    if not may(actor, Verb.DEPOSIT, Place(client.cabinet_id, rules, folder, client.id)):
        return Result("refused", "no_right")
    if isinstance(actor, Engine) and not rules.folder_direction(folder).sends:
        return Result("refused", "no_right")
    if any(naming.windows_fault(part) for part in item.path.split("/")):
        return Result("refused", "bad_name")
    refusal = refuse(_as_seen_by(actor, rules), item.path, item.content.size)
    return Result("refused", refusal.reason, refusal.detail) if refusal else None


def _as_seen_by(actor: Actor, rules: ClientRules) -> ClientRules:
    """What is withheld from the engine is not withheld from people."""
    if isinstance(actor, Engine) or not rules.withheld:
        return rules
    return ClientRules(rules.code, rules.folders, rules.direction, rules.scope, rules.exercises)


def store(cabinet: Cabinet, bodies: Sequence[Body], actor: Actor) -> Written:
    """Results in order. Repeating a batch gives the same documents, stores nothing twice."""
    with publishing(cabinet.id) as feed:
        batch = _Batch(cabinet, actor, feed)
        batch.load(bodies)
        results: list[Result | Document] = [batch.decide(body) for body in bodies]
        batch.write()
        docs = {d.id: d for d in remote_docs({d.id: d for d in results if isinstance(d, Document)}.values())}
    assert feed.before is not None and feed.after is not None
    return Written(
        tuple(Result("ok", doc=docs[r.id]) if isinstance(r, Document) else r for r in results),
        feed.before,
        feed.after,
    )


class _Batch:
    def __init__(self, cabinet: Cabinet, actor: Actor, feed: Feed) -> None:
        self.cabinet, self.actor, self.feed = cabinet, actor, feed
        self.now = datetime.now(UTC)
        self.clients: dict[str, Client] = {}
        self.rules: dict[str, ClientRules] = {}
        self.live: dict[tuple[str, str], Document] = {}
        self.by_id: dict[str, Document] = {}
        self.folders: dict[tuple[str, str], Folder] = {}
        self.used: dict[str, int] = {}
        self.new: list[Document] = []
        self.changed: list[Document] = []
        self.versions: list[Version] = []

    def load(self, bodies: Sequence[Body]) -> None:
        ids = {b.item.client for b in bodies}
        self.clients = {c.id: c for c in Client.objects.filter(cabinet=self.cabinet, id__in=ids)}
        keys: defaultdict[str, set[str]] = defaultdict(set)
        for body in bodies:
            if body.item.client in self.clients:
                keys[body.item.client].add(paths.key(body.item.path))
        for client_id, wanted in keys.items():
            self.rules[client_id] = rules_of(self.clients[client_id])
            ordered = sorted(wanted)
            above = sorted({f for k in wanted for f in paths.ancestors(k)} | wanted)
            for n in range(0, len(ordered), 500):
                found = Document.objects.filter(client_id=client_id, tombstone="", key__in=ordered[n : n + 500])
                self.live |= {(client_id, d.key): d for d in found}
            for n in range(0, len(above), 500):
                there = Folder.objects.filter(client_id=client_id, deleted_at__isnull=True, key__in=above[n : n + 500])
                self.folders |= {(client_id, f.key): f for f in there}
            if self.clients[client_id].quota:
                total = Document.objects.filter(client_id=client_id, tombstone="").aggregate(n=Sum("size"))["n"]
                self.used[client_id] = total or 0
        known = [b.item.doc for b in bodies if b.item.doc]
        for n in range(0, len(known), 500):
            self.by_id |= {
                d.id: d for d in Document.objects.filter(client__cabinet=self.cabinet, id__in=known[n : n + 500])
            }

    def decide(self, body: Body) -> Result | Document:
        item = body.item
        client, rules = self.clients.get(item.client), self.rules.get(item.client)
        if body.content != item.content:
            return Result("conflict", "damaged", "the bytes are not what their digest says")
        if item.doc:
            held = self.by_id.get(item.doc)
            if held is None or held.client_id != item.client or held.tombstone:
                return Result("conflict", "gone")
            item = PutItem(item.client, held.path, item.content, item.xxh3, item.doc, item.version)
        refused = precheck(client, rules, item, self.actor)
        if refused is not None:
            return refused
        assert client is not None
        at = (client.id, paths.key(item.path))
        held = self.by_id[item.doc] if item.doc else self.live.get(at)
        if held is not None and (held.size, bytes(held.sha256)) == (body.content.size, body.content.sha256):
            return held
        if held is not None and not item.doc:
            return Result("conflict", "taken")
        if held is not None and held.version != item.version:
            return Result("conflict", "changed")
        if held is None and at in self.folders:
            return Result("refused", "name_collision")
        grows = body.content.size - (held.size if held else 0)
        if client.quota and self.used[client.id] + grows > client.quota:
            return Result("refused", "quota")
        if client.id in self.used:
            self.used[client.id] += grows
        return self._next_version(held, body) if held is not None else self._new_document(client, item, body)

    def _new_document(self, client: Client, item: PutItem, body: Body) -> Document | Result:
        up = (client.id, paths.key(paths.parent(item.path)))
        if up not in self.folders:
            try:
                made = make_folders(client, [paths.parent(item.path)], self.feed)
            except UsageError:
                return Result("refused", "name_collision")
            self.folders |= {(client.id, k): f for k, f in made.items()}
        path = paths.join(self.folders[up].path, paths.name(item.path))
        document = Document(
            id=new_id(), client=client, path=path, key=paths.key(path),
            kind=kind_of(self.rules[client.id], paths.parent(path)), size=body.content.size, sha256=body.content.sha256,
            version=1, version_id=body.version_id, by_company=self.actor.origin == "company", created_at=self.now,
        )  # fmt: skip
        self.new.append(document)
        self.live[(client.id, document.key)] = document
        self._version(document, body)
        return document

    def _next_version(self, document: Document, body: Body) -> Document:
        document.version += 1
        document.size, document.sha256, document.version_id = (
            body.content.size,
            body.content.sha256,
            body.version_id,
        )
        document.left_at = document.received_at = None
        self.changed.append(document)
        self._version(document, body)
        return document

    def _version(self, document: Document, body: Body) -> None:
        self.versions.append(
            Version(
                id=body.version_id,
                document=document,
                number=document.version,
                size=body.content.size,
                sha256=body.content.sha256,
                xxh3=body.xxh3,
                by=self.actor.name,
                origin=self.actor.origin,
                created_at=self.now,
            )  # fmt: skip
        )
        self.feed.doc(document.client_id, document.id)

    def write(self) -> None:
        Document.objects.bulk_create(self.new, batch_size=500)
        fields = ["version", "size", "sha256", "version_id", "left_at", "received_at"]
        Document.objects.bulk_update([d for d in self.changed if d not in self.new], fields, batch_size=500)
        Version.objects.bulk_create(self.versions, batch_size=500)
        if self.versions and self.actor.origin != "company":  # the company is told of it (services.news)
            touched = {v.document.client_id for v in self.versions}
            Client.objects.filter(id__in=touched, news_since__isnull=True).update(news_since=self.now)
