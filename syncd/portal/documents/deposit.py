"""How documents come in, whoever brings them: `deposit`. An engine's batch is just that; a person's, from a browser, has one
acknowledgement per batch (`begin`, `take`), the same content said and not kept twice, never a document replaced; from the
command line (`deposit_file`), on a live document a new version."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

import msgspec
from django.db import DatabaseError
from django.utils.translation import gettext_noop as noop

from syncd.core import naming, paths
from syncd.core.content import Content
from syncd.core.errors import BadPath, UsageError
from syncd.core.folder_rules import ClientRules
from syncd.core.ignore_patterns import BUILTIN
from syncd.core.protocol import FolderItem, PutItem, Result, Written
from syncd.portal.clients.tree import rules_of
from syncd.portal.documents import integrity
from syncd.portal.documents.receipts import deliver_again
from syncd.portal.documents.store import Body, is_taken, may_replace, new_version_id, no_room, precheck, store
from syncd.portal.models import Cabinet, Client, Deposit, DepositLine, Document, Version
from syncd.portal.people.visibility import visible
from syncd.portal.records.feed import publishing, writing
from syncd.portal.rights import Actor, Depositor, Person, Program
from syncd.portal.storage import blob_store
from syncd.portal.storage.port import Staged

TOGETHER = timedelta(minutes=30)  # what one person deposits within it is one deposit
TEMPORARY = noop("nom de fichier temporaire ou système")


class Arrival(msgspec.Struct, gc=False):
    """Bytes that came: what they are meant to be, what they are, and where they are staged; None: they are not what was
    announced, or a version has taken them by now. `version`: the id that its version gets, where somebody has to know it again."""

    item: PutItem
    content: Content
    staged: Staged | None
    version: str = ""


def deposit(actor: Actor, arrivals: Sequence[Arrival | FolderItem]) -> Written:
    """Folders, then documents: the right of each is asked, all are written together; results in order, each refusal alone.

    What becomes a version has its name for good before the transaction begins. What no version took stays staged, for
    whoever staged it to `drop`; everything does when this cannot be done now and raises.
    """
    blobs = blob_store()
    items = [Body(a.item, a.content, a.version or new_version_id()) if isinstance(a, Arrival) else a for a in arrivals]
    pairs = zip(arrivals, items, strict=True)
    came = {b.version_id: a for a, b in pairs if isinstance(a, Arrival) and isinstance(b, Body)}
    named = [(a.staged, version_id) for version_id, a in came.items() if a.staged is not None]
    took: set[str] = set()
    try:
        blobs.publish(named)
        written = store(actor, items)
        took = {r.doc.version_id for r in written.results if r.doc is not None}
    finally:
        left = [of for of in named if of[1] not in took]
        if left:
            recorded = _recorded([version_id for _, version_id in left])
            blobs.take_back([of for of in left if of[1] not in recorded])
    for version_id in took & came.keys():
        came[version_id].staged = None
    for arrival, result in zip(arrivals, written.results, strict=True):
        if isinstance(arrival, Arrival) and arrival.staged is not None and result.doc is not None:
            # The very content was there already: said so, of bytes that are whole.
            integrity.make_whole(result.doc.version_id, arrival.content, arrival.staged, blobs)
    return written


def drop(arrivals: Iterable[Arrival | FolderItem]) -> None:
    """Nothing of them is staged any longer."""
    blobs = blob_store()
    for arrival in arrivals:
        if isinstance(arrival, Arrival) and arrival.staged is not None:
            with contextlib.suppress(OSError):
                blobs.drop_staged(arrival.staged)


def _recorded(ids: Sequence[str]) -> set[str]:
    """Those that are versions. What cannot be asked counts as one: no byte of a document is touched on a guess."""
    found: set[str] = set()
    try:
        for n in range(0, len(ids), 500):
            found |= set(Version.objects.filter(id__in=ids[n : n + 500]).values_list("id", flat=True))
    except DatabaseError:
        return set(ids)
    return found


# -- by a person, from a browser -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Incoming:
    """A document on its way: `folder` inside the client, `name` as it was given (with the tree it was dropped with).

    `modified`: its file's own date, where the browser told it (core.modified_dates). `over`: id of the document that it is
    a new version of, '' of none; `base`: which of its versions the person saw last, 0 where nobody said. `version`: as of `Arrival`.
    `item`: of a request that it answers.
    """

    folder: str
    name: str
    size: int
    modified: float | None = None
    over: str = ""
    base: int = 0
    version: str = ""
    item: str = ""


def target(rules: ClientRules, incoming: Incoming) -> str:
    """The place it is meant for: NFC, parts that Windows can hold. Raises UsageError."""
    return _spelled(rules, paths.join(incoming.folder, incoming.name.replace("\\", "/").strip("/")))


def refusal(actor: Depositor, client: Client, rules: ClientRules, incoming: Incoming) -> tuple[str, str]:
    """(reason, detail) why it will not be taken, whatever its bytes are; ('', '') when it may come."""
    try:
        path = target(rules, incoming)
    except UsageError as e:
        return e.reason or "bad_name", ""
    if BUILTIN.anywhere(path):
        return "bad_name", TEMPORARY
    over = _over(actor, client, incoming)
    if incoming.over and over is None:
        return "no_right", ""
    beside = over is not None and over.version != _base(actor, over, incoming)
    if over is not None and not beside and not may_replace(actor, client, rules, over.path, over.version_id):
        return "no_right", ""
    if over is not None and paths.split_ext(path)[1].lower() != paths.split_ext(over.path)[1].lower():
        return "extension_not_allowed", ""
    path, replaced = (over.path if over else path), (over.id if over and not beside else None)
    item = PutItem(client.id, path, Content(incoming.size, b""), doc=replaced)
    refused = precheck(actor, client, rules, item) or no_room(client, item)
    return (refused.reason, refused.detail) if refused else ("", "")


def _over(actor: Depositor, client: Client, incoming: Incoming) -> Document | None:
    """The live document that is replaced."""
    if not incoming.over or not isinstance(actor, Person):
        return None
    return Document.objects.filter(visible(actor), client=client, id=incoming.over, tombstone="").first()


def base_of(actor: Person, client: Client, incoming: Incoming) -> int:
    """The version that the person saw of what is replaced: as told, else the present one. 0 where nothing is."""
    over = _over(actor, client, incoming)
    return (incoming.base or over.version) if over is not None else 0


def _base(actor: Depositor, over: Document, incoming: Incoming) -> int:
    """The version that a new one takes the place of: the one the person saw, or their own since."""
    if incoming.base in (0, over.version):
        return over.version
    since = set(Version.objects.filter(document=over, number__gt=incoming.base).values_list("id", flat=True))
    own = DepositLine.objects.filter(deposit__user=actor.id, document=over, version_id__in=since)
    return incoming.base if since - set(own.values_list("version_id", flat=True)) else over.version


def begin(actor: Depositor, client: Client, batch: str) -> Deposit:
    """The deposit of this batch, or of the half hour; begun with its number when it is the first."""
    now = datetime.now(UTC)
    found = _begun(actor, client, batch, now)
    if found is not None:
        return found
    with writing(client.cabinet_id):
        found = _begun(actor, client, batch, now)
        if found is not None:
            return found
        cabinet = Cabinet.objects.get(id=client.cabinet_id)
        cabinet.deposit_number += 1
        cabinet.save(update_fields=["deposit_number"])
        return Deposit.objects.create(
            cabinet=cabinet, client=client, number=f"{now:%Y}-{cabinet.deposit_number:06}", batch=batch, **_whose(actor),
            by=actor.name, origin=actor.origin, at=now, last_at=now,
        )  # fmt: skip


def _whose(actor: Depositor) -> dict[str, str | None]:
    return {"program_id": actor.id} if isinstance(actor, Program) else {"program_id": None, "user_id": actor.id or None}


def _begun(actor: Depositor, client: Client, batch: str, now: datetime) -> Deposit | None:
    """That of the batch, else what the person began to deposit there within the last half hour: one acknowledgement."""
    mine = Deposit.objects.filter(**_whose(actor), by=actor.name, client=client)
    return mine.filter(batch=batch).first() or mine.filter(at__gt=now - TOGETHER).order_by("-at").first()


def take(actor: Depositor, batch: Deposit, incoming: Incoming, staged: Staged, content: Content) -> DepositLine:
    """Store what arrived and write its line. Repeated: the same line again.

    `staged` is used up, but when this cannot be done now (the database is held): then it is as it was, for another try.
    """
    client, blobs = batch.client, blob_store()
    rules = rules_of(client)
    incoming = replace(incoming, size=content.size)
    reason, detail = refusal(actor, client, rules, incoming)
    over = None if reason else _over(actor, client, incoming)
    base = _base(actor, over, incoming) if over is not None else 0
    new = over is None or over.version != base  # what nobody saw is not replaced
    path = target(rules, incoming) if over is None else over.path if not reason else ""
    same = _same_content(client, paths.parent(path), content) if not reason and new else None
    if reason:
        line = _line(batch, incoming, "refused", reason=reason, detail=detail)
    elif same is not None:
        integrity.make_whole(same.version_id, content, staged, blobs)  # "already" is said of what is there
        line = _line(batch, incoming, "again" if _delivered_again(same) else "already", same)
    else:
        line = _kept(actor, batch, incoming, path, staged, content, over, base)
    blobs.drop_staged(staged)
    return line


def take_stream(
    actor: Depositor, batch: Deposit, folder: str, name: str, source: BinaryIO, version: str = ""
) -> DepositLine:  # fmt: skip
    """As `take`, of what comes in one piece."""
    blobs = blob_store()
    staged, content = blobs.stage_from(source)
    with blobs.used_up(staged):
        return take(actor, batch, Incoming(folder, name, content.size, version=version), staged, content)


def line_of(actor: Depositor, client: Client, document: Document) -> DepositLine:
    """The line of a document that is there, whose line a loss of power may have prevented."""
    found = DepositLine.objects.filter(document=document, version_id=document.version_id).first()
    if found is not None:
        return found
    given = Incoming("", paths.name(document.path), document.size)
    return _line(begin(actor, client, document.version_id), given, "stored", document)


def _kept(
    actor: Depositor,
    batch: Deposit,
    incoming: Incoming,
    path: str,
    staged: Staged,
    content: Content,
    over: Document | None,
    base: int,
) -> DepositLine:
    """`over`: the document it is a new version of, whose version `base` the person saw. Beside it when that is another's by now."""
    client = batch.client
    if over is not None and over.version == base:
        item = PutItem(client.id, over.path, content, doc=over.id, version=base, modified=incoming.modified)
        arrival = Arrival(item, content, staged)
        (result,) = deposit(actor, [arrival]).results
        if result.ok and result.doc is not None:
            over.refresh_from_db()
            return _line(batch, incoming, "version" if arrival.staged is None else "already", over)
        if result.reason != "changed":
            return _line(batch, incoming, "refused", reason=result.reason, detail=result.detail)
    for _ in range(5):  # somebody may take the same name in between
        free = naming.second_name(path, lambda p: is_taken(client, p)) if is_taken(client, path) else path
        item = PutItem(client.id, free, content, modified=incoming.modified)
        arrival = Arrival(item, content, staged, incoming.version)
        (result,) = deposit(actor, [arrival]).results
        if result.ok and result.doc is not None:
            document = Document.objects.get(id=result.doc.id)  # the same content may have come in between
            stored = "stored" if over is None else "beside"
            return _line(batch, incoming, stored if arrival.staged is None else "already", document)
        if result.reason != "taken":
            return _line(batch, incoming, "refused", reason=result.reason, detail=result.detail)
    return _line(batch, incoming, "refused", reason="name_collision")


