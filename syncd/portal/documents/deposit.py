"""A deposit by a person. From a browser: one acknowledgement per batch, the same content said and not kept twice, never a
document replaced. From the command line: on a live document a new version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext_noop as noop

from syncd.core import naming, paths
from syncd.core.content import Content
from syncd.core.errors import BadPath, UsageError
from syncd.core.folder_rules import ClientRules
from syncd.core.ignore_patterns import BUILTIN
from syncd.core.protocol import PutItem, Result
from syncd.portal.clients.tree import rules_of
from syncd.portal.documents import integrity
from syncd.portal.documents.lifecycle import deliver_again, is_taken
from syncd.portal.documents.store import Body, keep, new_version_id, no_room, precheck, store
from syncd.portal.models import Cabinet, Client, Deposit, DepositLine, Document
from syncd.portal.records.feed import publishing
from syncd.portal.rights import Actor, Person
from syncd.portal.storage import blob_store
from syncd.portal.storage.port import Staged

TEMPORARY = noop("nom de fichier temporaire ou système")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document on its way: `folder` inside the client, `name` as it was given (with the tree it was dropped with).

    `modified`: its file's own date, where the browser told it (core.modified_dates).
    """

    folder: str
    name: str
    size: int
    modified: float | None = None


def target(rules: ClientRules, incoming: Incoming) -> str:
    """The place it is meant for: NFC, parts that Windows can hold. Raises UsageError."""
    path = safe_path(paths.check(paths.join(incoming.folder, incoming.name.replace("\\", "/").strip("/"))))
    top = rules.tops().get(paths.key(paths.top(path)))
    return top + path[len(paths.top(path)) :] if top else path


def refusal(actor: Person, client: Client, rules: ClientRules, incoming: Incoming) -> tuple[str, str]:
    """(reason, detail) why it will not be taken, whatever its bytes are; ('', '') when it may come."""
    try:
        path = target(rules, incoming)
    except UsageError as e:
        return e.reason or "bad_name", ""
    if BUILTIN.anywhere(path):
        return "bad_name", TEMPORARY
    item = PutItem(client.id, path, Content(incoming.size, b""))
    refused = precheck(actor, client, rules, item) or no_room(client, item)
    return (refused.reason, refused.detail) if refused else ("", "")


def begin(actor: Person, client: Client, batch: str) -> Deposit:
    """The deposit of this batch, begun with its number when it is the first to speak of it."""
    now = datetime.now(UTC)
    found = Deposit.objects.filter(user=actor.id, client=client, batch=batch).first()
    if found is not None:
        return found
    with transaction.atomic():
        cabinet = Cabinet.objects.select_for_update().get(id=client.cabinet_id)
        found = Deposit.objects.filter(user=actor.id, client=client, batch=batch).first()
        if found is not None:
            return found
        cabinet.deposit_number += 1
        cabinet.save(update_fields=["deposit_number"])
        return Deposit.objects.create(
            cabinet=cabinet, client=client, number=f"{now:%Y}-{cabinet.deposit_number:06}", batch=batch, user_id=actor.id,
            by=actor.name, origin=actor.origin, at=now, last_at=now,
        )  # fmt: skip


def take(actor: Person, deposit: Deposit, incoming: Incoming, staged: Staged, content: Content) -> DepositLine:
    """Store what arrived and write its line. Repeated: the same line again.

    `staged` is used up, but when this cannot be done now (the database is held): then it is as it was, for another try.
    """
    client, blobs = deposit.client, blob_store()
    rules = rules_of(client)
    incoming = replace(incoming, size=content.size)
    reason, detail = refusal(actor, client, rules, incoming)
    same = None if reason else _same_content(client, paths.parent(target(rules, incoming)), content)
    if reason:
        line = _line(deposit, incoming, "refused", reason=reason, detail=detail)
    elif same is not None:
        integrity.make_whole(same.version_id, content, staged, blobs)  # "already" is said of what is there
        line = _line(deposit, incoming, "again" if _delivered_again(same) else "already", same)
    else:
        line = _kept(actor, deposit, incoming, target(rules, incoming), staged, content)
    blobs.drop_staged(staged)
    return line


