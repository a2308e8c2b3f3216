"""What becomes of documents that came (`deposit`): decided for a whole batch, written in one transaction, each refusal alone
(RULES 8)."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from django.db.models import Sum
from msgspec.structs import replace

from syncd.core import modified_dates, naming, origins, paths
from syncd.core.content import Content
from syncd.core.errors import BadPath
from syncd.core.folder_rules import ClientRules, refuse
from syncd.core.ignore_patterns import BUILTIN
from syncd.core.protocol import FolderItem, PutItem, Result, Written
from syncd.portal.clients.tree import kind_of, make_folders, place_in, rules_by_client
from syncd.portal.documents.as_remote import remote_docs
from syncd.portal.documents.folders import made
from syncd.portal.models import Client, Document, Folder, Version
from syncd.portal.models.ids import new_id
from syncd.portal.people.visibility import again
from syncd.portal.records import bulk
from syncd.portal.records.bulk import Row
from syncd.portal.records.feed import Feed, publishing
from syncd.portal.refusals import Refusal
from syncd.portal.rights import Actor, Engine, Person, Program, Verb, may


class Body(msgspec.Struct, gc=False):
    """A received body: what it really holds, and the blob that is already durable under `version_id`."""

    item: PutItem
    content: Content
    version_id: str


def new_version_id() -> str:
    return new_id()


def precheck(actor: Actor, client: Client | None, rules: ClientRules | None, item: PutItem) -> Result | None:
    """Why an item is refused whatever its bytes are; None when it may be sent."""
    refused = _check_folder(actor, client, rules, paths.parent(item.path))
    if refused is not None or rules is None:
        return refused
    return _check_name(actor, rules, item)


def _check_folder(actor: Actor, client: Client | None, rules: ClientRules | None, folder: str) -> Result | None:
    """Why nothing may be put into a folder, whatever it is called."""
    if client is None or rules is None or client.closed:
        return Result("refused", "no_right")
    if folder and (fault := _fault(folder) or (BUILTIN.anywhere(folder) and "bad_name")):
        return Result("refused", fault)
    if not may(actor, Verb.DEPOSIT, place_in(client, folder, rules)):
        return Result("refused", "no_right")
    if isinstance(actor, Engine) and not rules.folder_direction(folder).sends:
        return Result("refused", "no_right")
    if any(naming.windows_fault(part) for part in folder.split("/")):
        return Result("refused", "bad_name")
    return None


def _check_name(actor: Actor, rules: ClientRules, item: PutItem) -> Result | None:
    """Why a document may not be put into a folder that takes some."""
    if fault := _fault(item.path) or (BUILTIN.path(item.path) and "bad_name"):
        return Result("refused", fault)
    refusal = refuse(_as_seen_by(actor, rules), item.path, item.content.size)
    return Result("refused", refusal.reason, refusal.detail) if refusal else None


@functools.lru_cache(maxsize=8192)  # of a batch each path is asked for twice
def _fault(path: str) -> str:
    """The reason why a path is none that is kept, spelled as it is kept; '' when it is."""
    try:
        sound = paths.check(path) == path
    except BadPath as e:
        return e.reason
    return "" if sound else "bad_name"


def _as_seen_by(actor: Actor, rules: ClientRules) -> ClientRules:
    """What is withheld from the engine is not withheld from people."""
    if isinstance(actor, Engine) or not rules.withheld:
        return rules
    return ClientRules(rules.code, rules.folders, rules.direction, rules.scope, rules.exercises)


def is_taken(client: Client, path: str) -> bool:
    """Whether a live document or folder of the client has that place."""
    at = paths.key(path)
    return (
        Document.objects.filter(client=client, key=at, tombstone="").exists()
        or Folder.objects.filter(client=client, key=at, deleted_at__isnull=True).exists()
    )


def may_replace(actor: Actor, client: Client, rules: ClientRules, path: str, version_id: str) -> bool:
    """Whether a new version may take the place of that one, of the document at `path`: a person replaces what their own side
    put there, or whatever they may delete."""
    if isinstance(actor, Program):
        return False
    if not isinstance(actor, Person) or Version.objects.filter(id=version_id, origin=actor.origin).exists():
        return True
    return may(actor, Verb.DELETE, place_in(client, paths.parent(path), rules))


def no_room(client: Client, item: PutItem) -> Result | None:
    """The refusal of a document that its client's quota does not hold, as far as can be seen before it is sent."""
    if not client.quota:
        return None
    live = Document.objects.filter(client=client, tombstone="")
    held = (live.filter(id=item.doc) if item.doc else live.filter(key=paths.key(item.path))).first()
    grows = item.content.size - (held.size if held else 0)
    return Result("refused", "quota") if grows > 0 and used(client) + grows > client.quota else None


