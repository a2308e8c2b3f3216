"""Who of both sides is told of a thread: chosen among those who may read it, and never who may."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Q

from syncd.portal.models import Client, Thread, ThreadEntry, ThreadReader, User
from syncd.portal.people.audience import holders
from syncd.portal.people.visibility import person_of
from syncd.portal.rights import Actor, Person, Role, Verb, allows, may_read_messages

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
    company, cabinet = _of_company(client, kind), _of_cabinet(client, kind)
    contacts = [u for u in company if u.role == Role.CONTACT]
    responsible = [u for u in cabinet if u.id == client.responsible_id]
    return [*(contacts or company), *(responsible or cabinet)]


def _of_company(client: Client, kind: str) -> list[User]:
    return [
        user for user, kinds in holders([client])[client.id] if user.is_active and allows(kinds, Verb.MESSAGE, kind)
    ]


def _of_cabinet(client: Client, kind: str) -> list[User]:
    named = Q(role=Role.CORRESPONDENT) | Q(id=client.responsible_id or "")
    found = User.objects.filter(named, cabinet_id=client.cabinet_id, is_active=True, role__in=OF_CABINET)
    return [u for u in found.order_by("folded") if may_read_messages(person_of(u), client.id, kind)]


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
