"""Who of a company may see, prepare and issue its quotes and invoices: whoever manages its private space gives it. Nobody else does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from syncd.portal.invoicing.entry import Level, changing, enter
from syncd.portal.models import Client, User
from syncd.portal.models.sales import SalesAct, SalesKey
from syncd.portal.private_space import spaces
from syncd.portal.rights import Person, Role

TRAIL = 100


@dataclass(frozen=True, slots=True)
class Holder:
    """A person of the company. `level`: '' without a key; `voided`: it has to be given again."""

    user: User
    level: str
    voided: bool


def holders(actor: Person, client: Client) -> list[Holder]:
    """Raises Refusal to whoever does not manage the private space."""
    sales = enter(actor, client, Level.ISSUE)
    if not sales.manages:
        spaces.refuse()
    keys = {k.user_id: k for k in sales.keys}
    found = []
    for user in _people(client):
        key = keys.get(user.id)
        voided = key is not None and spaces.is_void(user, key.at)
        found.append(Holder(user, key.level if key else "", voided))
    return found


def _people(client: Client) -> list[User]:
    sides = [r.value for r in Role if not r.of_cabinet]
    mine = User.objects.filter(grants__client=client, role__in=sides, is_active=True, cabinet_id=client.cabinet_id)
    return list(mine.distinct().order_by("folded", "id"))


def trail(actor: Person, client: Client) -> list[SalesAct]:
    """What was done there last, for whoever manages the private space. Raises Refusal."""
    sales = enter(actor, client, Level.ISSUE)
    if not sales.manages:
        spaces.refuse()
    return list(sales.acts.order_by("-at", "-id")[:TRAIL])


def give(actor: Person, client: Client, user_id: str, level: str) -> None:
    """Of a person of the company: `level`, or '' to take it back. Raises Refusal."""
    with changing(actor, client, Level.ISSUE) as sales:
        user = next((u for u in _people(client) if u.id == user_id), None)
        if not sales.manages or user is None or (level and level not in list(Level)):
            spaces.refuse()
        sales.keys.filter(user=user).delete()
        if level:
            SalesKey(client=client, user=user, level=level, by=sales.actor.name, at=datetime.now(UTC)).save(
                force_insert=True
            )
        sales.note(f"key_{level or 'none'}", str(user))