def _delivered_again(document: Document) -> bool:
    """Whether the cabinet had removed it on its side: it gets it once more."""
    with publishing(document.client.cabinet_id) as feed:
        return bool(deliver_again([document], feed))


def _same_content(client: Client, folder: str, content: Content) -> Document | None:
    inside = Document.objects.filter(client=client, tombstone="", sha256=content.sha256, size=content.size)
    return next((d for d in inside if paths.key(paths.parent(d.path)) == paths.key(folder)), None)


def _line(
    batch: Deposit, incoming: Incoming, outcome: str, document: Document | None = None, *, reason: str = "", detail: str = ""
) -> DepositLine:  # fmt: skip
    with writing(batch.cabinet_id):
        Deposit.objects.filter(id=batch.id).update(last_at=datetime.now(UTC))
        return DepositLine.objects.create(
            deposit=batch, document=document, version_id=document.version_id if document else "",
            given=incoming.name, path=document.path if document else "", size=incoming.size, outcome=outcome,
            reason=reason, detail=detail[:200], item=incoming.item if document else "",
        )  # fmt: skip


# -- by a command --------------------------------------------------------------------------------------------------------


def deposit_file(actor: Actor, client: Client, path: str, source: BinaryIO, modified: float | None = None) -> Result:
    """Store a document at `path`; on a live one a new version. Names Windows cannot hold are made safe. `modified`: the
    file's own date (core.modified_dates).

    The result's document carries the final path; a refusal carries its reason code. Raises BadPath.
    """
    rules = rules_of(client)
    try:
        path = _spelled(rules, path)
    except BadPath as e:
        if e.reason != "too_long":
            raise
        return Result("refused", e.reason)
    if BUILTIN.anywhere(path):
        return Result("refused", "bad_name", TEMPORARY)
    blobs = blob_store()
    staged, content = blobs.stage_from(source)
    with blobs.used_up(staged):
        live = Document.objects.filter(client=client, key=paths.key(path), tombstone="").first()
        over, version = (live.id, live.version) if live else (None, 0)
        item = PutItem(client.id, path, content, doc=over, version=version, modified=modified)
        (result,) = deposit(actor, [Arrival(item, content, staged)]).results
        if live is not None and result.ok and Content(live.size, bytes(live.sha256)) == content:
            _delivered_again(live)
        return result


def _spelled(rules: ClientRules, path: str) -> str:
    """As the portal keeps it: NFC, parts that Windows can hold, the client's own folder under its own spelling. Raises BadPath."""
    path = safe_path(paths.check(path))
    top = rules.tops().get(paths.key(paths.top(path)))
    return top + path[len(paths.top(path)) :] if top else path


def safe_path(path: str) -> str:
    """Every part as Windows can hold it (RULES 4): the new name is shown to the person."""
    return "/".join(naming.windows_safe(p) if naming.windows_fault(p) else p for p in path.split("/"))
