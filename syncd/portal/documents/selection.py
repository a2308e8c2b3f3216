"""Documents of a client moved, deleted, restored, however many: each refusal alone, and all of it taken back as one.

The number of questions to the database does not grow with the documents. One document is a list of one (`lifecycle`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db.models import F, Max, OuterRef, Q, Subquery

from syncd.core import naming, paths
from syncd.core.folder_rules import ClientRules, refuse_move
from syncd.core.search_folding import fold
from syncd.portal.clients.tree import (
    check_folder_path,
    check_open,
    kind_of,
    make_folders,
    not_here,
    place_in,
    place_of,
    rules_now,
)
from syncd.portal.models import Client, DeletionRequest, Document, Folder, Past
from syncd.portal.models.ids import new_id
from syncd.portal.people.visibility import again, fate_of, visible
from syncd.portal.records import audit
from syncd.portal.records.feed import Feed, publishing
from syncd.portal.records.place_history import leaving
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor, Person, Verb, may

AT_ONCE = 500  # values in one question


@dataclass(slots=True)
class Done:
    """`at`: the moment that an undo knows it by; `refused`: the document's name and why it stays as it was."""

    at: datetime
    documents: list[Document] = field(default_factory=list)
    refused: list[tuple[str, Refusal]] = field(default_factory=list)

    def or_refuse(self) -> None:
        """Of one document. Raises its Refusal."""
        for _, why in self.refused:
            raise why


def these(actor: Person, client: Client, ids: Sequence[str], *, binned: bool = False) -> list[Document]:
    """Those of them that the actor sees, live or in the bin."""
    found = list[Document]()
    for n in range(0, len(ids), AT_ONCE):
        part = Document.objects.filter(visible(actor), client=client, id__in=ids[n : n + AT_ONCE])
        found += part.exclude(tombstone="") if binned else part.filter(tombstone="")
    return _of(client, found)


def _of(client: Client, documents: Iterable[Document]) -> list[Document]:
    found = list(documents)
    for document in found:
        document.client = client
    return found


def _as_now(client: Client, chosen: Sequence[Document]) -> list[Document]:
    """As they are within the transaction; what was read before it may be another by now."""
    ids = [d.id for d in chosen]
    now = dict[str, Document]()
    for n in range(0, len(ids), AT_ONCE):
        now |= {d.id: d for d in _of(client, Document.objects.filter(client=client, id__in=ids[n : n + AT_ONCE]))}
    return [now[i] for i in ids if i in now]


def move_into(actor: Actor, client: Client, chosen: Sequence[Document], folder: str) -> Done:
    """Into one folder under the names they have. Raises Refusal where nothing may be put there."""
    with publishing(client.cabinet_id) as feed:
        actor, rules = again(actor), rules_now(client)
        check_open(client)
        folder = check_folder_path(rules, folder)
        if rules.rule(folder) is None or not may(actor, Verb.DEPOSIT, place_in(client, folder, rules)):
            raise Refusal(Code.NO_RIGHT, path=folder)
        wanted = [(d, paths.join(folder, paths.name(d.path))) for d in _as_now(client, chosen)]
        return relocate(actor, client, rules, wanted, feed)


def move_back(actor: Actor, client: Client, at: datetime) -> Done:
    """What changed its place at that moment, and did not since, returns to where it was."""
    with publishing(client.cabinet_id) as feed:
        latest = (
            Past.objects.filter(document=OuterRef("document")).order_by().values("document").annotate(m=Max("until"))
        )
        pasts = Past.objects.filter(until=at, document__client=client, live=True).annotate(
            last=Subquery(latest.values("m"))
        )
        was = dict(pasts.filter(last=F("until")).values_list("document_id", "path"))
        documents = _of(client, Document.objects.filter(client=client, pk__in=pasts.values("document_id")))
        wanted = [(d, was[d.id]) for d in documents if d.id in was]
        return relocate(again(actor), client, rules_now(client), wanted, feed)


