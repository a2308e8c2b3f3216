"""`may(actor, verb, place)`: the one rule of who may do what. Default deny. Pure: `people.visibility` loads its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from syncd.core.folder_rules import ClientRules, Direction
from syncd.core.private_space import KIND as PRIVATE
from syncd.portal.actors import (
    CABINET_PRESETS,
    EVERYTHING,
    FETCHED,
    FORMER_PRESETS,
    NOTHING,
    PRESETS,
    READING,
    REST,
    TO_DOCUMENTS,
    Actor,
    Connector,
    Depositor,
    Engine,
    Kinds,
    Operator,
    Person,
    Program,
    Reader,
    Role,
    Scope,
    Verb,
    allows,
    meet,
    to_documents,
    with_messages,
    within,
)


class Fate(StrEnum):
    """What became of a document. `deleted`: by the company; `removed`: by the cabinet or its engine; `withdrawn`: published
    by the cabinet and taken back."""

    LIVE = "live"
    DELETED = "deleted"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Place:
    """A folder as rights see it: whose it is, its client's rules. Without `client` no person has any right there.

    `closed`: its client is switched off, and there all is read and nothing changed, by nobody."""

    cabinet: str
    rules: ClientRules
    folder: str
    client: str = ""
    closed: bool = False


def left_to_company(fate: Fate) -> frozenset[Verb]:
    """What may be left of a company's rights on a document: the line of what the cabinet deleted, nothing of what it withdrew."""
    if fate is Fate.WITHDRAWN:
        return frozenset()
    return frozenset({Verb.VIEW}) if fate is Fate.REMOVED else frozenset(Verb)


def may(actor: Actor, verb: Verb, place: Place, fate: Fate = Fate.LIVE) -> bool:
    """`place`: the folder in question; `fate`: of the document in it, where it is about one. To restore is to DELETE one that
    is not live: who may delete may undo."""
    if actor.cabinet != place.cabinet or not place.folder or (place.closed and verb not in READING):
        return False
    if actor.origin == "company" and verb not in left_to_company(fate):
        return False
    direction, rule = place.rules.folder_direction(place.folder), place.rules.rule(place.folder)
    if direction is Direction.NONE or rule is None or rule.kind == PRIVATE:  # outside the tree, too
        return False
    match actor:
        case Program():  # what is put where nothing is taken would never arrive at the cabinet
            reached = fate is Fate.LIVE and _in_key(actor, place)
            return reached and allows(actor.held, verb, rule.kind) and (verb is not Verb.DEPOSIT or direction.takes)
        case Engine():
            return verb not in (Verb.MANAGE, Verb.MESSAGE) and not place.rules.is_withheld(place.folder)
        case Operator():
            return True
        case Connector():
            return verb is Verb.DEPOSIT and actor.client == place.client and direction.takes and rule.kind in FETCHED
        case Person():
            if not actor.role.of_cabinet and (verb is Verb.MANAGE or (verb is Verb.DEPOSIT and not direction.takes)):
                return False  # what a company puts where nothing is taken would never arrive
            return allows(actor.kinds(place.client), verb, rule.kind)


def _in_key(program: Program, place: Place) -> bool:
    """Whether a key reaches the folder at all: its client, its kind, what is restricted or kept from machines."""
    rule = place.rules.rule(place.folder)
    named = rule is not None and rule.kind in program.folder_kinds and (program.restricted or not rule.restricted)
    return named and program.reaches(place.client) and not place.rules.is_withheld(place.folder)


def may_refer(actor: Actor, place: Place, fate: Fate = Fate.LIVE) -> bool:
    """Say which accounting entries a document belongs to: whoever of the cabinet works in its folder; a program whose key
    says so, without reading it."""
    if isinstance(actor, Program):
        reading = replace(actor, scopes=frozenset({Scope.READ}))
        return Scope.REFERENCE in actor.scopes and not place.closed and may(reading, Verb.VIEW, place, fate)
    return actor.origin != "company" and may(actor, Verb.DEPOSIT, place, fate)


def may_ask_deletion(person: Person, place: Place) -> bool:
    """Whether the person may ask the cabinet to delete what lies there, and take the request back."""
    rule = place.rules.rule(place.folder)
    return (
        rule is not None
        and not place.closed
        and may(person, Verb.VIEW, place)
        and not may(person, Verb.DELETE, place)
        and allows(person.asks.get(place.client, NOTHING), Verb.DELETE, rule.kind)
    )


def may_read_messages(actor: Actor, client: str, kind: str) -> bool:
    """What is said of a client's folders of this kind; `client`: of the actor's cabinet. No engine reads it."""
    match actor:
        case Person():
            return allows(actor.kinds(client), Verb.MESSAGE, kind)
        case Operator():
            return True
    return False


def may_write_messages(actor: Actor, client: str, kind: str, closed: bool) -> bool:
    """`closed`: the client is switched off, and nothing more is said there."""
    return not closed and may_read_messages(actor, client, kind)


