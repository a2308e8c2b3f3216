"""Who of both sides is told of a thread: chosen among those who may read it, and never who may."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q

from syncd.portal.models import Client, Thread, ThreadEntry, ThreadReader, User
from syncd.portal.people.audience import holders
from syncd.portal.people.visibility import person_of
from syncd.portal.rights import Actor, Kinds, Person, Role, Verb, allows, may_read_messages

OF_CABINET = tuple(r.value for r in Role if r.of_cabinet)


def interlocutors(actor: Actor, client: Client, kind: str) -> list[User]:
    """Whom one may choose to tell: of the company whoever reads such threads, of the cabinet the client's responsible and
    the correspondents, in the order of their names. `kind`: of folders.
    """
    return sorted(
        [*_of_company(client, kind), *_of_cabinet(client, kind)], key=lambda u: (u.role in OF_CABINET, u.folded)
    )


def usual(actor: Actor, client: Client, kind: str) -> list[User]:
    """Who is told where nobody chose: the company's contacts, else all of its readers; the client's responsible, else
    the correspondents.
    """
    return _usual(client, _of_company(client, kind), _of_cabinet(client, kind))


def usual_of_each(wanted: Sequence[tuple[Client, str]]) -> dict[tuple[str, str], list[str]]:
    """By client's id and kind: ids of who is told where nobody chose, as `usual`. Three queries for a cabinet's clients."""
    clients = list({c.id: c for c, _kind in wanted}.values())
    held, people = holders(clients), _cabinets_people(clients)
    persons = {u.id: person_of(u) for u in people}
    found = {}
    for client, kind in wanted:
        company = _readers(held[client.id], kind)
        cabinet = [u for u in people if _is_named(u, client) and may_read_messages(persons[u.id], client.id, kind)]
        found[client.id, kind] = [u.id for u in _usual(client, company, cabinet)]
    return found


def _usual(client: Client, company: list[User], cabinet: list[User]) -> list[User]:
    contacts = [u for u in company if u.role == Role.CONTACT]
    responsible = [u for u in cabinet if u.id == client.responsible_id]
    return [*(contacts or company), *(responsible or cabinet)]


def _of_company(client: Client, kind: str) -> list[User]:
    return _readers(holders([client])[client.id], kind)


def _readers(held: Iterable[tuple[User, Kinds]], kind: str) -> list[User]:
    return [user for user, kinds in held if user.is_active and allows(kinds, Verb.MESSAGE, kind)]


def _of_cabinet(client: Client, kind: str) -> list[User]:
    found = [u for u in _cabinets_people([client]) if _is_named(u, client)]
    return [u for u in found if may_read_messages(person_of(u), client.id, kind)]


def _cabinets_people(clients: Sequence[Client]) -> list[User]:
    """Who is responsible for any of them, and the correspondents."""
    named = Q(role=Role.CORRESPONDENT) | Q(id__in={c.responsible_id for c in clients if c.responsible_id})
    cabinets = {c.cabinet_id for c in clients}
    found = User.objects.filter(named, cabinet_id__in=cabinets, is_active=True, role__in=OF_CABINET)
    return list(found.order_by("folded"))


def _is_named(user: User, client: Client) -> bool:
    named = user.role == Role.CORRESPONDENT or user.id == client.responsible_id
    return user.cabinet_id == client.cabinet_id and named


def tell(actor: Actor, thread: Thread, entry: ThreadEntry, kind: str, told: Collection[str] | None) -> None:
    """Those who are told of the thread see that there is more to read. In the caller's transaction, which holds the thread.

    `kind`: by whose rights it is read. `told`: as in `entries.append`; None of a thread that begins: those who usually are.
    """
    if told is None and entry.number == 1:
        told = [u.id for u in usual(actor, thread.client, kind)]
    if told is not None:
        _choose(actor, thread, kind, told)
    mine, rows = actor.id if isinstance(actor, Person) else "", ThreadReader.objects.filter(thread=thread)
    if mine:
        _write(thread, [mine])
        rows.filter(user=mine).update(read=entry.number, unread=False, mail_since=None)
    others = rows.filter(told=True).exclude(user=mine)
    if entry.internal:
        others = others.filter(user__role__in=OF_CABINET)
    others.update(unread=True)
    others.filter(mail_since=None).update(mail_since=entry.at)


def _choose(actor: Actor, thread: Thread, kind: str, told: Collection[str]) -> None:
    """Of the people one may choose those, and nobody else; who wrote stays told. What a company says is always told to
    somebody of the cabinet.
    """
    client = thread.client
    wanted = [u for u in interlocutors(actor, client, kind) if u.id in told]
    if actor.origin == "company" and not any(u.role in OF_CABINET for u in wanted):
        wanted += [u for u in usual(actor, client, kind) if u.role in OF_CABINET]
    wrote = thread.entries.exclude(user=None).values_list("user_id", flat=True).distinct()
    kept = {*(u.id for u in wanted), *wrote}
    gone = ThreadReader.objects.filter(thread=thread, told=True).exclude(user__in=kept)
    gone.update(told=False, unread=False, mail_since=None)
    _write(thread, [u.id for u in wanted])


def _write(thread: Thread, users: Iterable[str]) -> None:
    """They are told of it from now on."""
    wanted, rows = set(users), ThreadReader.objects.filter(thread=thread)
    there = set(rows.filter(user__in=wanted).values_list("user_id", flat=True))
    rows.filter(user__in=there, told=False).update(told=True)
    ThreadReader.objects.bulk_create(ThreadReader(thread=thread, user_id=u, told=True) for u in sorted(wanted - there))
