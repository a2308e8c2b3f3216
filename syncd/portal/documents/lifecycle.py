"""What happens to a document after it is stored: move, bin and back, earlier versions, ticked; singly or in an engine's batch.

A document alone goes the way of many (`selection`), and its refusal is raised.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from syncd.core import paths
from syncd.core.folder_rules import ClientRules
from syncd.core.protocol import MoveItem, PutItem, RemoveItem, Result, Written
from syncd.core.reasons import Reason
from syncd.portal.clients.tree import (
    check_folder_path,
    check_name,
    checked,
    move_folder,
    not_here,
    place_in,
    place_of,
    rules_by_client,
    rules_now,
    rules_of,
)
from syncd.portal.documents.as_remote import remote_docs
from syncd.portal.documents.deposit import Arrival, deposit
from syncd.portal.documents.receipts import deliver_again
from syncd.portal.documents.selection import from_bin, put_in_bin, relocate, to_bin
from syncd.portal.documents.store import may_replace
from syncd.portal.models import Client, Document, Folder, Version
from syncd.portal.people.visibility import again
from syncd.portal.records import audit
from syncd.portal.records.feed import Feed, publishing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor, Verb, may, may_refer, may_treat
from syncd.portal.storage import blob_store


def live(client: Client, path: str) -> Document:
    """The live document there. Raises Refusal without one."""
    found = Document.objects.filter(client=client, key=paths.key(checked(path)), tombstone="").first()
    if found is None:
        raise Refusal(Code.NO_DOCUMENT, code=client.code, path=path)
    return found


def binned(client: Client, path: str) -> Document:
    """The one of that place that was deleted last. Raises Refusal when the bin has none."""
    at = paths.key(checked(path))
    found = Document.objects.filter(client=client, key=at).exclude(tombstone="").order_by("-deleted_at").first()
    if found is None:
        raise Refusal(Code.NOT_IN_BIN, code=client.code, path=path)
    return found


def _as_now(document: Document) -> None:
    """What was read before the transaction may be another by now."""
    document.refresh_from_db(fields=[f.name for f in document._meta.concrete_fields if f.name != "client"])


def _still_live(document: Document) -> None:
    _as_now(document)
    if document.tombstone:
        raise Refusal(Code.NO_DOCUMENT, code=document.client.code, path=document.path)


def _about(document: Document) -> str:
    return f"{document.client.code} {document.path}"


def move(actor: Actor, document: Document, to: str) -> str:
    """Rename or file elsewhere in the same client; id, history and receipts stay. Its path. Raises Refusal."""
    with publishing(document.client.cabinet_id) as feed:
        _still_live(document)
        _move(again(actor), document, to, feed)
    return document.path


def rename(actor: Actor, document: Document, name: str) -> str:
    """Another name in the folder where it lies; id, history and receipts stay. Its path. Raises Refusal."""
    name = check_name(name)
    with publishing(document.client.cabinet_id) as feed:
        _still_live(document)
        _move(again(actor), document, paths.join(paths.parent(document.path), name), feed)
    return document.path


def _move(actor: Actor, document: Document, to: str, feed: Feed) -> None:
    rules = rules_now(document.client)
    relocate(actor, document.client, rules, [(document, check_folder_path(rules, to))], feed).or_refuse()


def remove(actor: Actor, document: Document) -> None:
    """To the bin, with a tombstone: at the cabinet it becomes `supp_`. Raises Refusal."""
    with publishing(document.client.cabinet_id) as feed:
        _still_live(document)
        to_bin(again(actor), document.client, [document], feed).or_refuse()


def restore(actor: Actor, document: Document) -> str:
    """Back from the bin, to its place, by who may delete there; a name taken meanwhile gives it a second one. Its path.

    Raises Refusal.
    """
    client = document.client
    with publishing(client.cabinet_id) as feed:
        _as_now(document)
        if not document.tombstone:
            raise Refusal(Code.NOT_IN_BIN, code=client.code, path=document.path)
        from_bin(again(actor), client, [document], feed).or_refuse()
    return document.path


def may_put_back(actor: Actor, document: Document, rules: ClientRules) -> bool:
    """Whether an earlier version may take the place of its present one."""
    if document.tombstone or not may(actor, Verb.DEPOSIT, place_of(document, rules)):
        return False
    return may_replace(actor, document.client, rules, document.path, document.version_id)


def put_version_back(actor: Actor, document: Document, number: int, seen: int = 0) -> None:
    """An earlier version becomes the newest one, with bytes of its own; nothing is taken away. `seen`: the version that was
    the newest when somebody chose that; 0: as the document was read. Raises Refusal."""
    if not may_put_back(actor, document, rules_of(document.client)):
        raise not_here(document.client)
    name = paths.name(document.path)
    old = Version.objects.filter(document=document, number=number).first()
    if old is None or bytes(old.sha256) == bytes(document.sha256):
        raise Refusal(Code.NO_VERSION, name=name, number=number)
    blobs = blob_store()
    with blobs.open(old.id) as f:
        staged, content = blobs.stage_from(f)
    dated = old.modified_at.timestamp() if old.modified_at else None
    over = seen or document.version
    item = PutItem(document.client_id, document.path, content, doc=document.id, version=over, modified=dated)
    with blobs.used_up(staged):
        (result,) = deposit(actor, [Arrival(item, content, staged)]).results
    if result.reason == "quota":
        raise Refusal(Code.QUOTA)
    if result.reason == "no_right":  # within the transaction: rights, or whose version it is, may be others by now
        raise Refusal(Code.NOT_ALLOWED_HERE)
    if not result.ok:
        raise Refusal(Code.CHANGED, name=name)


def want_back(actor: Actor, chosen: Sequence[Document]) -> int:
    """What the cabinet removed on its side is delivered to it again: how many of them. Of those the actor may delete."""
    if not chosen:
        return 0
    with publishing(actor.cabinet) as feed:
        actor = again(actor)
        rules = rules_by_client({d.client_id: d.client for d in chosen}.values())
        mine = [
            d for d in chosen
            if may(actor, Verb.DELETE, place_of(d, rules[d.client_id]))
        ]  # fmt: skip
        count = deliver_again(mine, feed)
        if count:
            for document in mine:
                audit.record(actor, "document_wanted", _about(document))
    return count


def refer(actor: Actor, document: Document, reference: str) -> None:
    """Of an accounting entry, say: written by the cabinet's people who work in the folder. Raises Refusal."""
    if not may_refer(actor, place_of(document)):
        raise not_here(document.client)
    Document.objects.filter(id=document.id).update(reference=reference[:200])