def may_note(actor: Actor, client: str, kind: str, closed: bool) -> bool:
    """Write what the cabinet alone reads."""
    return actor.origin == "cabinet" and may_write_messages(actor, client, kind, closed)


def may_treat(actor: Actor, place: Place, used: bool) -> bool:
    """Tick « Traité »: where the cabinet uses it, its people who work in that folder."""
    return used and isinstance(actor, Person) and actor.role.of_cabinet and may(actor, Verb.DEPOSIT, place)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something that a cabinet asks a company for: documents of a `kind` of folder. `closed`: its client is switched off."""

    cabinet: str
    client: str
    kind: str
    closed: bool = False


def may_with_wanted(actor: Actor, verb: Verb, wanted: Wanted) -> bool:
    """VIEW: know that it is asked for; DEPOSIT: answer it; MANAGE: ask for it, refuse an answer, close it, which the cabinet's
    people do who work in folders of that kind. No other verb."""
    if not isinstance(actor, Person) or actor.cabinet != wanted.cabinet or (wanted.closed and verb is not Verb.VIEW):
        return False
    kinds = actor.kinds(wanted.client)
    match verb:
        case Verb.VIEW | Verb.DEPOSIT:
            return allows(kinds, Verb.VIEW, wanted.kind) and allows(kinds, verb, wanted.kind)
        case Verb.MANAGE:
            return actor.role.of_cabinet and allows(kinds, Verb.DEPOSIT, wanted.kind)
    return False


@dataclass(frozen=True, slots=True)
class Exchange:
    """A client's exchange packages. `kinds`: of all folders that cross; `closed`: the client is switched off."""

    cabinet: str
    client: str
    kinds: frozenset[str]
    closed: bool = False


def may_exchange(actor: Actor, verb: Verb, exchange: Exchange) -> bool:
    """VIEW, DOWNLOAD: see, take away. DEPOSIT: have one made, hand one in; MANAGE: say what becomes of one that came, which the cabinet's
    people do. All kinds or nothing: a package is not cut to anybody's measure. No other verb."""
    fine = actor.cabinet == exchange.cabinet and not (exchange.closed and verb not in READING)
    if not isinstance(actor, Person) or verb in (Verb.DELETE, Verb.MESSAGE):
        return fine and isinstance(actor, Engine) and verb in READING | {Verb.DEPOSIT}
    needed, held = READING if verb in READING else READING | {Verb.DEPOSIT}, actor.kinds(exchange.client)
    whole = bool(exchange.kinds) and all(allows(held, v, kind) for v in needed for kind in exchange.kinds)
    return fine and whole and (verb is not Verb.MANAGE or actor.role.of_cabinet)


def may_manage_client(actor: Actor, client: str) -> bool:
    """Its card, its tree, its people, and agreement to what the synchronisation would do there; `client`: of the cabinet."""
    match actor:
        case Person():
            return actor.role.of_cabinet and allows(actor.kinds(client), Verb.MANAGE, REST)
        case Operator():
            return actor.origin == "cabinet"
    return False


def may_connect_platform(actor: Actor, client: str, closed: bool) -> bool:
    """Have a client's invoices fetched from its approved platform, say how, and see what came of it: whoever manages the client."""
    return not closed and may_manage_client(actor, client)


def may_see_platform(actor: Actor, client: str) -> bool:
    """Know that they are fetched: whoever reaches the client."""
    return isinstance(actor, Person) and actor.reaches(client)


def may_see_dates(actor: Person, client: str, kind: str) -> bool:
    """A client's legal dates, each with the kind of folder that its documents lie in: whoever may view that kind."""
    return allows(actor.kinds(client), Verb.VIEW, kind)


def may_read_hidden_dates(actor: Actor, client: str) -> bool:
    """See also what the cabinet took out of a client's calendar: its people who work in the client."""
    return isinstance(actor, Person) and actor.role.of_cabinet and allows(actor.kinds(client), Verb.DEPOSIT, REST)


def may_keep_dates(actor: Actor, client: str, closed: bool) -> bool:
    """Add events and comments, move, hide and tick dates of a client: the same people. `closed`: it is switched off."""
    return not closed and may_read_hidden_dates(actor, client)


def may_note_dates(actor: Actor, client: str, closed: bool) -> bool:
    """Add the company's own notes: its people, all of them. `closed`: as of `may_keep_dates`."""
    return not closed and isinstance(actor, Person) and not actor.role.of_cabinet and actor.reaches(client)


def may_manage_cabinet(actor: Actor) -> bool:
    """Keys of engines, the look, passes of everything: the cabinet's correspondents, and its operator."""
    match actor:
        case Person():
            return actor.role is Role.CORRESPONDENT
        case Operator():
            return actor.origin == "cabinet"
    return False