def relocate(
    actor: Actor, client: Client, rules: ClientRules, wanted: Sequence[tuple[Document, str]], feed: Feed
) -> Done:  # fmt: skip
    """Each to its place, in the caller's transaction; one that lies there already is neither done nor refused."""
    done = Done(datetime.now(UTC))
    taken = _taken(client, [to for _, to in wanted])
    allowed = dict[tuple[Verb, str], bool]()

    def may_at(verb: Verb, folder: str) -> bool:
        if (verb, folder) not in allowed:
            allowed[verb, folder] = may(actor, verb, place_in(client, folder, rules))
        return allowed[verb, folder]

    def may_put(folder: str) -> bool:
        return rules.rule(folder) is not None and may_at(Verb.DEPOSIT, folder)

    moving = list[tuple[Document, str]]()
    for document, to in wanted:
        why: Refusal | None = None
        if document.tombstone:
            why = Refusal(Code.NO_DOCUMENT, code=client.code, path=document.path)
        elif not may_at(Verb.DELETE, paths.parent(document.path)) or not may_put(paths.parent(to)):
            why = not_here(client) if client.closed else Refusal(Code.NO_RIGHT, path=to)
        elif paths.key(to) == document.key and to == document.path:
            continue
        elif paths.key(to) != document.key and paths.key(to) in taken:
            why = Refusal(Code.TAKEN, path=to)
        elif (refused := refuse_move(rules, document.path, to)) is not None:
            why = Refusal(Code(refused.reason), path=to)
        if why is not None:
            done.refused.append((paths.name(document.path), why))
            continue
        taken.add(paths.key(to))
        moving.append((document, to))
    if moving:
        done.at = leaving([d for d, _ in moving])
        _put(client, rules, moving, feed)
    done.documents = [d for d, _ in moving]
    return done


def _put(client: Client, rules: ClientRules, moving: Sequence[tuple[Document, str]], feed: Feed) -> None:
    """At their new places, in folders that are made where they are missing."""
    folders = make_folders(client, {paths.parent(to) for _, to in moving}, feed)
    for document, to in moving:
        up = folders[paths.key(paths.parent(to))].path
        document.path = paths.join(up, paths.name(to))
        document.key, document.kind = paths.key(document.path), kind_of(rules, up)
        document.folded = fold(document.path)
        feed.doc(client.id, document.id)
    Document.objects.bulk_update([d for d, _ in moving], ["path", "key", "folded", "kind"], batch_size=AT_ONCE)


def _taken(client: Client, wanted: Sequence[str]) -> set[str]:
    """Keys of live documents and folders at these places."""
    keys, found = [paths.key(to) for to in wanted], set[str]()
    for n in range(0, len(keys), AT_ONCE):
        part = keys[n : n + AT_ONCE]
        found |= set(Document.objects.filter(client=client, tombstone="", key__in=part).values_list("key", flat=True))
        there = Folder.objects.filter(client=client, deleted_at__isnull=True, key__in=part)
        found |= set(there.values_list("key", flat=True))
    return found


def remove_these(actor: Actor, client: Client, chosen: Sequence[Document]) -> Done:
    """To the bin, all at one moment: at the cabinet they become `supp_`."""
    with publishing(client.cabinet_id) as feed:
        return to_bin(again(actor), client, [d for d in _as_now(client, chosen) if not d.tombstone], feed)


def to_bin(actor: Actor, client: Client, chosen: Sequence[Document], feed: Feed) -> Done:
    """Live ones, in the caller's transaction, with their lines in the audit."""
    rules, done = rules_now(client), Done(datetime.now(UTC))
    for document in chosen:
        if may(actor, Verb.DELETE, place_of(document, rules)):
            done.documents.append(document)
        else:
            done.refused.append((paths.name(document.path), not_here(client)))
    put_in_bin(actor, done.documents, feed, done.at)
    audit.record_each(actor, "document_deleted", [f"{client.code} {d.path}" for d in done.documents])
    return done


