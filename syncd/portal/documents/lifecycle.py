"""What happens to a document after it is stored: move, bin and back, download, receipts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from syncd.core import naming, paths
from syncd.core.errors import NotPossible, UsageError
from syncd.core.folder_rules import refuse_move
from syncd.core.protocol import LeftNote, MoveItem, PutItem, Receipt, RemoveItem, Result, Written
from syncd.core.search_folding import fold
from syncd.portal.clients.tree import check_folder_path, kind_of, make_folders, move_folder, rules_of
from syncd.portal.documents.as_remote import remote_docs
from syncd.portal.documents.store import Body, keep
from syncd.portal.models import Cabinet, Client, DeletionRequest, Document, Folder, Version
from syncd.portal.models.ids import new_id
from syncd.portal.people.visibility import again, fate_of
from syncd.portal.records.feed import Feed, publishing
from syncd.portal.records.place_history import leaving, moment
from syncd.portal.rights import Actor, Place, Verb, may
from syncd.portal.storage.local import store as blob_store


def live(client: Client, path: str) -> Document:
    found = Document.objects.filter(client=client, key=paths.key(paths.check(path)), tombstone="").first()
    if found is None:
        said = _("Le client {code} n'a pas de document « {path} ».")
        raise UsageError(said.format(code=client.code, path=path))
    return found


def move_document(client: Client, document: Document, to: str, actor: Actor, feed: Feed) -> Document:
    """Rename or file elsewhere in the same client; id, history and receipts stay. Raises UsageError."""
    rules = rules_of(client)
    to = check_folder_path(rules, to)
    source, target = (Place(client.cabinet_id, rules, paths.parent(p), client.id) for p in (document.path, to))
    if (
        not may(actor, Verb.DELETE, source)
        or not may(actor, Verb.DEPOSIT, target)
        or rules.rule(paths.parent(to)) is None
    ):
        raise NotPossible(
            f"'{to}' is not in a folder of the client's tree, or access is not allowed.", reason="no_right"
        )
    at = paths.key(to)
    if at != document.key and (
        Document.objects.filter(client=client, key=at, tombstone="").exists()
        or Folder.objects.filter(client=client, key=at, deleted_at__isnull=True).exists()
    ):
        raise NotPossible(f"'{to}' exists already.", reason="taken")
    if (why := refuse_move(rules, document.path, to)) is not None:
        raise NotPossible(f"'{to}' is of a type that its folder does not take.", reason=why.reason)
    up = make_folders(client, [paths.parent(to)], feed)[paths.key(paths.parent(to))]
    leaving([document])
    document.path = paths.join(up.path, paths.name(to))
    document.key, document.kind = paths.key(document.path), kind_of(rules, up.path)
    document.folded = fold(document.path)
    document.save(update_fields=["path", "key", "folded", "kind"])
    feed.doc(client.id, document.id)
    return document


def move(client: Client, path: str, to: str, actor: Actor) -> str:
    with publishing(client.cabinet_id) as feed:
        return move_document(client, live(client, path), to, again(actor), feed).path


def bin_document(document: Document, actor: Actor, feed: Feed, *, withdrawn: bool = False) -> None:
    leaving([document])
    document.tombstone, document.deleted_at, document.deleted_by = new_id(), datetime.now(UTC), actor.name
    document.deleted_origin, document.withdrawn = side(actor), withdrawn
    document.save(update_fields=["tombstone", "deleted_at", "deleted_by", "deleted_origin", "withdrawn"])
    DeletionRequest.objects.filter(document=document).delete()
    feed.doc(document.client_id, document.id)


def remove(client: Client, path: str, actor: Actor) -> str:
    """To the bin, with a tombstone: at the cabinet it becomes `supp_`."""
    with publishing(client.cabinet_id) as feed:
        document, actor = live(client, path), again(actor)
        if not may(
            actor, Verb.DELETE, Place(client.cabinet_id, rules_of(client), paths.parent(document.path), client.id)
        ):
            raise UsageError(_("« {path} » : accès non autorisé.").format(path=path))
        bin_document(document, actor, feed)
    return document.path


def side(actor: Actor) -> str:
    """`company` or `cabinet`: an engine is its cabinet's."""
    return "company" if actor.origin == "company" else "cabinet"


