"""The one way to the rows of a private space: `enter`, which asks for the right. What it gives is of that client alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from django.db.models import QuerySet

from syncd.portal.models import Client, User
from syncd.portal.models.private_space import (
    PrivateAct,
    PrivateDocument,
    PrivateFolder,
    PrivateKey,
    PrivateSpace,
    PrivateVersion,
)
from syncd.portal.people.visibility import again, verbs
from syncd.portal.records.feed import writing
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Key, Person, Verb, may_in_private, may_open_private


@dataclass(frozen=True, slots=True)
class Space:
    """A client's private space, entered by `actor`. Only `enter` and `changing` make one."""

    client: Client
    actor: Person
    key: Key
    root: str

    def may(self, verb: Verb) -> bool:
        return may_in_private(self.actor, verb, self.key)

    @property
    def documents(self) -> QuerySet[PrivateDocument]:
        return PrivateDocument.objects.within(self.client.id)

    @property
    def folders(self) -> QuerySet[PrivateFolder]:
        return PrivateFolder.objects.within(self.client.id)

    @property
    def versions(self) -> QuerySet[PrivateVersion]:
        return PrivateVersion.objects.within(self.client.id)

    @property
    def keys(self) -> QuerySet[PrivateKey]:
        return PrivateKey.objects.within(self.client.id)

    @property
    def acts(self) -> QuerySet[PrivateAct]:
        return PrivateAct.objects.within(self.client.id)

    def note(self, what: str, about: str = "") -> None:
        """In the company's own trail, in the transaction of what it tells of."""
        note(self.actor, self.client, what, about)


def note(actor: Person, client: Client, what: str, about: str = "") -> None:
    PrivateAct(client=client, at=datetime.now(UTC), by=actor.name, what=what, about=about[:400]).save(force_insert=True)


def refuse() -> NoReturn:
    """As if there were none."""
    raise Refusal(Code.NOT_ALLOWED_HERE)


def space_of(client: Client) -> PrivateSpace | None:
    return PrivateSpace.objects.within(client.id).first()


def key_of(actor: Person, client: Client) -> Key | None:
    """What the actor was given there, whether it still holds or not."""
    held = PrivateKey.objects.of_person(actor.id).filter(client=client).select_related("user").first()
    if held is None:
        return None
    return Key(
        client.cabinet_id, client.id, held.user_id, verbs(held.verbs), is_void(held.user, held.at), client.closed
    )


def is_void(user: User, given_at: datetime) -> bool:
    """Whether somebody else could have let themselves in as the user since the key was given."""
    return user.let_in_at is not None and user.let_in_at >= given_at


def enter(actor: Person, client: Client, verb: Verb = Verb.VIEW) -> Space:
    """Raises Refusal to everybody without a key that lets them."""
    if actor.role.of_cabinet or actor.cabinet != client.cabinet_id:  # nothing is asked, and nothing takes time
        refuse()
    key, space = key_of(actor, client), space_of(client)
    if key is None or space is None or not may_in_private(actor, verb, key):
        refuse()
    return Space(client, actor, key, space.root)


def still(actor: Person, client: Client) -> bool:
    """Whether a long answer to the actor may go on."""
    try:
        enter(again(actor), client, Verb.DOWNLOAD)
    except Refusal:
        return False
    return True


@contextmanager
def changing(actor: Person, client: Client, verb: Verb) -> Iterator[Space]:
    """One transaction, in which the right is asked again. Nothing of it comes into the feed. Raises Refusal."""
    with writing(client.cabinet_id):
        now = again(actor)
        client.refresh_from_db(fields=["closed"])
        yield enter(now, client, verb)


def places_of(actor: Person) -> list[Client]:
    """The companies whose private space has anything to say to the actor: who holds a key there, or may open one."""
    if actor.role.of_cabinet:
        return []
    held = set(PrivateKey.objects.of_person(actor.id).values_list("client_id", flat=True))
    return [
        client
        for client in Client.objects.filter(id__in=actor.clients, cabinet=actor.cabinet).order_by("name")
        if actor.reaches(client.id) and (client.id in held or may_open_private(actor, client.id, client.closed))
    ]


def has_place(actor: Person) -> bool:
    """Whether the menu shows it: one question at most."""
    if actor.role.of_cabinet or not any(actor.reaches(c) for c in actor.clients):
        return False
    if any(may_open_private(actor, c, closed=False) for c in actor.clients):
        return True
    return PrivateKey.objects.of_person(actor.id).filter(client__in=actor.clients).exists()
