"""What an engine reads of clients: their trees, complete listings, single documents, parity (RULES 7)."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core import paths, tree_digests
from syncd.core.entry import RemoteDoc, RemoteFolder, RemoteState
from syncd.core.folder_rules import ClientRules
from syncd.core.paths import ClientPath
from syncd.core.protocol import ClientTree, Listing, Parity
from syncd.portal.clients.tree import rules_of, trees_of
from syncd.portal.documents.as_remote import for_engine, remote_docs
from syncd.portal.models import Cabinet, Client, Document, Folder
from syncd.portal.rights import Engine, Place, Verb, may
from syncd.portal.server_database import snapshot


def trees(actor: Engine, ids: Sequence[str]) -> list[ClientTree]:
    return trees_of(Client.objects.filter(cabinet_id=actor.cabinet, id__in=list(ids)))


def listing(actor: Engine, client_id: str) -> Listing | None:
    """One client in one read transaction; tombstones included, what the engine may not see left out."""
    with snapshot():
        client = Client.objects.filter(cabinet_id=actor.cabinet, id=client_id).first()
        if client is None:
            return None
        cabinet = Cabinet.objects.get(id=actor.cabinet)
        rules = rules_of(client)
        found = remote_docs(Document.objects.filter(client=client))
        docs = tuple(d for d in found if sees(actor, rules, paths.parent(d.path)))
        folders = tuple(
            RemoteFolder(f.id, ClientPath(f.path))
            for f in Folder.objects.filter(client=client, deleted_at__isnull=True)
            if sees(actor, rules, f.path)
        )
        count, digest = tree_digests.listing(docs, folders)
        return Listing(client.id, cabinet.seq, cabinet.epoch, count, digest, docs, folders)


def lookup(actor: Engine, client_id: str, ids: Sequence[str]) -> list[RemoteDoc | None]:
    client = Client.objects.filter(cabinet_id=actor.cabinet, id=client_id).first()
    if client is None:
        return [None for _ in ids]
    rules = rules_of(client)
    found: dict[str, RemoteDoc] = {}
    for n in range(0, len(ids), 500):
        docs = Document.objects.filter(client=client, id__in=list(ids[n : n + 500]))
        found |= {d.id: for_engine(d, actor.cabinet, rules) for d in remote_docs(docs)}
    return [found.get(i) for i in ids]


def parities(actor: Engine, ids: Sequence[str]) -> list[Parity]:
    """What the portal says both sides hold: live, seen by the engine, not left."""
    out = []
    for client in Client.objects.filter(cabinet_id=actor.cabinet, id__in=list(ids)):
        rules = rules_of(client)
        docs = [
            d for d in remote_docs(Document.objects.filter(client=client, tombstone="", left_at__isnull=True))
            if sees(actor, rules, paths.parent(d.path)) and d.state is RemoteState.LIVE
        ]  # fmt: skip
        count, digest = tree_digests.documents((d.path, d.content) for d in docs)
        out.append(Parity(client.id, count, digest))
    return out


def sees(actor: Engine, rules: ClientRules, folder: str) -> bool:
    """Whether the engine may know of the folder."""
    return may(actor, Verb.VIEW, Place(actor.cabinet, rules, folder))
