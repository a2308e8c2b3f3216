"""A signed-in person with everything the person may: own rights cut by those of everybody above (revocation cascades)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TypeVar

from django.contrib.auth import get_user
from django.db.models import Exists, OuterRef, Q

from syncd.core.errors import AlreadyRunning, Refused
from syncd.core.private_space import KIND as PRIVATE
from syncd.portal.models import (
    Cabinet,
    Client,
    Document,
    EngineToken,
    FlowConnection,
    Grant,
    Portfolio,
    ProgramKey,
    User,
)
from syncd.portal.people.session_store import SessionStore
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import (
    EVERYTHING,
    NOTHING,
    READING,
    Account,
    Actor,
    Connector,
    Engine,
    Fate,
    Kinds,
    Operator,
    Person,
    Program,
    Reader,
    Role,
    Scope,
    Verb,
    allows,
    left_to_company,
    may_change_card,
    may_create_clients,
    may_manage_cabinet,
    may_manage_client,
    meet,
)

_Who = TypeVar("_Who", Person, Engine, Operator, Program, Connector, Actor)
STILL = "syncd.still"  # in a request: whom a page leaves to be asked, in a thread, whether its long answer may go on
FIELDS = ("all", "client", "site", "group", "sector", "responsible")


def above(user: User) -> list[User]:
    """The user and those whose subtree it is in, nearest first."""
    chain = [user]
    while chain[-1].parent_id is not None and len(chain) < 10:
        parent = chain[-1].parent
        assert parent is not None
        chain.append(parent)
    return chain


def in_force(user: User) -> bool:
    """Whether the account's access stands: neither its own was taken away, nor that of anybody above."""
    return all(u.is_active for u in above(user))


def person_of(user: User) -> Person:
    chain, role = above(user), Role(user.role)
    person = Person(user.cabinet_id, user.id, str(user), role)
    if not all(u.is_active for u in chain):
        return person
    if role is Role.CORRESPONDENT:
        return Person(user.cabinet_id, user.id, str(user), role, everywhere=EVERYTHING)
    grants = list(Grant.objects.filter(user__in=chain))
    if role.of_cabinet:
        return _of_cabinet(person, chain, grants)
    clients: dict[str, Kinds] = {}
    for n, one in enumerate(chain):
        held: defaultdict[str, dict[str, frozenset[Verb]]] = defaultdict(dict)
        for g in grants:
            if g.user_id == one.id and g.client_id is not None:
                held[g.client_id][g.kind] = verbs(g.verbs)
        clients = dict(held) if n == 0 else {c: meet(k, held.get(c, NOTHING)) for c, k in clients.items()}
    asking = set(Client.objects.filter(id__in=clients, client_delete="request").values_list("id", flat=True))
    asks = {client: clients[client] for client in asking}
    for client in asking:  # the template says so: the cabinet deletes, when it is asked to
        clients[client] = {kind: allowed - {Verb.DELETE} for kind, allowed in clients[client].items()}
    return Person(user.cabinet_id, user.id, str(user), role, clients, asks=asks)


def again(actor: _Who) -> _Who:
    """The actor as it is now, within the transaction that writes: much may have been taken back while a body came in.

    Raises Refused of a key that was revoked or has ended, AlreadyRunning when another engine has the lease by now.
    """
    if isinstance(actor, Person):
        user = User.objects.filter(id=actor.id, is_active=True).first()
        if user is None:
            return Person(actor.cabinet, actor.id, actor.name, actor.role, address=actor.address)
        return replace(person_of(user), address=actor.address)
    if isinstance(actor, Connector):  # switched off since: it may nothing
        on = FlowConnection.objects.filter(client=actor.client, on=True).exists()
        return actor if on else replace(actor, client="")
    if isinstance(actor, Engine):
        if actor.key and not EngineToken.objects.filter(id=actor.key, revoked_at__isnull=True).exists():
            raise Refused("token", "The key is unknown or was revoked.")
        if actor.lease is not None and not Cabinet.objects.filter(id=actor.cabinet, lease_number=actor.lease).exists():
            raise AlreadyRunning("Another engine has taken over.")
    if isinstance(actor, Program):
        return program_of(actor.id, actor.address)
    return actor


def program_of(key: str, address: str) -> Program:
    """The program that holds the key of that id. Raises Refused when the key was revoked, or has ended."""
    held = ProgramKey.objects.filter(id=key, revoked_at__isnull=True).first()
    if held is None:
        raise Refused("key", "The key is unknown or was revoked.")
    if held.expires_at is not None and held.expires_at <= datetime.now(UTC):
        raise Refused("key_ended", "The key has ended: a correspondent of the cabinet makes a new one.")
    lines = [Chosen(*line) for line in held.reach]
    reach: frozenset[str] | None = None
    if all(line.field != "all" for line in lines):
        mine = Client.objects.filter(in_portfolio(lines), cabinet=held.cabinet_id)
        reach = frozenset(mine.values_list("id", flat=True))
    return Program(
        held.cabinet_id, held.id, held.name, frozenset(Scope(s) for s in held.scopes.split()), frozenset(held.kinds.split()),
        reach, held.restricted, held.emitter, address,
    )  # fmt: skip


