"""Clients switched off and on together, by the template their tree came from. Nothing is moved or deleted by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from syncd.portal.language import counted
from syncd.portal.models import Cabinet, Client, Document
from syncd.portal.people.visibility import managing_cabinet
from syncd.portal.records import audit
from syncd.portal.records.feed import publishing
from syncd.portal.rights import Actor


@dataclass(frozen=True, slots=True)
class Concerned:
    """What switching would be about; `phrase` is what a person types to say that this very number is meant."""

    clients: list[Client]
    documents: int
    people: int
    phrase: str


def templates_used(cabinet: Cabinet) -> list[tuple[str, int]]:
    """(name, clients) of every template, '' for trees whose origin is not known."""
    return list(
        Client.objects.filter(cabinet=cabinet).values_list("template").annotate(n=Count("id")).order_by("template")
    )


def concerned(cabinet: Cabinet, template: str | None, *, off: bool, codes: Sequence[str] | None = None) -> Concerned:
    """`template` None: every client; `codes`: of these alone. Those that are as wanted already are left out."""
    found: QuerySet[Client] = Client.objects.filter(cabinet=cabinet, closed=not off).order_by("code")
    if template is not None:
        found = found.filter(template=template)
    if codes is not None:
        found = found.filter(code__in=codes)
    clients = list(found.only("id", "code", "name"))
    ids = found.values("id")
    documents = Document.objects.filter(client__in=ids, tombstone="").count()
    people = Client.objects.filter(id__in=ids, grants__user__is_active=True).values("grants__user").distinct().count()
    phrase = f"{_('désactiver') if off else _('activer')} {counted(len(clients), 'client', 'clients')}"
    return Concerned(clients, documents, people, phrase)


def switch(actor: Actor, clients: Sequence[Client], *, off: bool, called: str) -> None:
    """All of them or, when something fails, none. On again, the next run compares both sides, as after any pause.

    `called`: what the actor chose, as the audit names it. Raises Refusal.
    """
    ids = [c.id for c in clients]
    with publishing(actor.cabinet) as feed:
        actor = managing_cabinet(actor)
        Client.objects.filter(cabinet=actor.cabinet, id__in=ids).update(closed=off)
        audit.record(actor, "clients_closed" if off else "clients_opened", called)
        for client in ids:
            feed.client(client)
            if not off:
                feed.relist(client)
