"""What an engine is told: who it talks to, what changed, complete listings, parity (RULES 7)."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max, Sum
from msgspec.structs import replace

from syncd.core import parity, paths
from syncd.core.entry import RemoteDoc, RemoteFolder, RemoteState
from syncd.core.errors import AlreadyRunning
from syncd.core.exchange import (
    Answer,
    Caller,
    Card,
    ChainHead,
    ClientState,
    ClientTree,
    Cursor,
    DocChange,
    FolderChange,
    Hello,
    Listing,
    Parity,
    Room,
    RunSummary,
)
from syncd.core.folder_rules import ClientRules
from syncd.core.recovery import MOST, MOST_RUNS
from syncd.core.verdicts import Verdict
from syncd.portal.models import Cabinet, Client, Document, FeedRow, Folder, OpenReport, RunLine, RunReport
from syncd.portal.rights import Engine, Place, Verb, may
from syncd.portal.services import agreements
from syncd.portal.services.documents import receive
from syncd.portal.services.feed import head
from syncd.portal.services.pasts import moment
from syncd.portal.services.rows import by_id
from syncd.portal.services.trees import rules_by_client, rules_of, trees_of
from syncd.portal.services.views import for_engine, remote_docs

LEASE = 300.0
MOST_CHANGES = 20_000


def hello(cabinet_id: str, caller: Caller, cursor: Cursor | None, brief: bool = False) -> Hello:
    """The first answer; `brief`: only whose documents changed. Raises AlreadyRunning naming who holds the lease."""
    with transaction.atomic():
        cabinet = Cabinet.objects.select_for_update().get(id=cabinet_id)
        lease = _take_lease(cabinet, caller) if caller.lease else 0
        if caller.lease and caller.anew:
            cabinet.generation = _bounded(caller.generation)
            cabinet.save(update_fields=["generation"])
        if not caller.lease and caller.instance and cabinet.lease_instance == caller.instance:  # a service that listens
            Cabinet.objects.filter(id=cabinet_id).update(lease_until=time.time() + LEASE)
        known = cursor is not None and all(_knows(cabinet, c) for c in (cursor, caller.seen or cursor))
        if cursor is None or not known:
            clients = [_state(c) for c in Client.objects.filter(cabinet=cabinet).select_related("responsible")]
            return Hello(
                cabinet.id, cabinet.name, time.time(), head(cabinet), lease, min(cabinet.generation, MOST),
                unknown_cursor=cursor is not None, clients=tuple(clients),
                holder=_holder(cabinet), last_run=_last_run(cabinet), rooms=_rooms(cabinet),
            )  # fmt: skip
        if brief:
            return _moved(cabinet, cursor, lease)
        return replace(_changes(cabinet, cursor, lease), rooms=_rooms(cabinet))


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


def _holder(cabinet: Cabinet) -> str:
    return cabinet.lease_machine if cabinet.lease_until > time.time() else ""


def _take_lease(cabinet: Cabinet, caller: Caller) -> int:
    """The same engine and machine take it over at once; others when it has expired."""
    now = time.time()
    same = (cabinet.lease_engine, cabinet.lease_machine) == (caller.engine, caller.machine)
    if cabinet.lease_engine and not same and cabinet.lease_until > now:
        raise AlreadyRunning(
            f"Another engine works for this cabinet, on '{cabinet.lease_machine}'.",
            mend="Stop it, or wait five minutes after it stopped.",
        )
    cabinet.lease_number += 1
    cabinet.lease_engine, cabinet.lease_machine, cabinet.lease_instance = (
        caller.engine,
        caller.machine,
        caller.instance,
    )
    cabinet.lease_until = now + LEASE
    cabinet.lease_request = 0
    cabinet.save()
    return cabinet.lease_number


def holds_lease(cabinet: Cabinet, number: int, request: int) -> bool:
    """An old number is refused, and so is a request that was overtaken by a later one; the right one is prolonged.

    `cabinet`: as it was read for this request. One of several large documents at once has nothing new to write down.
    """
    if (cabinet.lease_number, cabinet.lease_request) == (
        number,
        request,
    ) and cabinet.lease_until > time.time() + LEASE / 2:
        return True
    holding = Cabinet.objects.filter(id=cabinet.id, lease_number=number, lease_request__lte=request)
    return bool(holding.update(lease_until=time.time() + LEASE, lease_request=request))


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
    card = Card(who, client.site, client.group, client.sector, client.kind)
    return ClientState(client.id, client.code, client.name, client.tree, client.closed, card)


def _moved(cabinet: Cabinet, cursor: Cursor, lease: int) -> Hello:
    since = FeedRow.objects.filter(cabinet=cabinet, seq__gt=cursor.seq)
    changed = list(since.values_list("kind", "client").distinct())
    return Hello(
        cabinet.id, cabinet.name, time.time(), head(cabinet), lease, cabinet.generation, holder=_holder(cabinet),
        sync_asked=any(kind == "sync" for kind, _ in changed), moved=tuple(sorted({c for _, c in changed if c})),
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
                    RemoteFolder(f.id, f.path),
                    f.deleted_at is None and _sees(cabinet.id, rules[f.client_id], f.path),
                )
            )
    answers = tuple(Answer(client, obj[1:], obj[0] == "+") for client, obj in by_kind["answer"])
    states = tuple(_state(clients[c]) for c, _ in by_kind["client"] if c in clients)
    asked = bool(by_kind["sync"])
    return Hello(
        cabinet.id, cabinet.name, time.time(), head(cabinet), lease, min(cabinet.generation, MOST), clients=states, docs=tuple(docs),
        folders=tuple(folders), relist=tuple(sorted(relist & set(clients))), answers=answers, holder=_holder(cabinet),
        sync_asked=asked,
    )  # fmt: skip


def _sees(cabinet: str, rules: ClientRules, folder: str) -> bool:
    return may(Engine(cabinet), Verb.VIEW, Place(cabinet, rules, folder))


def trees(cabinet_id: str, ids: Sequence[str]) -> list[ClientTree]:
    return trees_of(Client.objects.filter(cabinet_id=cabinet_id, id__in=list(ids)))


def listing(cabinet_id: str, client_id: str) -> Listing | None:
    """One client in one read transaction; tombstones included, what the engine may not see left out."""
    with transaction.atomic():
        client = Client.objects.filter(cabinet_id=cabinet_id, id=client_id).first()
        if client is None:
            return None
        cabinet = Cabinet.objects.get(id=cabinet_id)
        rules = rules_of(client)
        found = remote_docs(Document.objects.filter(client=client))
        docs = tuple(d for d in found if _sees(cabinet_id, rules, paths.parent(d.path)))
        folders = tuple(
            RemoteFolder(f.id, f.path)
            for f in Folder.objects.filter(client=client, deleted_at__isnull=True)
            if _sees(cabinet_id, rules, f.path)
        )
        count, digest = parity.listing(docs, folders)
        return Listing(client.id, cabinet.seq, cabinet.epoch, count, digest, docs, folders)


def lookup(cabinet_id: str, client_id: str, ids: Sequence[str]) -> list[RemoteDoc | None]:
    client = Client.objects.filter(cabinet_id=cabinet_id, id=client_id).first()
    if client is None:
        return [None for _ in ids]
    rules = rules_of(client)
    found: dict[str, RemoteDoc] = {}
    for n in range(0, len(ids), 500):
        docs = Document.objects.filter(client=client, id__in=list(ids[n : n + 500]))
        found |= {d.id: for_engine(d, cabinet_id, rules) for d in remote_docs(docs)}
    return [found.get(i) for i in ids]


def parities(cabinet_id: str, ids: Sequence[str]) -> list[Parity]:
    """What the portal says both sides hold: live, seen by the engine, not left."""
    out = []
    for client in Client.objects.filter(cabinet_id=cabinet_id, id__in=list(ids)):
        rules = rules_of(client)
        docs = [
            d for d in remote_docs(Document.objects.filter(client=client, tombstone="", left_at__isnull=True))
            if _sees(cabinet_id, rules, paths.parent(d.path)) and d.state is RemoteState.LIVE
        ]  # fmt: skip
        count, digest = parity.documents((d.path, d.content) for d in docs)
        out.append(Parity(client.id, count, digest))
    return out


def _bounded(generation: int) -> int:
    if not 0 <= generation < MOST:
        raise ValueError(f"{generation} is no generation")
    return generation


def take_summary(cabinet_id: str, summary: RunSummary) -> None:
    """Receipts, what waits, and the chain's head, in one transaction. Raises ValueError for a verdict, a generation, or a
    number of a run, that is none."""
    _bounded(summary.generation)
    if summary.run >= MOST_RUNS:
        raise ValueError(f"{summary.run} is no number of a run")
    for verdict in (summary.verdict, *(c.verdict for c in summary.clients)):
        Verdict(verdict)
    with transaction.atomic():
        cabinet = Cabinet.objects.select_for_update().get(id=cabinet_id)
        receive(cabinet, summary.receipts, summary.left)
        if summary.generation > cabinet.generation or summary.chain_head != cabinet.chain_head:
            cabinet.generation = max(cabinet.generation, summary.generation)
            cabinet.chain_head = summary.chain_head
            cabinet.save(update_fields=["generation", "chain_head"])
        mine = set(Client.objects.filter(cabinet=cabinet).values_list("id", flat=True))
        agreements.show(cabinet, summary, mine)
        if summary.reports is not None:
            OpenReport.objects.filter(client__cabinet=cabinet).delete()
            OpenReport.objects.bulk_create(
                OpenReport(client_id=r.client, path=r.path[:4096], reason=r.reason, since=moment(r.since))
                for r in summary.reports if r.client in mine
            )  # fmt: skip
        if (summary.counts and any(summary.counts.values())) or summary.exit_code:
            run, new = RunReport.objects.get_or_create(  # a repeated summary is the same one
                cabinet=cabinet, run=summary.run, started_at=moment(summary.started),
                defaults={
                    "ended_at": moment(summary.ended), "verdict": summary.verdict,
                    "exit_code": summary.exit_code, "counts": summary.counts, "chain_head": summary.chain_head,
                },
            )  # fmt: skip
            if new:
                RunLine.objects.bulk_create(
                    RunLine(run=run, client_id=c.client, verdict=c.verdict[:20], counts=c.counts)
                    for c in {c.client: c for c in summary.clients if c.client in mine}.values()
                )


def heads(cabinet_id: str) -> list[ChainHead]:
    """In the order in which they came."""
    return [
        ChainHead(r.run, r.ended_at.timestamp(), r.chain_head)
        for r in RunReport.objects.filter(cabinet_id=cabinet_id).order_by("id")
    ]
