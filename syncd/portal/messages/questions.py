"""What is said about one document: questions, answers, the cabinet's own notes."""

from __future__ import annotations

from collections.abc import Collection

from syncd.portal.messages.entries import Said, append
from syncd.portal.messages.threads import thread_of
from syncd.portal.models import Document, Thread
from syncd.portal.people.visibility import messages
from syncd.portal.records.feed import writing
from syncd.portal.rights import Actor, Person, may_write_messages


def say(actor: Actor, document: Document, said: Said, told: Collection[str] | None = None) -> Thread:
    """Into the document's thread, which is made where there is none. Raises Refusal, as `entries.append`."""
    with writing(actor.cabinet):
        thread = thread_of(actor, document)
        append(actor, thread, said, told)
    return thread


def about(actor: Person, document: Document) -> Thread | None:
    """The document's thread as far as the actor may read it."""
    found = Thread.objects.filter(messages(actor), document=document, last__gt=0)
    return found.select_related("client", "document").first()


def may_say(actor: Actor, document: Document) -> bool:
    """Whether the actor, who sees the document, may write about it."""
    return may_write_messages(actor, document.client_id, document.kind, document.client.closed)


def asked_of(actor: Person, client: str, most: int) -> list[Thread]:
    """Threads in which the other side waits for an answer, the oldest question first; `client`: its id, '' of all. One query."""
    other = "company" if actor.role.of_cabinet else "cabinet"
    found = Thread.objects.filter(messages(actor), cabinet_id=actor.cabinet, question="asked", asked_by=other)
    if client:
        found = found.filter(client_id=client)
    return list(found.select_related("client", "document").defer("client__rules").order_by("shared_at")[:most])