def restore(client: Client, path: str, actor: Actor, document_id: str = "") -> str:
    """Back from the bin, to its place, by who may delete there; a name taken meanwhile gives it a second one. Its path.

    Several of that place: the one with this id, else the last deleted. Raises UsageError.
    """
    with publishing(client.cabinet_id) as feed:
        at = paths.key(paths.check(path))
        binned = Document.objects.filter(client=client, key=at).exclude(tombstone="").order_by("-deleted_at")
        document = (binned.filter(id=document_id) if document_id else binned).first()
        if document is None:
            said = _("La corbeille du client {code} n'a pas de « {path} ».")
            raise UsageError(said.format(code=client.code, path=path))
        place = Place(client.cabinet_id, rules_of(client), paths.parent(document.path), client.id)
        if not may(again(actor), Verb.DELETE, place, fate_of(document)):
            raise UsageError(_("« {path} » : accès non autorisé.").format(path=path))

        def taken(candidate: str) -> bool:
            key = paths.key(candidate)
            return (
                Document.objects.filter(client=client, key=key, tombstone="").exists()
                or Folder.objects.filter(client=client, key=key, deleted_at__isnull=True).exists()
            )

        leaving([document])
        if taken(document.path):
            document.path = naming.second_name(document.path, taken)
            document.key, document.folded = paths.key(document.path), fold(document.path)
        make_folders(client, [paths.parent(document.path)], feed)
        document.tombstone, document.deleted_at, document.deleted_by, document.deleted_origin = "", None, "", ""
        document.left_at, document.withdrawn = None, False
        document.kind = kind_of(rules_of(client), paths.parent(document.path))
        document.save()
        feed.doc(client.id, document.id)
    return document.path


# -- the engine's batches --------------------------------------------------------------------------------------------


def _written(results: list[Result], feed: Feed) -> Written:
    assert feed.before is not None and feed.after is not None
    return Written(tuple(results), feed.before, feed.after)


def move_many(cabinet: Cabinet, items: Sequence[MoveItem], actor: Actor) -> Written:
    results = []
    with publishing(cabinet.id) as feed:
        actor = again(actor)
        for item in items:
            client = Client.objects.filter(cabinet=cabinet, id=item.client, closed=False).first()
            if client is None:
                results.append(Result("refused", "no_right"))
                continue
            try:
                with transaction.atomic():  # one savepoint each: a refusal is alone
                    results.append(_move_one(client, item, actor, feed))
            except UsageError as e:
                if e.reason == "taken":  # the mover did not know yet: it is planned anew
                    results.append(Result("conflict", "taken", str(e)))
                else:
                    results.append(Result("refused", e.reason or "bad_name", str(e)))
    return _written(results, feed)


def _move_one(client: Client, item: MoveItem, actor: Actor, feed: Feed) -> Result:
    if item.folder:
        folder = Folder.objects.filter(client=client, id=item.folder, deleted_at__isnull=True).first()
        if folder is None:
            return Result("conflict", "gone")
        if folder.path == item.to:
            return Result("ok")
        if folder.path != item.from_path:
            return Result("conflict", "changed")
        rules = rules_of(client)
        if not all(may(actor, Verb.DEPOSIT, Place(client.cabinet_id, rules, p)) for p in (folder.path, item.to)):
            return Result("refused", "no_right")
        move_folder(client, folder, item.to, feed)
        return Result("ok")
    document = Document.objects.filter(client=client, id=item.doc, tombstone="").first()
    if document is None:
        return Result("conflict", "gone")
    if document.path != item.to:
        if document.path != item.from_path:
            return Result("conflict", "changed")
        move_document(client, document, item.to, actor, feed)
    return Result("ok", doc=remote_docs([document])[0])


def remove_many(cabinet: Cabinet, items: Sequence[RemoveItem], actor: Actor) -> Written:
    results = []
    with publishing(cabinet.id) as feed:
        actor = again(actor)
        for item in items:
            document = (
                Document.objects.select_related("client")
                .filter(client__cabinet=cabinet, client_id=item.client, id=item.doc)
                .first()
            )
            if document is None:
                results.append(Result("conflict", "gone"))
                continue
            place = Place(cabinet.id, rules_of(document.client), paths.parent(document.path))
            if not may(actor, Verb.DELETE, place):
                results.append(Result("refused", "no_right"))
                continue
            if not document.tombstone:
                if document.version != item.version:
                    results.append(Result("conflict", "changed"))
                    continue
                bin_document(document, actor, feed, withdrawn=item.withdraw)
            results.append(Result("ok", doc=remote_docs([document])[0]))
    return _written(results, feed)


