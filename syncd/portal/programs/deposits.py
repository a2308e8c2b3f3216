"""A program deposits a document: by the way that people's take, under a word of its own by which it may safely be repeated."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction

from syncd.core import paths
from syncd.core.content import Content
from syncd.portal import server_database
from syncd.portal.clients.tree import place_of, rules_of
from syncd.portal.documents import deposit as deposits
from syncd.portal.documents.deposit import Incoming
from syncd.portal.models import Client, DepositLine
from syncd.portal.models.programs import ProgramRequest
from syncd.portal.people.visibility import again
from syncd.portal.programs.documents import client_of
from syncd.portal.programs.keys import EMITTER
from syncd.portal.records import audit
from syncd.portal.records.feed import writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Program, Scope, Verb, may
from syncd.portal.storage import blob_store
from syncd.portal.storage.port import Staged

KEPT = timedelta(days=30)  # how long a word is remembered


@dataclass(frozen=True, slots=True)
class Wanted:
    """`word`: what repeats it; `emitter` '': the key's own. `incoming.folder` '': where what nobody filed lies."""

    code: str
    incoming: Incoming
    word: str
    emitter: str = ""

    def digest(self, content: Content) -> str:
        said = (self.code, self.incoming.folder, self.incoming.name, self.emitter, content.sha256.hex())
        return hashlib.sha256("\0".join(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Taken:
    """`repeated`: the same was asked before, and this is what came of it then. `path` '': it was refused, or lies where the key does
    not see it."""

    line: DepositLine
    path: str
    repeated: bool


def check(actor: Program, wanted: Wanted) -> tuple[Client, tuple[str, str]]:
    """The client, and (reason, detail) why it will not be taken, whatever its bytes are. Raises Refusal."""
    if Scope.DEPOSIT not in actor.scopes:
        raise Refusal(Code.NOT_ALLOWED_HERE)
    if wanted.emitter and not EMITTER.fullmatch(wanted.emitter):
        raise Refusal(Code.EMITTER_MALFORMED, text=wanted.emitter)
    client = client_of(actor, wanted.code)
    return client, deposits.refusal(actor, client, rules_of(client), _filed(client, wanted.incoming))


_AT_WORK: set[tuple[str, str]] = set()
_LOCK = threading.Lock()


@contextlib.contextmanager
def alone_with(actor: Program, word: str) -> Iterator[bool]:
    """Whether no other request of this word is being finished: what is asked twice at once is made once."""
    which = (actor.id, word)
    with _LOCK:
        own = which not in _AT_WORK
        if own:
            _AT_WORK.add(which)
    if not own:
        yield False
        return
    try:
        with server_database.alone_with(f"word {actor.id} {word}") as own:
            yield own
    finally:
        with _LOCK:
            _AT_WORK.discard(which)


def asked_before(actor: Program, word: str) -> bool:
    return ProgramRequest.objects.filter(program=actor.id, word=word).exists()


def take(actor: Program, wanted: Wanted, staged: Staged, content: Content) -> Taken:
    """What arrived, stored. `staged` is used up, but when this cannot be done now. Raises Refusal, Refused."""
    actor = again(actor)
    client, (reason, _) = check(actor, wanted)
    digest = wanted.digest(content)
    before = ProgramRequest.objects.select_related("line__document").filter(program=actor.id, word=wanted.word).first()
    if before is not None:
        if before.digest != digest:
            raise Refusal(Code.WORD_USED)
        blob_store().drop_staged(staged)
        return Taken(before.line, _path(actor, before.line), repeated=True)
    batch = deposits.begin(actor, client, wanted.word)
    line = deposits.take(actor, batch, _filed(client, wanted.incoming), staged, content)
    with writing(actor.cabinet):
        DepositLine.objects.filter(id=line.id).update(emitter=wanted.emitter or actor.emitter)
        if not reason and line.outcome != "refused":
            _remember(actor, wanted.word, digest, line)
        if batch.lines.order_by("id").values_list("id", flat=True).first() == line.id:
            audit.record(actor, "program_deposit", f"{client.code} {batch.number}")
    return Taken(line, _path(actor, line), repeated=False)


def _remember(actor: Program, word: str, digest: str, line: DepositLine) -> None:
    try:
        with transaction.atomic():
            ProgramRequest.objects.create(
                program_id=actor.id, word=word, digest=digest, line=line, at=datetime.now(UTC)
            )  # fmt: skip
    except IntegrityError:  # the same at the same time: the content was there, and is said so
        return


def _path(actor: Program, line: DepositLine) -> str:
    """Where it lies now. Of content that was there already its place is told to whoever may read it."""
    document = line.document
    if document is None or document.tombstone:
        return ""
    reader = replace(actor, scopes=frozenset({Scope.READ})) if line.outcome in DepositLine.STORED else actor
    return document.path if may(reader, Verb.VIEW, place_of(document)) else ""


def _filed(client: Client, incoming: Incoming) -> Incoming:
    """What names no folder comes into that for what nobody filed."""
    if incoming.folder:
        return incoming
    inboxes: Sequence[str] = [r.path for r in rules_of(client).folders if r.kind == "inbox"]
    return Incoming(inboxes[0] if inboxes else "", paths.name(incoming.name), incoming.size, incoming.modified)


def prune() -> None:
    ProgramRequest.objects.filter(at__lt=datetime.now(UTC) - KEPT).delete()
