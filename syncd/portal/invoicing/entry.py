"""The one way to a company's quotes and invoices: `enter`, which asks for the right. What it gives is of that company alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.db.models import QuerySet

from syncd.portal.models import Client
from syncd.portal.models.sales import (
    SalesAct,
    SalesArticle,
    SalesCustomer,
    SalesDocument,
    SalesKey,
    SalesLogo,
    SalesProfile,
    SalesSeries,
)
from syncd.portal.people.visibility import again
from syncd.portal.private_space import spaces
from syncd.portal.records.feed import writing
from syncd.portal.rights import READING, Key, Person, Verb, may_in_private


class Level(StrEnum):
    """READ: see what there is; DRAFT: prepare, customers, articles; ISSUE: give numbers, send, settings."""

    READ = "read"
    DRAFT = "draft"
    ISSUE = "issue"


VERBS: Mapping[Level, frozenset[Verb]] = {
    Level.READ: READING, Level.DRAFT: READING | {Verb.DEPOSIT}, Level.ISSUE: READING | {Verb.DEPOSIT, Verb.MANAGE},
}  # fmt: skip
ASKED = {Level.READ: Verb.VIEW, Level.DRAFT: Verb.DEPOSIT, Level.ISSUE: Verb.MANAGE}


@dataclass(frozen=True, slots=True)
class Sales:
    """A company's quotes and invoices, entered by `actor`. `manages`: the private space, and so who may what here."""

    client: Client
    actor: Person
    key: Key
    manages: bool

    def may(self, level: Level) -> bool:
        return may_in_private(self.actor, ASKED[level], self.key)

    @property
    def documents(self) -> QuerySet[SalesDocument]:
        return SalesDocument.objects.of_client(self.client.id)

    @property
    def customers(self) -> QuerySet[SalesCustomer]:
        return SalesCustomer.objects.of_client(self.client.id)

    @property
    def articles(self) -> QuerySet[SalesArticle]:
        return SalesArticle.objects.of_client(self.client.id)

    @property
    def series(self) -> QuerySet[SalesSeries]:
        return SalesSeries.objects.of_client(self.client.id)

    @property
    def profiles(self) -> QuerySet[SalesProfile]:
        return SalesProfile.objects.of_client(self.client.id)

    @property
    def logos(self) -> QuerySet[SalesLogo]:
        return SalesLogo.objects.of_client(self.client.id)

    @property
    def keys(self) -> QuerySet[SalesKey]:
        return SalesKey.objects.of_client(self.client.id)

    @property
    def acts(self) -> QuerySet[SalesAct]:
        return SalesAct.objects.of_client(self.client.id)

    def note(self, what: str, about: str = "") -> None:
        """In the company's own trail, in the transaction of what it tells of."""
        act = SalesAct(client=self.client, at=datetime.now(UTC), by=self.actor.name, what=what, about=about[:400])
        act.save(force_insert=True)


def key_of(actor: Person, client: Client) -> tuple[Key | None, bool]:
    """What the actor may there, and whether that comes of managing the private space."""
    private = spaces.key_of(actor, client)
    if private is not None and Verb.MANAGE in private.verbs and not private.voided:
        return private, True
    held = SalesKey.objects.of_person(actor.id).filter(client=client).select_related("user").first()
    if held is None:
        return None, False
    verbs = VERBS.get(Level(held.level), frozenset()) if held.level in list(Level) else frozenset()
    voided = spaces.is_void(held.user, held.at)
    return Key(client.cabinet_id, client.id, held.user_id, verbs, voided, client.closed), False


def enter(actor: Person, client: Client, level: Level = Level.READ) -> Sales:
    """Raises Refusal to everybody without a key that lets them."""
    if actor.role.of_cabinet or actor.cabinet != client.cabinet_id:  # nothing is asked, and nothing takes time
        spaces.refuse()
    key, manages = key_of(actor, client)
    if key is None or not may_in_private(actor, ASKED[level], key):
        spaces.refuse()
    return Sales(client, actor, key, manages)


@contextmanager
def changing(actor: Person, client: Client, level: Level) -> Iterator[Sales]:
    """One transaction behind the cabinet's lock, in which the right is asked again. Nothing of it comes into the feed."""
    with writing(client.cabinet_id):
        now = again(actor)
        client.refresh_from_db(fields=["closed"])
        yield enter(now, client, level)


def places_of(actor: Person) -> list[Client]:
    """The companies whose quotes and invoices the actor may see."""
    if actor.role.of_cabinet:
        return []
    mine = Client.objects.filter(id__in=actor.clients, cabinet=actor.cabinet).order_by("name")
    return [client for client in mine if actor.reaches(client.id) and _enters(actor, client)]


def _enters(actor: Person, client: Client) -> bool:
    key, _manages = key_of(actor, client)
    return key is not None and may_in_private(actor, Verb.VIEW, key)


def has_place(actor: Person) -> bool:
    """Whether the menu shows it."""
    return bool(places_of(actor))
