"""What is added to a thread: one entry at a time, which nobody changes or takes away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from syncd.core.plain_text import many_lines
from syncd.core.search_folding import fold
from syncd.portal.clients.tree import not_here
from syncd.portal.messages import recipients
from syncd.portal.models import Deposit, Document, Thread, ThreadEntry
from syncd.portal.people.visibility import again, messages
from syncd.portal.records import audit
from syncd.portal.records.feed import writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor, Person, may_note, may_write_messages

LONGEST = 20_000  # characters
TWICE = timedelta(minutes=2)
FOUND = 4_000  # of them those that a search looks at


class Kind(StrEnum):
    """`question`: asked by one side about the thread's document, until the other side writes or it is withdrawn."""

    MESSAGE = "message"
    DEPOSIT = "deposit"
    REQUEST = "request"
    ANSWER = "answer"
    SYSTEM = "system"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry is to hold. `text`: plain, in lines, at most LONGEST characters; may be empty for a receipt.

    `internal`: the cabinet alone is to see it. `document`: what it is about, of the thread's client. `deposit`: whose
    receipt it is. `ref`: what else it is about, by the id in its own table (a request, a line of one), at most 64
    characters; a page makes a link of it, by `kind`.
    """

    kind: Kind
    text: str
    internal: bool = False
    document: Document | None = None
    deposit: Deposit | None = None
    ref: str = ""


def append(actor: Actor, thread: Thread, said: Said, told: Collection[str] | None = None) -> ThreadEntry:
    """Adds an entry at the thread's end, and says so to those who are told of it: on their pages at once, and by mail.

    `actor`: whoever says it (of the clock: an Operator with the cabinet's name). `told`: ids of users who are told of
    this thread from now on, in place of those who were; those who may not read it are left out; None: as it was. Whoever
    writes is told of the answers. What a person says twice within TWICE, with nothing in between, is one entry, which is
    given back. Of two at once both are kept, one after the other. In a transaction of its own or the caller's; `thread` is
    as it is in the database afterwards. Raises Refusal: no right to write there (or to read any longer), the client is
    switched off, nothing is said, it is too long, or the document is another client's.
    """
    with writing(actor.cabinet):
        held = Thread.objects.select_for_update(of=("self",)).select_related("client").get(id=thread.id)
        actor, kind = again(actor), kind_of(held)
        _check(actor, held, kind, said)
        now, text = datetime.now(UTC), many_lines(said.text, LONGEST)
        if (struck := _struck_twice(actor, held, said, text, now)) is not None:
            return struck
        entry = ThreadEntry.objects.create(
            thread=held, number=held.last + 1, kind=said.kind, internal=said.internal, text=text, folded=fold(text[:FOUND]),
            user_id=actor.id if isinstance(actor, Person) else None, by=actor.name, origin=actor.origin, at=now,
            document=said.document, deposit=said.deposit, ref=said.ref,
        )  # fmt: skip
        held.last, held.last_at = entry.number, now
        if not said.internal:
            held.shared, held.shared_at = entry.number, now
            held.question, held.asked_by = _question(held, entry)
        held.save(update_fields=["last", "last_at", "shared", "shared_at", "question", "asked_by"])
        recipients.tell(actor, held, entry, kind, told)
        audit.record(actor, "message_note" if said.internal else "message", f"{held.client.code} {held.subject}")
    for name in ("last", "last_at", "shared", "shared_at", "question", "asked_by"):
        setattr(thread, name, getattr(held, name))
    return entry


def _struck_twice(actor: Actor, thread: Thread, said: Said, text: str, now: datetime) -> ThreadEntry | None:
    """The thread's last entry, where the actor wrote these very words in it a moment ago: a button that was struck twice."""
    if not isinstance(actor, Person) or said.deposit is not None:
        return None
    last = thread.entries.filter(number=thread.last, user=actor.id, deposit=None, at__gt=now - TWICE).first()
    same = last is not None and (last.kind, last.text, last.internal, last.ref) == (
        said.kind,
        text,
        said.internal,
        said.ref,
    )
    return last if same else None


def _check(actor: Actor, thread: Thread, kind: str, said: Said) -> None:
    client, document = thread.client, said.document
    may = (may_note if said.internal else may_write_messages)(actor, client.id, kind, client.closed)
    if actor.cabinet != thread.cabinet_id or not may or not _reads(actor, thread):
        raise not_here(client)
    if document is not None and document.client_id != client.id:
        raise Refusal(Code.NO_DOCUMENT, code=client.code, path=document.id)
    if len(said.text) > LONGEST:
        raise Refusal(Code.MESSAGE_LONG, most=LONGEST)
    if not many_lines(said.text, LONGEST) and said.deposit is None:
        raise Refusal(Code.NOTHING_SAID)


def _reads(actor: Actor, thread: Thread) -> bool:
    """A person: also of one in which the cabinet alone has said anything so far, of which the kind is known to be right."""
    if not isinstance(actor, Person):
        return True
    return Thread.objects.filter(messages(actor, begun=False), id=thread.id).exists()


def kind_of(thread: Thread) -> str:
    """Of the folders by whose rights it is read: a document's as it is now."""
    if thread.document_id is None:
        return thread.kind
    return Document.objects.values_list("kind", flat=True).get(id=thread.document_id)


def _question(thread: Thread, entry: ThreadEntry) -> tuple[str, str]:
    """What the thread's question is once the entry stands."""
    if entry.kind == Kind.QUESTION:
        return "asked", entry.origin
    if thread.question == "asked" and entry.kind in (Kind.MESSAGE, Kind.ANSWER) and entry.origin != thread.asked_by:
        return "answered", thread.asked_by
    return thread.question, thread.asked_by