def managing(actor: Actor, client: Client) -> Actor:
    """The actor as it is now, within the transaction that writes. Raises Refusal when it may not manage the client."""
    actor = again(actor)
    if actor.cabinet != client.cabinet_id or not may_manage_client(actor, client.id):
        raise Refusal(Code.NOT_ALLOWED_HERE)
    return actor


def managing_cabinet(actor: Actor) -> Actor:
    """The same of the cabinet. Raises Refusal."""
    actor = again(actor)
    if not may_manage_cabinet(actor):
        raise Refusal(Code.NOT_ALLOWED_HERE)
    return actor


def changing_card(actor: Actor, client: Client) -> Actor:
    """The same of the client's card, which the cabinet's engine may change where it was given the right. Raises Refusal."""
    actor = again(actor)
    granted = Client.objects.filter(Q(engine_cards=True) | Q(cabinet__engine_cards=True), id=client.id).exists()
    if actor.cabinet != client.cabinet_id or not may_change_card(actor, client.id, granted):
        raise Refusal(Code.NOT_ALLOWED_HERE)
    return actor


def creating_clients(actor: Actor) -> Actor:
    """The same of clients that are not there yet. Raises Refusal."""
    actor = again(actor)
    if not may_create_clients(actor, Cabinet.objects.filter(id=actor.cabinet, engine_cards=True).exists()):
        raise Refusal(Code.NOT_ALLOWED_HERE)
    return actor


def _of_cabinet(person: Person, chain: Sequence[User], grants: Sequence[Grant]) -> Person:
    kinds, clients, whole = EVERYTHING, None, True
    for one in chain:
        if Role(one.role) is Role.CORRESPONDENT:
            continue
        kinds = meet(kinds, {g.kind: verbs(g.verbs) for g in grants if g.user_id == one.id and g.client_id is None})
        lines = list(one.portfolio.all())
        whole = whole and any(line.field == "all" for line in lines)
        mine = frozenset(
            Client.objects.filter(in_portfolio(lines), cabinet=person.cabinet).values_list("id", flat=True)
        )
        clients = mine if clients is None else clients & mine
    held = dict.fromkeys(clients or (), kinds)
    return Person(person.cabinet, person.id, person.name, person.role, held, whole=kinds if whole and held else None)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some clients, as a line of a portfolio says it."""

    field: str
    value: str


def in_portfolio(lines: Iterable[Portfolio | Chosen]) -> Q:
    """Clients that any of the lines names; none without lines."""
    found = Q(pk__in=[])
    for line in lines:
        match line.field:
            case "all":
                return Q()
            case "client":
                found |= Q(id=line.value)
            case "responsible":
                found |= Q(responsible_id=line.value)
            case "site" | "group" | "sector":
                found |= Q(**{line.field: line.value})
    return found


def verbs(text: str) -> frozenset[Verb]:
    return frozenset(Verb(v) for v in text.split())


def account_of(user: User) -> Account:
    clients = frozenset(c for c in user.grants.values_list("client_id", flat=True) if c)
    return Account(user.cabinet_id, user.id, Role(user.role), tuple(u.id for u in above(user)[1:]), clients)


def downloads(session: str, documents: Sequence[str]) -> bool:
    """Whether whoever is signed in by that session still may have all of these documents, by id."""
    user = get_user(SimpleNamespace(session=SessionStore(session)))  # type: ignore[arg-type]
    if not isinstance(user, User):
        return False
    may_have = Document.objects.filter(visible(person_of(user), Verb.DOWNLOAD))
    parts = (documents[n : n + 500] for n in range(0, len(documents), 500))
    return all(may_have.filter(id__in=part).count() == len(part) for part in parts)


def fate_of(document: Document) -> Fate:
    """A deletion of which nobody wrote down whose it was counts as the cabinet's."""
    if not document.tombstone:
        return Fate.LIVE
    if document.withdrawn:
        return Fate.WITHDRAWN
    return Fate.DELETED if document.deleted_origin == "company" else Fate.REMOVED


_FATES = {
    Fate.WITHDRAWN: Q(withdrawn=True),
    Fate.REMOVED: ~Q(tombstone="") & Q(withdrawn=False) & ~Q(deleted_origin="company"),
}