RECEIVED = (
    "UPDATE portal_version SET received_at = %s WHERE document_id = %s AND number = %s AND received_at IS NULL",
    "UPDATE portal_document SET received_at = %s WHERE id = %s AND version = %s AND received_at IS NULL",
)


def receive(cabinet: Cabinet, receipts: Sequence[Receipt], left: Sequence[LeftNote]) -> None:
    """A version is received when the engine has placed it. In the caller's transaction."""
    mine = set(
        Document.objects.filter(
            client__cabinet=cabinet, id__in=[r.doc for r in receipts] + [n.doc for n in left]
        ).values_list("id", flat=True)
    )
    rows = [
        (connection.ops.adapt_datetimefield_value(moment(r.at)), r.doc, r.version) for r in receipts if r.doc in mine
    ]
    with connection.cursor() as cursor:  # thousands at once: not a query set each
        for statement in RECEIVED:
            cursor.executemany(statement, rows)
    for note in left:
        if note.doc in mine:
            Document.objects.filter(id=note.doc).update(left_at=datetime.now(UTC) if note.left else None)


def want_back(chosen: Sequence[Document], actor: Actor) -> int:
    """What the cabinet removed on its side is delivered to it again: how many of them. Raises nothing."""
    asked = {d.id: d.client_id for d in chosen}
    if not asked:
        return 0
    with publishing(actor.cabinet) as feed:
        left = Document.objects.filter(id__in=asked, left_at__isnull=False, tombstone="")
        ids = list(left.values_list("id", flat=True))
        left.update(left_at=None, received_at=None)
        for document_id in ids:
            feed.doc(asked[document_id], document_id)
    return len(ids)


def put_version_back(document: Document, number: int, actor: Actor) -> None:
    """An earlier version becomes the newest one, with bytes of its own; nothing is taken away. Raises UsageError."""
    old = Version.objects.filter(document=document, number=number).first()
    if old is None or bytes(old.sha256) == bytes(document.sha256):
        said = _("« {name} » n'a pas de version {number} différente de l'actuelle.")
        raise UsageError(said.format(name=paths.name(document.path), number=number))
    blobs, version_id = blob_store(), new_id()
    with Path(blobs.path(old.id)).open("rb") as f:
        temp, content = blobs.temp_of(f)
    dated = old.modified_at.timestamp() if old.modified_at else None
    item = PutItem(
        document.client_id, document.path, content, doc=document.id, version=document.version, modified=dated
    )  # fmt: skip
    with blobs.used_up(temp):
        body = Body(item, content, version_id)
        (result,) = keep(document.client.cabinet, [body], [(temp, version_id)], actor).results
    if result.reason == "quota":
        raise UsageError(_("L'espace du client est plein : cette version n'y a pas la place."))
    if not result.ok:
        said = _("« {name} » vient d'être modifié ou n'est plus accepté ici.")
        raise UsageError(said.format(name=paths.name(document.path)))


def treat(chosen: Sequence[Document], actor: Actor, *, done: bool) -> None:
    """Ticked, or not any more, for the versions they have now: a new version is to be dealt with anew."""
    values = (
        {"treated_at": datetime.now(UTC), "treated_by": actor.name} if done else {"treated_at": None, "treated_by": ""}
    )
    found = Version.objects.filter(id__in=[d.version_id for d in chosen])
    (found.filter(treated_at__isnull=True) if done else found).update(**values)


def fetched(ids: Sequence[str]) -> None:
    """The engine was given the contents of these documents. A portal that cannot write still gives what it has."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE portal_document SET engine_downloads = engine_downloads + 1 WHERE id = %s", [(i,) for i in ids]
            )
    except DatabaseError as e:
        logging.getLogger(__name__).warning("%d downloads were not counted: %s", len(ids), e)


def opened(looked: Sequence[tuple[Document, Version]], *, by_cabinet: bool, counted: bool = True) -> None:
    """Somebody opened versions: a download is `counted`; a receipt when it is a person of the cabinet."""
    now, most = datetime.now(UTC), 500
    for n in range(0, len(looked), most):
        part = looked[n : n + most]
        shown = Document.objects.filter(id__in=[d.id for d, _ in part])
        if counted:
            shown.update(downloads=F("downloads") + 1)
        if by_cabinet and (new := [v.id for _, v in part if v.received_at is None]):
            Version.objects.filter(id__in=new, received_at__isnull=True).update(received_at=now)
            shown.filter(version_id__in=new).update(received_at=now)