def put_in_bin(
    actor: Actor, documents: Sequence[Document], feed: Feed, at: datetime, *, withdrawn: bool = False, company: str = ""
) -> None:
    """With a tombstone each, in the caller's transaction, which has asked for the right. `company`: whose own wish the cabinet's
    engine carries out."""
    name, side = (company, "company") if company else (actor.name, _side(actor))
    leaving(documents)
    for document in documents:
        document.tombstone, document.deleted_at, document.deleted_by = new_id(), at, name
        document.deleted_origin, document.withdrawn = side, withdrawn
        feed.doc(document.client_id, document.id)
    columns = ["tombstone", "deleted_at", "deleted_by", "deleted_origin", "withdrawn"]
    Document.objects.bulk_update(documents, columns, batch_size=AT_ONCE)
    for n in range(0, len(documents), AT_ONCE):
        DeletionRequest.objects.filter(document__in=documents[n : n + AT_ONCE]).delete()


def _side(actor: Actor) -> str:
    """`company` or `cabinet`: an engine is its cabinet's."""
    return "company" if actor.origin == "company" else "cabinet"


def deleted_at(actor: Person, client: Client, at: datetime) -> list[Document]:
    """What the actor deleted at that moment, and is in the bin."""
    found = Document.objects.filter(visible(actor), client=client, deleted_at=at, deleted_by=actor.name)
    return _of(client, found.exclude(tombstone=""))


def restore_these(actor: Actor, client: Client, chosen: Sequence[Document]) -> Done:
    """Back from the bin, to their places; a name taken meanwhile gives a second one."""
    with publishing(client.cabinet_id) as feed:
        return from_bin(again(actor), client, [d for d in _as_now(client, chosen) if d.tombstone], feed)


def from_bin(actor: Actor, client: Client, chosen: Sequence[Document], feed: Feed) -> Done:
    """Deleted ones, in the caller's transaction, with their lines in the audit."""
    rules, done = rules_now(client), Done(datetime.now(UTC))
    for document in chosen:
        place = place_of(document, rules)
        if may(actor, Verb.DELETE, place, fate_of(document)):
            done.documents.append(document)
        else:
            done.refused.append((paths.name(document.path), not_here(client)))
    told = [f"{client.code} {d.path}" for d in done.documents]
    leaving(done.documents)
    _settle_names(client, done.documents)
    if done.documents:
        make_folders(client, {paths.parent(d.path) for d in done.documents}, feed)
    for document in done.documents:
        document.tombstone, document.deleted_at, document.deleted_by, document.deleted_origin = "", None, "", ""
        document.left_at, document.withdrawn = None, False
        document.kind = kind_of(rules, paths.parent(document.path))
        feed.doc(client.id, document.id)
    columns = [
        "path", "key", "folded", "kind", "tombstone", "deleted_at", "deleted_by", "deleted_origin", "left_at", "withdrawn",
    ]  # fmt: skip
    Document.objects.bulk_update(done.documents, columns, batch_size=AT_ONCE)
    audit.record_each(actor, "document_restored", told)
    return done


def _settle_names(client: Client, documents: Sequence[Document]) -> None:
    taken = _taken(client, [d.path for d in documents])
    for document in documents:
        if document.key in taken:
            beside = _beside(client, document.path)
            document.path = naming.second_name(document.path, lambda p, seen=beside: paths.key(p) in seen | taken)  # type: ignore[misc]
            document.key, document.folded = paths.key(document.path), fold(document.path)
        taken.add(document.key)


def _beside(client: Client, path: str) -> set[str]:
    """Keys of what could stand in the way of a second name."""
    stem = paths.key(paths.split_ext(path)[0])
    at = Q(client=client, key__startswith=stem)
    found = set(Document.objects.filter(at, tombstone="").values_list("key", flat=True))
    return found | set(Folder.objects.filter(at, deleted_at__isnull=True).values_list("key", flat=True))