def treat(actor: Actor, chosen: Sequence[Document], *, done: bool) -> int:
    """Ticked, or not any more, for the versions they have now: a new version is to be dealt with anew. How many: those that
    the actor may tick. Raises Refusal when that is none of them.
    """
    rules = rules_by_client({d.client_id: d.client for d in chosen}.values())
    mine = [
        d for d in chosen if not d.tombstone
        and may_treat(
            actor, place_of(d, rules[d.client_id]), d.client.cabinet.treated
        )
    ]  # fmt: skip
    if not mine:
        raise not_here(chosen[0].client) if chosen else Refusal(Code.NOT_ALLOWED_HERE)
    values = (
        {"treated_at": datetime.now(UTC), "treated_by": actor.name} if done else {"treated_at": None, "treated_by": ""}
    )
    found = Version.objects.filter(id__in=[d.version_id for d in mine])
    (found.filter(treated_at__isnull=True) if done else found).update(**values)
    return len(mine)


# -- the engine's batches --------------------------------------------------------------------------------------------


def _written(results: list[Result], feed: Feed) -> Written:
    assert feed.before is not None and feed.after is not None
    return Written(tuple(results), feed.before, feed.after)


def move_many(actor: Actor, items: Sequence[MoveItem]) -> Written:
    """In order; each refusal is alone."""
    results = []
    with publishing(actor.cabinet) as feed:
        actor = again(actor)
        for item in items:
            client = Client.objects.filter(cabinet=actor.cabinet, id=item.client, closed=False).first()
            if client is None:
                results.append(Result("refused", "no_right"))
                continue
            try:
                with transaction.atomic():  # one savepoint each
                    results.append(_move_one(actor, client, item, feed))
            except Refusal as e:  # taken: the mover did not know yet, and it is planned anew
                results.append(Result("conflict" if e.code is Code.TAKEN else "refused", e.reason))
    return _written(results, feed)


def _move_one(actor: Actor, client: Client, item: MoveItem, feed: Feed) -> Result:
    if item.folder:
        folder = Folder.objects.filter(client=client, id=item.folder, deleted_at__isnull=True).first()
        if folder is None:
            return Result("conflict", "gone")
        if folder.path == item.to:
            return Result("ok")
        if folder.path != item.from_path:
            return Result("conflict", "changed")
        rules = rules_of(client)
        if not all(may(actor, Verb.DEPOSIT, place_in(client, p, rules)) for p in (folder.path, item.to)):
            return Result("refused", "no_right")
        move_folder(client, folder, item.to, feed)
        return Result("ok")
    document = Document.objects.filter(client=client, id=item.doc, tombstone="").first()
    if document is None:
        return Result("conflict", "gone")
    if document.path != item.to:
        if document.path != item.from_path:
            return Result("conflict", "changed")
        _move(actor, document, item.to, feed)
    return Result("ok", doc=remote_docs([document])[0])


def remove_many(actor: Actor, items: Sequence[RemoveItem]) -> Written:
    """In order; each refusal is alone."""
    results = []
    with publishing(actor.cabinet) as feed:
        actor = again(actor)
        for item in items:
            document = (
                Document.objects.select_related("client")
                .filter(client__cabinet=actor.cabinet, client_id=item.client, id=item.doc)
                .first()
            )
            if document is None:
                results.append(Result("conflict", "gone"))
                continue
            if not may(actor, Verb.DELETE, place_of(document)):
                results.append(Result("refused", "no_right"))
                continue
            if not document.tombstone:
                if document.version != item.version:
                    results.append(Result("conflict", "changed"))
                    continue
                if item.company and document.client.client_delete == "request":
                    results.append(Result("refused", Reason.ASK_DELETION))
                    continue
                whose = document.client.name if item.company else ""
                put_in_bin(actor, [document], feed, datetime.now(UTC), withdrawn=item.withdraw, company=whose)
            results.append(Result("ok", doc=remote_docs([document])[0]))
    return _written(results, feed)