def may_change_card(actor: Actor, client: str, granted: bool) -> bool:
    """Change a client's card. `granted`: the cabinet's engine was given that right, for this client or for all."""
    if isinstance(actor, Program):
        return may_read_card(actor, client)
    return granted if isinstance(actor, Engine) else may_manage_client(actor, client)


def may_read_card(actor: Program, client: str) -> bool:
    return Scope.CARDS in actor.scopes and actor.reaches(client)


def may_create_clients(actor: Actor, granted: bool) -> bool:
    """`granted`: the cabinet's engine was given the right to all cards."""
    return granted if isinstance(actor, Engine) else may_manage_cabinet(actor)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's account as rights see it. `above`: ids of those it was created below, nearest first."""

    cabinet: str
    id: str
    role: Role
    above: tuple[str, ...]
    clients: frozenset[str]


def may_manage_account(person: Person, account: Account) -> bool:
    """See, change, revoke: one's own subtree, the people of companies one manages; correspondents everybody. Never oneself."""
    if person.cabinet != account.cabinet or person.id == account.id:
        return False
    if person.id in account.above or person.role is Role.CORRESPONDENT:
        return True
    if account.role.of_cabinet:
        return False
    return bool(account.clients) and all(may_manage_client(person, c) for c in account.clients)


def may_allow(person: Person, account: Account, revoked_by: Account | None) -> bool:
    """Give back an access that was taken away: whoever took it, or somebody above; of whom nobody knows, a correspondent."""
    if not may_manage_account(person, account):
        return False
    if person.role is Role.CORRESPONDENT:  # nobody is above
        return True
    return revoked_by is not None and (person.id == revoked_by.id or may_manage_account(person, revoked_by))


def may_let_in(person: Person, account: Account, settled: bool) -> bool:
    """Hold what lets one choose the account's password, or change the address that is sent to. Once it is `settled`, that is
    of a person who chose one, never an equal's: who may revoke a colleague may not become that colleague."""
    return may_manage_account(person, account) and (not settled or account.role is not Role.CORRESPONDENT)


def may_grant(person: Person, role: Role, clients: Mapping[str, Kinds]) -> bool:
    """Whether `person` may create, or change, somebody of `role` with these rights: a subset of what is held."""
    if role.of_cabinet:
        return role in person.role.below and all(within(k, person.kinds(c)) for c, k in clients.items())
    if person.role.of_cabinet:
        return bool(clients) and all(may_manage_client(person, c) and within(k, person.kinds(c)) for c, k in clients.items())  # fmt: skip
    return role in person.role.below and bool(clients) and all(within(k, person.grants(c)) for c, k in clients.items())


@dataclass(frozen=True, slots=True)
class Key:
    """What a person was given in a company's private space. `voided`: since then somebody else could have chosen the password."""

    cabinet: str
    client: str
    person: str
    verbs: frozenset[Verb]
    voided: bool = False
    closed: bool = False


def may_in_private(actor: Actor, verb: Verb, key: Key) -> bool:
    """In a company's private space: people of the company alone, each with a key of their own. MANAGE: give and take keys."""
    if not isinstance(actor, Person) or actor.role.of_cabinet or key.voided or (key.closed and verb not in READING):
        return False
    own = actor.cabinet == key.cabinet and actor.id == key.person and actor.reaches(key.client)
    return own and verb in key.verbs


def may_open_private(actor: Actor, client: str, closed: bool) -> bool:
    """Open the private space of a company that has none: its contacts, who hold the first key then."""
    return isinstance(actor, Person) and actor.role is Role.CONTACT and not closed and actor.reaches(client)


__all__ = [
    "CABINET_PRESETS",
    "EVERYTHING",
    "FETCHED",
    "FORMER_PRESETS",
    "NOTHING",
    "PRESETS",
    "READING",
    "REST",
    "TO_DOCUMENTS",
    "Account",
    "Actor",
    "Connector",
    "Depositor",
    "Engine",
    "Fate",
    "Key",
    "Kinds",
    "Operator",
    "Person",
    "Place",
    "Program",
    "Reader",
    "Role",
    "Scope",
    "Verb",
    "Wanted",
    "allows",
    "left_to_company",
    "may",
    "may_allow",
    "may_ask_deletion",
    "may_change_card",
    "may_connect_platform",
    "may_create_clients",
    "may_grant",
    "may_in_private",
    "may_keep_dates",
    "may_let_in",
    "may_manage_account",
    "may_manage_cabinet",
    "may_manage_client",
    "may_note",
    "may_note_dates",
    "may_open_private",
    "may_read_card",
    "may_read_hidden_dates",
    "may_read_messages",
    "may_refer",
    "may_see_dates",
    "may_see_platform",
    "may_treat",
    "may_with_wanted",
    "may_write_messages",
    "meet",
    "to_documents",
    "with_messages",
    "within",
]  # fmt: skip