def visible(actor: Reader, verb: Verb = Verb.VIEW) -> Q:
    """The documents of which `may(actor, verb, …)` is true; by client, kind and fate, in one query."""
    found = _placed(actor, verb)
    if isinstance(actor, Program):  # of restricted folders, and of those kept from machines, `may` is asked besides
        found &= Q(tombstone="")
    elif not actor.role.of_cabinet:
        for fate, rows in _FATES.items():
            if verb not in left_to_company(fate):
                found &= ~rows
    return found if verb in READING else found & Q(client__closed=False)


def wanted_items(actor: Person, verb: Verb = Verb.VIEW) -> Q:
    """The items of requests of which `may_with_wanted(actor, verb, …)` is true, in one query; VIEW or DEPOSIT."""
    found = _placed(actor, Verb.VIEW, at="request__")
    if verb is Verb.DEPOSIT:
        found &= _placed(actor, verb, at="request__") & Q(request__client__closed=False)
    return found


def in_seen_kinds(actor: Person, verb: Verb = Verb.VIEW) -> Q:
    """Of documents of clients that a person of the cabinet reaches: those of kinds that `verb` may be done to; one rule holds in
    all its clients. Of a company's person: in one of them, where it has several, what it may in all.
    """
    if actor.alike is not None:
        return _of_kinds(actor.alike, verb)
    held = list(actor.clients.values())
    kinds = held[0] if held else NOTHING
    for other in held[1:]:
        kinds = kinds if other is kinds else meet(kinds, other)
    return _of_kinds(kinds, verb)


def messages(actor: Person, *, begun: bool = True) -> Q:
    """The threads that the actor may read: by client and kind; one about a document by that document's own kind as it is
    now, as long as there is anything of it to be seen. A company sees none of which the cabinet alone has said anything;
    without `begun` those too, for whoever goes on with one.
    """
    general = Q(document__isnull=True) & _placed(actor, Verb.MESSAGE)
    about = Q(document__isnull=False) & _placed(actor, Verb.MESSAGE, "document__")
    about &= _placed(actor, Verb.VIEW, "document__")
    if actor.role.of_cabinet:
        return general | about
    found = general | about & Q(document__withdrawn=False)
    return Q(shared__gt=0) & found if begun else found


def _placed(person: Reader, verb: Verb, of: str = "", at: str = "") -> Q:
    """`of`: by which way from a row to what has a kind, `at`: to what has a client, where that is not the row."""
    mine = Q(**{f"{at}client__cabinet_id": person.cabinet})
    if person.alike is not None:
        return mine & _of_kinds(person.alike, verb, of)
    groups: defaultdict[tuple[tuple[str, frozenset[Verb]], ...], list[str]] = defaultdict(list)
    for client, kinds in person.clients.items():
        groups[tuple(sorted(kinds.items()))].append(client)
    found = Q(pk__in=[])
    for held, clients in groups.items():
        found |= Q(**{f"{at}client_id__in": clients}) & _of_kinds(dict(held), verb, of)
    return mine & found


def _of_kinds(kinds: Kinds, verb: Verb, of: str = "") -> Q:
    named = [k for k in kinds if k != "*"]
    if allows(kinds, verb, "*"):
        return ~Q(**{f"{of}kind__in": ["", PRIVATE, *(k for k in named if not allows(kinds, verb, k))]})
    return Q(**{f"{of}kind__in": [k for k in named if allows(kinds, verb, k)]})


def reached_clients(actor: Reader) -> Q:
    """The clients of which the actor sees anything at all."""
    if isinstance(actor, Program):
        return Q(cabinet_id=actor.cabinet) if actor.reach is None else Q(cabinet_id=actor.cabinet, id__in=actor.reach)
    if actor.alike is not None:
        return Q(cabinet_id=actor.cabinet) if any(actor.alike.values()) else Q(pk__in=[])
    return Q(cabinet_id=actor.cabinet, id__in=[c for c in actor.clients if actor.reaches(c)])


def manageable(actor: Person) -> Q:
    """The accounts of which `may_manage_account(actor, …)` is true, in one query."""
    others = Q(cabinet_id=actor.cabinet) & ~Q(id=actor.id)
    if actor.role is Role.CORRESPONDENT:
        return others
    below = Q(parent_id=actor.id) | Q(parent__parent_id=actor.id) | Q(parent__parent__parent_id=actor.id)
    if not actor.role.of_cabinet:
        return others & below
    mine = [client for client in actor.clients if may_manage_client(actor, client)]
    held = Grant.objects.filter(user=OuterRef("pk"), client__isnull=False)
    companies = Q(role__in=[r.value for r in Role if not r.of_cabinet])
    return others & (below | companies & Q(Exists(held)) & ~Q(Exists(held.exclude(client_id__in=mine))))
