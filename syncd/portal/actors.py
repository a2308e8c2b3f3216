"""Who asks for something, and with what: people, engines, commands, other programs. Values; `rights` decides by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from syncd.core.private_space import KIND as PRIVATE


class Verb(StrEnum):
    VIEW = "view"
    DEPOSIT = "deposit"
    DOWNLOAD = "download"
    DELETE = "delete"
    MANAGE = "manage"
    MESSAGE = "message"  # read and write what is said of such folders


class Role(StrEnum):
    """Cabinet: correspondent → associate → assistant. Company: contact → member."""

    CORRESPONDENT = "correspondent"
    ASSOCIATE = "associate"
    ASSISTANT = "assistant"
    CONTACT = "contact"
    MEMBER = "member"

    @property
    def of_cabinet(self) -> bool:
        return self not in (Role.CONTACT, Role.MEMBER)

    @property
    def below(self) -> tuple[Role, ...]:
        """Roles a person of this one may create in the person's own subtree."""
        if self is Role.CORRESPONDENT:  # equals: nobody alone holds the keys
            return (Role.CORRESPONDENT, Role.ASSOCIATE, Role.ASSISTANT)
        return {Role.ASSOCIATE: (Role.ASSISTANT,), Role.CONTACT: (Role.MEMBER,)}.get(self, ())


Kinds = Mapping[str, frozenset[Verb]]
"""What may be done per folder kind; `*`: every kind that is not named."""

REST = "*"
NOTHING: Kinds = {}
EVERYTHING: Kinds = {REST: frozenset(Verb)}
READING = frozenset({Verb.VIEW, Verb.DOWNLOAD})
TO_DOCUMENTS = frozenset(Verb) - {Verb.MESSAGE}
_FILE, _WORK = READING | {Verb.DEPOSIT}, READING | {Verb.DEPOSIT, Verb.DELETE}

# What may be done with documents; whether its holder also reads and writes messages is said beside (`with_messages`).
PRESETS: Mapping[str, Kinds] = {
    "all": {REST: _WORK},
    "secretary": dict.fromkeys(("purchases", "sales", "bank", "other", "inbox"), _WORK),
    "payroll": {"payroll": _WORK},
    "information": {"information": READING},
    "deposit": {REST: _FILE},
    "read": {REST: READING},
}
FORMER_PRESETS: Mapping[str, Kinds] = {  # what people were given before, and keep until somebody chooses anew
    "secretary_before": dict.fromkeys(("purchases", "sales", "bank", "other"), _WORK),
}
CABINET_PRESETS: Mapping[str, Kinds] = {
    "all": {REST: TO_DOCUMENTS},
    "work": {REST: _WORK},
    "work_without_payroll": {REST: _WORK, "payroll": frozenset()},
    "read": {REST: READING},
}


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine token of one cabinet. `key`: its id, `lease`: the number it writes under, where it is to be asked again."""

    cabinet: str
    name: str = "synchronisation"
    origin: str = "engine"
    key: str = ""
    lease: int | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever runs commands on the portal's own machine, in the name of the cabinet or of a company."""

    cabinet: str
    name: str
    origin: str = "cabinet"


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person. `clients`: kinds by client id; `everywhere`: of every client of the cabinet (correspondents).
    `whole`: the same, where the portfolio is all of the cabinet: no question then names thousands of clients. `asks`: what a
    company's person could delete, were it not for the cabinet to do it when asked (`client_delete`). `address`: where from."""

    cabinet: str
    id: str
    name: str
    role: Role
    clients: Mapping[str, Kinds] = field(default_factory=dict)
    everywhere: Kinds | None = None
    asks: Mapping[str, Kinds] = field(default_factory=dict)
    address: str = ""
    whole: Kinds | None = None

    @property
    def alike(self) -> Kinds | None:
        """What is held of each client of the cabinet, where that is the same by rule; None where it is said client by client."""
        return self.everywhere if self.everywhere is not None else self.whole

    @property
    def origin(self) -> str:
        return "cabinet" if self.role.of_cabinet else "company"

    def kinds(self, client: str) -> Kinds:
        return self.everywhere if self.everywhere is not None else self.clients.get(client, NOTHING)

    def grants(self, client: str) -> Kinds:
        """What the person may hand on: also to delete where one asks for it, which is cut from everybody alike."""
        return self.asks.get(client, self.kinds(client))

    def reaches(self, client: str) -> bool:
        return any(self.kinds(client).values())

    @property
    def reads_messages(self) -> bool:
        """Of any client at all."""
        held = self.clients.values() if self.alike is None else [self.alike]
        return any(Verb.MESSAGE in verbs for kinds in held for verbs in kinds.values())