def take_stream(actor: Person, deposit: Deposit, folder: str, name: str, source: BinaryIO) -> DepositLine:
    """As `take`, of what comes in one piece."""
    blobs = blob_store()
    staged, content = blobs.stage_from(source)
    with blobs.used_up(staged):
        return take(actor, deposit, Incoming(folder, name, content.size), staged, content)


def _kept(
    actor: Person, deposit: Deposit, incoming: Incoming, path: str, staged: Staged, content: Content
) -> DepositLine:
    client = deposit.client
    for _ in range(5):  # somebody may take the same name in between
        version_id = new_version_id()
        free = naming.second_name(path, lambda p: is_taken(client, p)) if is_taken(client, path) else path
        body = Body(PutItem(client.id, free, content, modified=incoming.modified), content, version_id)
        (result,) = keep(actor, [body], [(staged, version_id)]).results
        if result.ok and result.doc is not None:
            document = Document.objects.get(id=result.doc.id)
            if document.version_id != version_id:  # the same content came in between
                return _line(deposit, incoming, "already", document)
            return _line(deposit, incoming, "stored", document)
        if result.reason != "taken":
            return _line(deposit, incoming, "refused", reason=result.reason, detail=result.detail)
    return _line(deposit, incoming, "refused", reason="name_collision")


def _delivered_again(document: Document) -> bool:
    """Whether the cabinet had removed it on its side: it gets it once more."""
    with publishing(document.client.cabinet_id) as feed:
        return bool(deliver_again([document], feed))


def _same_content(client: Client, folder: str, content: Content) -> Document | None:
    inside = Document.objects.filter(client=client, tombstone="", sha256=content.sha256, size=content.size)
    return next((d for d in inside if paths.key(paths.parent(d.path)) == paths.key(folder)), None)


def _line(
    deposit: Deposit, incoming: Incoming, outcome: str, document: Document | None = None, *, reason: str = "", detail: str = ""
) -> DepositLine:  # fmt: skip
    with transaction.atomic():
        Deposit.objects.filter(id=deposit.id).update(last_at=datetime.now(UTC))
        return DepositLine.objects.create(
            deposit=deposit, document=document, version_id=document.version_id if document else "",
            given=incoming.name, path=document.path if document else "", size=incoming.size, outcome=outcome,
            reason=reason, detail=detail[:200],
        )  # fmt: skip


def deposit(actor: Actor, client: Client, path: str, source: BinaryIO, modified: float | None = None) -> Result:
    """Store a document at `path`; on a live one a new version. Names Windows cannot hold are made safe. `modified`: the
    file's own date (core.modified_dates).

    The result's document carries the final path; a refusal carries its reason code.
    """
    try:
        path = safe_path(paths.check(path))
    except BadPath as e:
        if e.reason != "too_long":
            raise
        return Result("refused", e.reason)
    rules = rules_of(client)
    top = rules.tops().get(paths.key(paths.top(path)))
    if top:
        path = top + path[len(paths.top(path)) :]
    if BUILTIN.anywhere(path):
        return Result("refused", "bad_name", TEMPORARY)
    blobs, version_id = blob_store(), new_version_id()
    staged, content = blobs.stage_from(source)
    live = Document.objects.filter(client=client, key=paths.key(path), tombstone="").first()
    over, version = (live.id, live.version) if live else (None, 0)
    item = PutItem(client.id, path, content, doc=over, version=version, modified=modified)
    with blobs.used_up(staged):
        refused = precheck(actor, client, rules, item) or no_room(client, item)
        unchanged = live is not None and Content(live.size, bytes(live.sha256)) == content
        if refused is None and unchanged and live is not None:
            _delivered_again(live)
        if unchanged and live is not None:
            integrity.make_whole(live.version_id, content, staged, blobs)
        if refused is not None or unchanged:
            return refused or store(actor, [Body(item, content, "")]).results[0]
        return keep(actor, [Body(item, content, version_id)], [(staged, version_id)]).results[0]


def safe_path(path: str) -> str:
    """Every part as Windows can hold it (RULES 4): the new name is shown to the person."""
    return "/".join(naming.windows_safe(p) if naming.windows_fault(p) else p for p in path.split("/"))
