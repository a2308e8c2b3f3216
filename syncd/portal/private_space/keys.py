"""Who of a company may enter its private space: whoever opened it, and whom those with a key that manages let in. Nobody of the
cabinet gives a key, or learns who holds one."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from syncd.portal.models import Client, User
from syncd.portal.models.private_space import PrivateFolder, PrivateKey, PrivateSpace, name_key
from syncd.portal.people import throttle
from syncd.portal.people.invitations import new_code, printed
from syncd.portal.people.visibility import again, person_of
from syncd.portal.private_space.spaces import changing, enter, is_void, key_of, note, refuse, space_of
from syncd.portal.records.feed import alone
from syncd.portal.refusals import Code, Refusal
from syncd.portal.rights import READING, Person, Role, Verb, may_in_private, may_open_private

WORK = READING | {Verb.DEPOSIT, Verb.DELETE}
LEVELS: Mapping[str, frozenset[Verb]] = {"read": READING, "work": WORK, "manage": WORK | {Verb.MANAGE}}
TRIES, REST = 10, 900


@dataclass(frozen=True, slots=True)
class Holder:
    """A person of the company. `level`: one of LEVELS, '' without a key; `voided`: it has to be given again."""

    user: User
    level: str
    by: str
    at: datetime | None
    voided: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How the actor stands to a company's space. `opened_by` '': there is none. `voided`: there was a key, which holds no more."""

    opened_by: str
    opened_at: datetime | None
    may_open: bool
    voided: bool
    recovers: bool


def standing(actor: Person, client: Client) -> Standing:
    """For people of the company. Raises Refusal to others, and to those whom none of it concerns."""
    if actor.role.of_cabinet or not actor.reaches(client.id):
        refuse()
    space, key = space_of(client), key_of(actor, client)
    opens = may_open_private(actor, client.id, client.closed)
    if key is None and not opens:
        refuse()
    voided = key is not None and key.voided
    recovers = voided and key is not None and Verb.MANAGE in key.verbs and not client.closed
    at = space.opened_at if space else None
    return Standing(space.opened_by if space else "", at, opens and space is None, voided, recovers)


@alone
def open_space(actor: Person, client: Client) -> str:
    """The first key, which manages, and what recovers it: nobody can read that again. Raises Refusal."""
    now = again(actor)
    client.refresh_from_db(fields=["closed"])
    if not may_open_private(now, client.id, client.closed):
        refuse()
    if space_of(client) is not None:
        raise Refusal(Code.PRIVATE_OPENED)
    at, recovery = datetime.now(UTC), new_code()
    root = PrivateFolder(client=client, inside="", name="", key=name_key(""))
    root.save(force_insert=True)
    PrivateSpace(
        client=client, root=root.id, recovery=_digest(recovery), opened_by=now.name, opened_at=at
    ).save(force_insert=True)  # fmt: skip
    PrivateKey(client=client, user_id=now.id, verbs=_text(LEVELS["manage"]), by=now.name, at=at).save(force_insert=True)
    note(now, client, "opened")
    return recovery


def recover(actor: Person, client: Client, code: str) -> str:
    """The actor's own key holds again; what recovers from now on. Guesses are braked. Raises Refusal."""
    if not standing(actor, client).recovers:
        refuse()
    if throttle.beyond("private_recovery", client.id, TRIES, REST):
        raise Refusal(Code.TOO_MANY_GUESSES)
    return _recovered(actor, client, code)


@alone
def _recovered(actor: Person, client: Client, code: str) -> str:
    client.refresh_from_db(fields=["closed"])
    space = space_of(client)
    if space is None or not standing(again(actor), client).recovers:
        refuse()
    if not secrets.compare_digest(space.recovery, _digest(printed(code))):
        raise Refusal(Code.PRIVATE_RECOVERY_WRONG)
    fresh = _renewed(client)
    PrivateKey.objects.within(client.id).filter(user_id=actor.id).update(at=datetime.now(UTC))
    note(actor, client, "recovered")
    return fresh


def renew(actor: Person, client: Client) -> str:
    """What recovers from now on; the one before is void. Raises Refusal."""
    with changing(actor, client, Verb.MANAGE) as space:
        fresh = _renewed(client)
        space.note("recovery_made")
        return fresh


def _renewed(client: Client) -> str:
    fresh = new_code()
    PrivateSpace.objects.within(client.id).update(recovery=_digest(fresh))
    return fresh


def recovers(actor: Person, client: Client, code: str) -> bool:
    """Whether that is still what recovers there. Raises Refusal to whoever may not manage."""
    enter(actor, client, Verb.MANAGE)
    space = space_of(client)
    return space is not None and secrets.compare_digest(space.recovery, _digest(code))


def holders(actor: Person, client: Client) -> list[Holder]:
    """The people of the company, with what each may. Raises Refusal to whoever may not manage."""
    space = enter(actor, client, Verb.MANAGE)
    keys = {k.user_id: k for k in space.keys}
    found = []
    for user in _people(client):
        key = keys.get(user.id)
        voided = key is not None and is_void(user, key.at)
        found.append(
            Holder(user, level_of(key.verbs) if key else "", key.by if key else "", key.at if key else None, voided)
        )
    return found


def _people(client: Client) -> Sequence[User]:
    sides = [r.value for r in Role if not r.of_cabinet]
    mine = User.objects.filter(grants__client=client, role__in=sides, is_active=True, cabinet_id=client.cabinet_id)
    return list(mine.distinct().order_by("folded", "id"))


def level_of(verbs: str) -> str:
    held = set(verbs.split())
    return "manage" if "manage" in held else "work" if "deposit" in held else "read"


def give(actor: Person, client: Client, user_id: str, level: str) -> None:
    """Of a person of the company: `level`, or '' to take the key back. Somebody always manages. Raises Refusal."""
    with changing(actor, client, Verb.MANAGE) as space:
        user = next((u for u in _people(client) if u.id == user_id), None)
        if user is None or (level and level not in LEVELS):
            refuse()
        if level != "manage" and not any(_manages(k.user, client) for k in space.keys.exclude(user=user)):
            raise Refusal(Code.PRIVATE_LAST_KEY)
        space.keys.filter(user=user).delete()
        if level:
            PrivateKey(
                client=client, user=user, verbs=_text(LEVELS[level]), by=space.actor.name, at=datetime.now(UTC)
            ).save(force_insert=True)  # fmt: skip
        space.note(f"key_{level or 'none'}", str(user))


def _manages(user: User, client: Client) -> bool:
    """Now: with a key that holds, and still of the company."""
    person = person_of(user)
    key = key_of(person, client)
    return key is not None and may_in_private(person, Verb.MANAGE, key)


def _text(allowed: frozenset[Verb]) -> str:
    return " ".join(sorted(allowed))


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
