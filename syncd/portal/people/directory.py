"""Who has access, as a list: the people somebody manages, cut by words and filters, in the order a person wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import F, OrderBy, Q, QuerySet

from syncd.core.search_folding import wanted_words
from syncd.portal.models import Grant, Invitation, User
from syncd.portal.people.visibility import manageable
from syncd.portal.rights import Person, Role

CLIENTS, CABINET = "clients", "cabinet"
STATES: Mapping[str, Q] = {
    "never": Q(last_login__isnull=True, is_active=True), "withdrawn": Q(is_active=False), "no_email": Q(email="", is_active=True),
}  # fmt: skip
_LAST, _FIRST = OrderBy(F("last_login"), descending=True, nulls_last=True), OrderBy(F("last_login"), nulls_first=True)
SORTS: Mapping[str, tuple[str | OrderBy, ...]] = {
    "name": ("folded", "id"), "-name": ("-folded", "-id"), "visit": (_LAST, "folded", "id"), "-visit": (_FIRST, "folded", "id"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty fields cut nothing. `side`: CLIENTS or CABINET; `company`: words of a client's name or code; `client`: its code, or those of several."""

    side: str = CLIENTS
    words: str = ""
    state: str = ""
    role: str = ""
    company: str = ""
    client: str = ""
    sort: str = "name"

    @property
    def cuts(self) -> bool:
        return bool(self.words or self.state or self.role or self.company or self.client)


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """What the list is cut by, out of its address; what is not understood counts for nothing."""

    def one(name: str, known: Mapping[str, object] | Sequence[str], otherwise: str = "") -> str:
        return value if (value := query.get(name, "")) in known else otherwise

    def words(name: str) -> str:
        return " ".join(query.get(name, "").split())[:200]

    return Wanted(
        one("side", (CLIENTS, CABINET), CLIENTS), words("q"), one("state", STATES), one("role", [r.value for r in Role]),
        words("company"), words("client"), one("sort", SORTS, "name"),
    )  # fmt: skip


def listed(actor: Person, wanted: Wanted) -> QuerySet[User]:
    """Those of the cabinet with the actor's own account, who is there too."""
    ours = [role.value for role in Role if role.of_cabinet is (wanted.side == CABINET)]
    found = User.objects.filter(manageable(actor) | Q(id=actor.id), role__in=ours)
    for word in wanted_words(wanted.words):
        found = found.filter(Q(folded__contains=word) | Q(id__in=_of_company(word)))
    for word in wanted_words(wanted.company):
        found = found.filter(id__in=_of_company(word))
    if wanted.client:
        held = Grant.objects.filter(client__cabinet_id=actor.cabinet, client__code__in=wanted.client.split())
        found = found.filter(id__in=held.values("user"))
    if wanted.state:
        found = found.filter(STATES[wanted.state])
    if wanted.role:
        found = found.filter(role=wanted.role)
    return found.order_by(*SORTS[wanted.sort])


def counts(actor: Person) -> dict[str, int]:
    """How many people each side's list holds."""
    return {side: listed(actor, Wanted(side)).count() for side in (CLIENTS, CABINET)}


def whole(actor: Person, wanted: Wanted) -> list[str]:
    """Ids of all that the list holds, but the actor's own."""
    found = listed(actor, replace(wanted, sort="name")).exclude(id=actor.id)
    return list(found.values_list("id", flat=True))


def with_codes(users: Sequence[User]) -> set[str]:
    """Ids of those whose printed code still holds."""
    good = Invitation.objects.filter(user__in=users, kind="card", expires_at__gt=datetime.now(UTC))
    return set(good.values_list("user_id", flat=True))


def _of_company(word: str) -> QuerySet[Grant, Any]:
    return Grant.objects.filter(client__folded__contains=word).values("user")