class Scope(StrEnum):
    """What a key of another program is for."""

    READ = "read"
    DEPOSIT = "deposit"
    REFERENCE = "reference"  # say which accounting entries a document belongs to
    CARDS = "cards"  # read and change clients' cards, read their exercises


SCOPE_VERBS: Mapping[Scope, frozenset[Verb]] = {Scope.READ: READING, Scope.DEPOSIT: frozenset({Verb.DEPOSIT})}


@dataclass(frozen=True, slots=True)
class Program:
    """Another program of the cabinet's, by its key (`id`). `folder_kinds`: named one by one, there is no « all others »; of the
    folders among them that are restricted, with `restricted` alone. `reach`: clients by id, None: every client of the cabinet.
    `emitter`: the code it signs with, where it says no other."""

    cabinet: str
    id: str
    name: str
    scopes: frozenset[Scope] = frozenset()
    folder_kinds: frozenset[str] = frozenset()
    reach: frozenset[str] | None = frozenset()
    restricted: bool = False
    emitter: str = ""
    address: str = ""
    origin: str = "cabinet"

    @property
    def held(self) -> Kinds:
        verbs = frozenset[Verb]().union(*(SCOPE_VERBS.get(scope, frozenset()) for scope in self.scopes))
        return dict.fromkeys(self.folder_kinds, verbs)

    @property
    def alike(self) -> Kinds | None:
        """As of a person: what is held of each client, where the key names none."""
        return self.held if self.reach is None else None

    @property
    def clients(self) -> Mapping[str, Kinds]:
        return dict.fromkeys(self.reach or (), self.held)

    def reaches(self, client: str) -> bool:
        return client != "" and (self.reach is None or client in self.reach)

    def kinds(self, client: str) -> Kinds:
        return self.held if self.reaches(client) else NOTHING


@dataclass(frozen=True, slots=True)
class Connector:
    """What fetches a client's invoices from its approved platform, in the company's name: it deposits, and does nothing else."""

    cabinet: str
    client: str
    name: str
    origin: str = "company"
    id: str = ""


FETCHED = ("purchases", "sales", "inbox")
"""Kinds of folders that it deposits into."""

Actor = Engine | Operator | Person | Program | Connector
Depositor = Person | Connector | Program
Reader = Person | Program  # whom documents are listed for


def allows(kinds: Kinds, verb: Verb, kind: str) -> bool:
    return kind != PRIVATE and verb in kinds.get(kind, kinds.get(REST, frozenset()))


def with_messages(kinds: Kinds, held: Kinds) -> Kinds:
    """The same, with the messages of whatever is seen, as far as who gives it `held` them."""
    return {
        kind: verbs | {Verb.MESSAGE} if Verb.VIEW in verbs and allows(held, Verb.MESSAGE, kind) else verbs
        for kind, verbs in kinds.items()
    }


def to_documents(kinds: Kinds) -> Kinds:
    """The same without the messages."""
    return {kind: verbs & TO_DOCUMENTS for kind, verbs in kinds.items()}


def meet(a: Kinds, b: Kinds) -> Kinds:
    """What both allow: nobody holds more than those above."""
    return {
        kind: a.get(kind, a.get(REST, frozenset())) & b.get(kind, b.get(REST, frozenset()))
        for kind in {*a, *b, REST} }  # fmt: skip


def within(wanted: Kinds, held: Kinds) -> bool:
    """Whether `wanted` grants nothing that `held` does not."""
    return all(
        wanted.get(kind, wanted.get(REST, frozenset())) <= held.get(kind, held.get(REST, frozenset()))
        for kind in {*wanted, *held, REST}
    )
