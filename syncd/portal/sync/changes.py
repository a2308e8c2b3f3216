"""What an engine is told first: who it talks to, and what changed since its cursor (RULES 7)."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Max, Sum
from msgspec.structs import replace

from syncd.core.client_classification import Card
from syncd.core.entry import RemoteFolder
from syncd.core.paths import ClientPath
from syncd.core.protocol import Answer, Caller, ClientState, Cursor, DocChange, FolderChange, Hello, Room
from syncd.core.restored_backups import MOST, MOST_RUNS
from syncd.portal.clients.tree import rules_by_client
from syncd.portal.documents.as_remote import for_engine, remote_docs
from syncd.portal.models import Cabinet, Client, Document, FeedRow, Folder, RunReport
from syncd.portal.records.bulk import by_id
from syncd.portal.records.feed import head, writing
from syncd.portal.rights import Engine
from syncd.portal.server_database import now
from syncd.portal.sync.lease import holder, keep_lease, take_lease
from syncd.portal.sync.listings import sees
from syncd.portal.sync.run_summaries import bounded

MOST_CHANGES = 20_000


def hello(actor: Engine, caller: Caller, cursor: Cursor | None, brief: bool = False) -> Hello:
    """The first answer; `brief`: only whose documents changed. Raises AlreadyRunning naming who holds the lease."""
    with writing(actor.cabinet):
        cabinet = Cabinet.objects.get(id=actor.cabinet)
        lease = take_lease(cabinet, caller) if caller.lease else 0
        if caller.lease and caller.anew:
            cabinet.generation = bounded(caller.generation)
            cabinet.save(update_fields=["generation"])
        if not caller.lease:
            keep_lease(actor.cabinet, caller.instance)
        return replace(_told(cabinet, cursor, caller, lease, brief), colour=cabinet.colour, logo=cabinet.logo_in_mails)


def _told(cabinet: Cabinet, cursor: Cursor | None, caller: Caller, lease: int, brief: bool) -> Hello:
    known = cursor is not None and all(_knows(cabinet, c) for c in (cursor, caller.seen or cursor))
    if cursor is None or not known:
        clients = [_state(c) for c in Client.objects.filter(cabinet=cabinet).select_related("responsible")]
        return Hello(
            cabinet.id, cabinet.name, now(), head(cabinet), lease, min(cabinet.generation, MOST),
            unknown_cursor=cursor is not None, clients=tuple(clients),
            holder=holder(cabinet), last_run=_last_run(cabinet), rooms=_rooms(cabinet), tasks=cabinet.tasks, packages=cabinet.packages,
        )  # fmt: skip
    if brief:
        return _moved(cabinet, cursor, lease)
    return replace(_changes(cabinet, cursor, lease), rooms=_rooms(cabinet))


def listening(actor: Engine, instance: str) -> Cursor:
    """Where the feed is; an engine that listens keeps its lease."""
    keep_lease(actor.cabinet, instance)
    return head(Cabinet.objects.get(id=actor.cabinet))


def _rooms(cabinet: Cabinet) -> tuple[Room, ...]:
    """Of the clients that have a limit; nothing is counted where none has."""
    quotas = dict(Client.objects.filter(cabinet=cabinet, quota__gt=0, closed=False).values_list("id", "quota"))
    if not quotas:
        return ()
    live = Document.objects.filter(client__cabinet=cabinet, client__quota__gt=0, client__closed=False, tombstone="")
    held = dict(live.values_list("client").annotate(n=Sum("size")))
    return tuple(Room(client, max(0, quota - held.get(client, 0))) for client, quota in quotas.items())


def _last_run(cabinet: Cabinet) -> int:
    return RunReport.objects.filter(cabinet=cabinet, run__lt=MOST_RUNS).aggregate(last=Max("run"))["last"] or 0


def _knows(cabinet: Cabinet, cursor: Cursor) -> bool:
    if cursor.epoch != cabinet.epoch or cursor.seq > cabinet.seq:
        return False
    if cursor.seq == cabinet.seq:
        return cursor.tag == cabinet.tag
    if cursor.seq == 0:
        return True
    return FeedRow.objects.filter(cabinet=cabinet, seq=cursor.seq, tag=cursor.tag).exists()


def _state(client: Client) -> ClientState:
    who = str(client.responsible) if client.responsible else ""
    card = Card(who, client.site, client.group, client.sector, client.kind, client.kind_of_file, client.kind_of_work)
    return ClientState(client.id, client.code, client.name, client.tree, client.closed, card)


def _moved(cabinet: Cabinet, cursor: Cursor, lease: int) -> Hello:
    since = FeedRow.objects.filter(cabinet=cabinet, seq__gt=cursor.seq)
    changed = list(since.values_list("kind", "client").distinct())
    return Hello(
        cabinet.id, cabinet.name, now(), head(cabinet), lease, cabinet.generation, holder=holder(cabinet),
        sync_asked=any(kind == "sync" for kind, _ in changed), moved=tuple(sorted({c for _, c in changed if c})),
        tasks=cabinet.tasks, packages=cabinet.packages,
    )  # fmt: skip


def _changes(cabinet: Cabinet, cursor: Cursor, lease: int) -> Hello:
    rows = list(
        FeedRow.objects.filter(cabinet=cabinet, seq__gt=cursor.seq)
        .order_by("seq")
        .values_list("kind", "client", "object")
    )
    by_kind: defaultdict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    for kind, client, obj in rows:
        by_kind[kind][(client, obj)] = None
    relist = {client for client, _ in by_kind["relist"]}
    if len(by_kind["doc"]) > MOST_CHANGES:
        relist |= {client for client, _ in by_kind["doc"]}
    touched = {client for kind in by_kind.values() for client, _ in kind}
    clients = {c.id: c for c in Client.objects.filter(cabinet=cabinet, id__in=touched).select_related("responsible")}
    rules = rules_by_client(c for i, c in clients.items() if i not in relist)
    doc_ids = [obj for client, obj in by_kind["doc"] if client in rules]
    docs = []
    found = by_id(cabinet.id, doc_ids)
    for row, doc in zip(found, remote_docs(found), strict=True):
        docs.append(DocChange(row.client_id, for_engine(doc, cabinet.id, rules[row.client_id])))
    folder_ids = [obj for client, obj in by_kind["folder"] if client in rules]
    folders = []
    for n in range(0, len(folder_ids), 500):
        for f in Folder.objects.filter(id__in=folder_ids[n : n + 500]):
            folders.append(
                FolderChange(
                    f.client_id,
                    RemoteFolder(f.id, ClientPath(f.path)),
                    f.deleted_at is None and sees(Engine(cabinet.id), rules[f.client_id], f.path),
                )
            )
    answers = tuple(Answer(client, obj[1:], obj[0] == "+") for client, obj in by_kind["answer"])
    states = tuple(_state(clients[c]) for c, _ in by_kind["client"] if c in clients)
    asked = bool(by_kind["sync"])
    return Hello(
        cabinet.id, cabinet.name, now(), head(cabinet), lease, min(cabinet.generation, MOST), clients=states, docs=tuple(docs),
        folders=tuple(folders), relist=tuple(sorted(relist & set(clients))), answers=answers, holder=holder(cabinet),
        sync_asked=asked, tasks=cabinet.tasks, packages=cabinet.packages,
    )  # fmt: skip
