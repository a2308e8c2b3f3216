"""Threads of a client: begun or gone on with, listed, read, looked through."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from syncd.core import paths
from syncd.core.plain_text import one_line
from syncd.core.search_folding import fold, wanted_words
from syncd.portal.clients.tree import KINDS, not_here
from syncd.portal.messages.entries import Said, append
from syncd.portal.models import Client, Document, Thread, ThreadEntry, ThreadReader, ThreadReading
from syncd.portal.people.visibility import again, messages, visible
from syncd.portal.records.feed import alone, writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Actor, Person, may_write_messages

GENERAL = "other"  # the kind of what is about no folder in particular
SUBJECT = 120


def subjects_of(actor: Actor, client: Client) -> list[str]:
    """Kinds of folders of which the actor may begin a thread with the client, what is general first."""
    kinds = (GENERAL, *(k for k in KINDS if k != GENERAL))
    return [k for k in kinds if may_write_messages(actor, client.id, k, client.closed)]


def open_thread(actor: Actor, client: Client, subject: str, kind: str = GENERAL) -> Thread:
    """The client's thread of that subject and kind, made where there is none: one thread per client and subject, however
    it is spelled. It is there for others from its first entry on, which belongs into the same transaction. Raises
    Refusal: no right to write there, no subject.
    """
    actor, said = again(actor), one_line(subject, SUBJECT)
    if (
        actor.cabinet != client.cabinet_id
        or kind not in KINDS
        or not may_write_messages(actor, client.id, kind, client.closed)
    ):
        raise not_here(client)
    if not said:
        raise Refusal(Code.NO_SUBJECT)
    return made(actor, client, said, kind, None)


@alone
def begin(
    actor: Actor, client: Client, subject: str, kind: str, said: Said, told: Collection[str] | None = None
) -> Thread:
    """As `open_thread`, with what is said first in it, as `entries.append`. Raises Refusal."""
    thread = open_thread(actor, client, subject, kind)
    append(actor, thread, said, told)
    return thread


def thread_of(actor: Actor, document: Document) -> Thread:
    """The one thread about this document, made where there is none, as `open_thread`. Raises Refusal."""
    actor = again(actor)
    client = document.client
    fine = may_write_messages(actor, client.id, document.kind, client.closed)
    if isinstance(actor, Person):
        fine = fine and Document.objects.filter(visible(actor), id=document.id).exists()
    if actor.cabinet != client.cabinet_id or not fine:
        raise not_here(client)
    return made(actor, client, one_line(paths.name(document.path)), document.kind, document)


def made(actor: Actor, client: Client, subject: str, kind: str, document: Document | None) -> Thread:
    """The thread, of who was asked whether they may."""
    by = {"folded": fold(subject)[:400], "kind": kind, "document": None} if document is None else {"document": document}
    found = Thread.objects.filter(client=client, **by)
    if (there := found.first()) is not None:
        return there
    try:
        with transaction.atomic():  # somebody else may make it at the same moment
            return Thread.objects.create(
                cabinet_id=client.cabinet_id, client=client, subject=subject, kind=kind, document=document, by=actor.name,
                origin=actor.origin, created_at=(now := datetime.now(UTC)), last_at=now,
            )  # fmt: skip
    except IntegrityError:
        return found.get()


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a list of threads is cut. `client`: its id, '' of all. `unread`: those alone that the person has not read and is
    told of; `asked`: with an open question. `after`: the id of the thread that the page before ended with.
    """

    words: str = ""
    client: str = ""
    unread: bool = False
    asked: bool = False
    after: str = ""


def listed(actor: Person, wanted: Wanted) -> QuerySet[Thread]:
    """The threads that the actor may read, the last written in first. Words are looked for in subjects, and in what is
    said there and the actor may see. Cut by what `after` says, and by nobody's counting: a page is its first rows.
    """
    found = Thread.objects.filter(messages(actor), cabinet_id=actor.cabinet, last__gt=0)
    moment = "last_at" if actor.role.of_cabinet else "shared_at"
    if wanted.client:
        found = found.filter(client_id=wanted.client)
    if wanted.unread:
        found = found.filter(Exists(ThreadReader.objects.filter(thread=OuterRef("pk"), user=actor.id, unread=True)))
    if wanted.asked:
        found = found.filter(question="asked")
    for word in wanted_words(wanted.words):
        said = ThreadEntry.objects.filter(shown(actor), thread=OuterRef("pk"), folded__contains=word)
        found = found.filter(Q(folded__contains=word) | Exists(said))
    last = found.filter(id=wanted.after).values_list(moment, "id").first() if wanted.after else None
    if last is not None:
        found = found.filter(Q(**{f"{moment}__lt": last[0]}) | Q(**{moment: last[0]}, id__lt=last[1]))
    return found.order_by(f"-{moment}", "-id")


def shown(actor: Person) -> Q:
    """Of a thread's entries, which the actor may read: those that the actor sees."""
    return Q() if actor.role.of_cabinet else Q(internal=False)


def unread(actor: Person, most: int = 100) -> int:
    """How many threads hold something new that the actor is told of; `most`: where counting ends. One query, of unread ones."""
    mine = ThreadReader.objects.filter(user=actor.id, unread=True).values("thread")
    return Thread.objects.filter(messages(actor), id__in=mine)[:most].count()


def unread_among(actor: Person, threads: Sequence[Thread]) -> set[str]:
    """By id, of these threads. One query."""
    rows = ThreadReader.objects.filter(user=actor.id, unread=True, thread__in=[t.id for t in threads])
    return set(rows.values_list("thread_id", flat=True))


def saw(actor: Person, thread: Thread) -> None:
    """The actor has the thread's end, as it was read, before their eyes: no mail tells of it, and nothing is unread any
    more but what came since.
    """
    upto = thread.last if actor.role.of_cabinet else thread.shared
    if not upto or ThreadReading.objects.filter(thread=thread, user=actor.id, number__gte=upto).exists():
        return
    with writing(actor.cabinet):
        now = Thread.objects.select_for_update().get(id=thread.id)
        reader, _ = ThreadReader.objects.get_or_create(thread=thread, user_id=actor.id)
        reader.read = max(reader.read, upto)
        if upto == (now.last if actor.role.of_cabinet else now.shared):
            reader.unread, reader.mail_since = False, None
        reader.save(update_fields=["read", "unread", "mail_since"])
        ThreadReading.objects.create(
            thread=thread, user_id=actor.id, by=actor.name, origin=actor.origin, number=upto, at=datetime.now(UTC)
        )