def used(client: Client) -> int:
    """Bytes of its live documents."""
    total: int | None = Document.objects.filter(client=client, tombstone="").aggregate(n=Sum("size"))["n"]
    return total or 0


def store(actor: Actor, items: Sequence[Body | FolderItem]) -> Written:
    """Folders, then documents; results in order. Repeating a batch gives the same, stores nothing twice."""
    with publishing(actor.cabinet) as feed:
        actor = again(actor)
        folders = iter(made(actor, [item for item in items if isinstance(item, FolderItem)], feed))
        batch = _Batch(actor, feed)
        batch.load([item for item in items if isinstance(item, Body)])
        results = [batch.decide(item) if isinstance(item, Body) else next(folders) for item in items]
        batch.write()
        docs = {d.id: d for d in remote_docs({d.id: d for d in results if isinstance(d, Row)}.values())}
    assert feed.before is not None and feed.after is not None
    return Written(
        tuple(Result("ok", doc=docs[r.id]) if isinstance(r, Row) else r for r in results),
        feed.before,
        feed.after,
    )


class _Batch:
    def __init__(self, actor: Actor, feed: Feed) -> None:
        self.actor, self.feed = actor, feed
        self.now = datetime.now(UTC)
        self.clients: dict[str, Client] = {}
        self.rules: dict[str, ClientRules] = {}
        self.verdicts: dict[tuple[str, str], Result | None] = {}
        self.kinds: dict[tuple[str, str], str] = {}
        self.live: dict[tuple[str, str], Row] = {}
        self.by_id: dict[str, Row] = {}
        self.folders: dict[tuple[str, str], str] = {}
        self.used: dict[str, int] = {}
        self.new: dict[str, tuple[Row, str]] = {}
        self.changed: dict[str, Row] = {}
        self.versions: list[bulk.NewVersion] = []
        self.returned: set[str] = set()  # documents that were the company's before this portal lost them

    def load(self, bodies: Sequence[Body]) -> None:
        ids = {b.item.client for b in bodies}
        self.clients = {c.id: c for c in Client.objects.filter(cabinet=self.actor.cabinet, id__in=ids)}
        self.rules = rules_by_client(self.clients.values())
        sound = [b for b in bodies if b.item.client in self.clients and not _fault(b.item.path)]
        wanted = {(b.item.client, paths.key(b.item.path)) for b in sound}
        self.live = bulk.live(wanted)
        self.folders = bulk.folders(wanted | {(c, above) for c, key in wanted for above in paths.ancestors(key)})
        for client in self.clients.values():
            if client.quota:
                self.used[client.id] = used(client)
        self.by_id = {d.id: d for d in bulk.by_id(self.actor.cabinet, [b.item.doc for b in bodies if b.item.doc])}

    def decide(self, body: Body) -> Result | Row:
        item = body.item
        client, rules = self.clients.get(item.client), self.rules.get(item.client)
        if body.content != item.content:
            return Result("conflict", "damaged", "the bytes are not what their digest says")
        if item.doc:
            held = self.by_id.get(item.doc)
            if held is None or held.client_id != item.client or held.tombstone:
                return Result("conflict", "gone")
            item = replace(item, path=held.path, by_company=False)
        refused = self._refused(client, rules, item)
        if refused is not None:
            return refused
        assert client is not None and rules is not None
        if item.doc and not may_replace(self.actor, client, rules, item.path, self.by_id[item.doc].version_id):
            return Result("refused", "no_right")
        at = (client.id, paths.key(item.path))
        held = self.by_id[item.doc] if item.doc else self.live.get(at)
        if held is not None and held.holds(body.content):
            return held
        if held is not None and not item.doc:
            return Result("conflict", "taken")
        if held is not None and held.version != item.version:
            return Result("conflict", "changed")
        if held is None and at in self.folders:
            return Result("refused", "name_collision")
        grows = body.content.size - (held.size if held else 0)
        if client.quota and grows > 0 and self.used[client.id] + grows > client.quota:
            return Result("refused", "quota")
        if client.id in self.used:
            self.used[client.id] += grows
        return self._next_version(held, body) if held is not None else self._new_document(client, item, body)

    def _refused(self, client: Client | None, rules: ClientRules | None, item: PutItem) -> Result | None:
        """As `precheck`; what it says of a folder is asked once for all of the batch."""
        folder = (item.client, paths.parent(item.path))
        if folder not in self.verdicts:
            self.verdicts[folder] = _check_folder(self.actor, client, rules, folder[1])
        refused = self.verdicts[folder]
        if refused is not None or rules is None:
            return refused
        return _check_name(self.actor, rules, item)

    def _new_document(self, client: Client, item: PutItem, body: Body) -> Row | Result:
        up = (client.id, paths.key(paths.parent(item.path)))
        if up not in self.folders:
            try:
                made = make_folders(client, [paths.parent(item.path)], self.feed)
            except Refusal:
                return Result("refused", "name_collision")
            self.folders |= {(client.id, k): f.path for k, f in made.items()}
        path = paths.join(self.folders[up], paths.name(item.path))
        row = Row(
            new_id(), client.id, path, paths.key(path), body.content.size, body.content.sha256, 1, body.version_id,
            self.actor.origin == "company" or self._returned(item),
        )  # fmt: skip
        if up not in self.kinds:
            self.kinds[up] = kind_of(self.rules[client.id], paths.parent(path))
        self.new[row.id] = (row, self.kinds[up])
        self.live[(client.id, row.key)] = row
        self._version(row, body)
        if self._returned(item):
            self.returned.add(row.id)
        return row

    def _returned(self, item: PutItem) -> bool:
        """The company's own, which the cabinet has and this portal had lost: only the cabinet's engine can say so."""
        return item.by_company and isinstance(self.actor, Engine)

    def _next_version(self, row: Row, body: Body) -> Row:
        row.version += 1
        row.size, row.sha256, row.version_id, row.left_at = (
            body.content.size,
            body.content.sha256,
            body.version_id,
            None,
        )
        self.changed[row.id] = row
        self._version(row, body)
        return row

    def _version(self, row: Row, body: Body) -> None:
        dated, way = self._dated(body.item), self._way(body.item)
        self.versions.append((row.version_id, row.id, row.version, row.size, row.sha256, dated, way))
        self.feed.doc(row.client_id, row.id)

    def _dated(self, item: PutItem) -> datetime | None:
        """The file's own date, as far as anybody may be believed about it."""
        modified = modified_dates.kept(item.modified, self.now.timestamp())
        return datetime.fromtimestamp(modified, UTC) if modified is not None else None

    def _way(self, item: PutItem) -> str:
        """Only the cabinet's engine can say it; what this version does not know is not repeated."""
        return (origins.known(item.origin) or "") if isinstance(self.actor, Engine) else ""

    def write(self) -> None:
        bulk.add_documents(self.new.values(), self.now, self.returned)
        bulk.new_versions(r for i, r in self.changed.items() if i not in self.new)
        new = [v for v in self.versions if v[1] not in self.returned]
        bulk.add_versions(new, self.actor.name, self.actor.origin, self.now)
        if self.returned:  # nobody published them: they are the company's, and received
            returned = [v for v in self.versions if v[1] in self.returned]
            bulk.add_versions(returned, "", "company", self.now, received=True)
        if new and self.actor.origin != "company":  # the company is told of it (notifications.notices)
            touched = {row.client_id for row, _ in self.new.values() if row.id not in self.returned}
            touched |= {row.client_id for row in self.changed.values()}
            Client.objects.filter(id__in=touched, news_since__isnull=True).update(news_since=self.now)
