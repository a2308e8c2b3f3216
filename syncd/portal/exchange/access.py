"""A client's packages as rights see them, and the one way to a package: `one`, which asks for the right."""

from __future__ import annotations

from enum import StrEnum

from syncd.core.folder_rules import ClientRules, Direction
from syncd.core.private_space import KIND as PRIVATE
from syncd.portal.clients.tree import not_here, rules_of
from syncd.portal.models import Client, ExchangePackage
from syncd.portal.people.visibility import again
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import Exchange, Person, Verb, may_exchange


class State(StrEnum):
    """Of one that is made: ASKED, MADE, NOTHING (to send), FAILED. Of one that came: CAME, until the engine said what it is, LOOKED,
    UNKNOWN_KEY, REFUSED; PART: some of its folders were dealt with; DEALT, DISCARDED."""

    ASKED = "asked"
    MADE = "made"
    NOTHING = "nothing"
    FAILED = "failed"
    CAME = "came"
    LOOKED = "looked"
    UNKNOWN_KEY = "unknown_key"
    REFUSED = "refused"
    PART = "part"
    DEALT = "dealt"
    DISCARDED = "discarded"


WAITING = (State.CAME, State.LOOKED, State.UNKNOWN_KEY, State.REFUSED, State.PART)


def kinds_of(client: Client, rules: ClientRules | None = None) -> frozenset[str]:
    """Of all its folders that cross: documents of each may be in a package. `rules`: the client's, where they are at hand."""
    rules = rules or rules_of(client)
    crossing = (r for r in rules.folders if rules.folder_direction(r.path) is not Direction.NONE)
    return frozenset(r.kind for r in crossing if r.kind != PRIVATE)


def exchange_of(client: Client, package: ExchangePackage | None = None, rules: ClientRules | None = None) -> Exchange:
    """`package`: what may be in it, may be of kinds that the client has no folder of by now."""
    before = frozenset(package.kinds) if package is not None else frozenset()
    return Exchange(client.cabinet_id, client.id, kinds_of(client, rules) | before, client.closed)


def may_see(actor: Person, client: Client, rules: ClientRules | None = None) -> bool:
    return may_exchange(actor, Verb.VIEW, exchange_of(client, None, rules))


def entering(actor: Person, client: Client, verb: Verb) -> Person:
    """The actor as it is now, within the transaction that writes. Raises Refusal."""
    now = again(actor)
    client.refresh_from_db(fields=["closed", "rules", "direction"])
    if not may_exchange(now, verb, exchange_of(client)):
        raise not_here(client)
    return now


def one(actor: Person, package_id: str, verb: Verb = Verb.VIEW) -> ExchangePackage:
    """Raises Refusal where it is not there for the actor."""
    found = ExchangePackage.objects.select_related("client").filter(cabinet=actor.cabinet, id=package_id).first()
    if found is None or not may_exchange(actor, verb, exchange_of(found.client, found)):
        raise Refusal(Code.NO_PACKAGE)
    return found


def changing(actor: Person, package_id: str, verb: Verb, number: int) -> tuple[Person, ExchangePackage]:
    """Within the transaction that writes: the actor, and the package as both are now. `number`: of its orders, as the actor saw it.
    Raises Refusal."""
    now = again(actor)
    package = one(now, package_id, verb)
    if package.number != number or package.act:
        raise Refusal(Code.PACKAGE_OTHERWISE)
    return now, package
