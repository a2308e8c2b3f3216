"""The cabinet's clients, each with what waits there: cut, in any order; nothing of clients the person does not reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count

from syncd.core.search_folding import fold
from syncd.portal.clients.search import clients_with
from syncd.portal.clients.unfiled import unfiled_documents
from syncd.portal.documents.late_clients import Awaited, awaited, last_deposit
from syncd.portal.models import Client
from syncd.portal.people.visibility import reached_clients
from syncd.portal.rights import Person
from syncd.portal.sync import todo_counts
from syncd.portal.sync.dashboard import NOTHING_YET, State, states

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty fields cut nothing. `responsible`, a person's id; `sort`: one of SORTS, "-" before it the other way round."""

    words: str = ""
    mine: bool = False
    late: bool = False
    look: bool = False
    site: str = ""
    responsible: str = ""
    sort: str = "code"

    @property
    def cuts(self) -> bool:
        return bool(self.words or self.mine or self.late or self.look or self.site or self.responsible)


@dataclass(frozen=True, slots=True)
class Line:
    """`responsible`: whose name; `last`: when the company last put anything there."""

    id: str
    code: str
    name: str
    folded: str
    closed: bool
    site: str
    responsible: str
    responsible_id: str
    unfiled: int
    untreated: int
    awaited: list[Awaited]
    last: datetime | None
    state: State

    @property
    def looks(self) -> bool:
        """Somebody should have a look at how it is synchronised."""
        return self.state not in NOTHING_YET


SORTS: Mapping[str, Callable[[Line], Any]] = {
    "name": lambda x: x.folded, "code": lambda x: fold(x.code), "responsible": lambda x: (not x.responsible, fold(x.responsible)),
    "unfiled": lambda x: -x.unfiled, "untreated": lambda x: -x.untreated, "awaited": lambda x: (-len(x.awaited), -sum(a.long for a in x.awaited)),
    "last": lambda x: -(x.last or LONG_AGO).timestamp(), "state": lambda x: list(State).index(x.state),
}  # fmt: skip


def wanted_of(query: Mapping[str, str]) -> Wanted:
    """What the list is cut by, out of its address; what is not understood counts for nothing."""
    given = {n: " ".join(query.get(n, "").split())[:200] for n in ("q", "site", "responsible", "sort")}
    return Wanted(
        given["q"], query.get("mine") == "1", query.get("late") == "1", query.get("look") == "1", given["site"], given["responsible"],
        given["sort"] if given["sort"].removeprefix("-") in SORTS else "code",
    )  # fmt: skip


def listed(actor: Person, wanted: Wanted, treats: bool) -> list[Line]:
    """In the order that is wanted, then by code. `treats`: the cabinet ticks what was dealt with. The number of questions does
    not grow with the clients.
    """
    found = Client.objects.filter(reached_clients(actor), clients_with(wanted.words))
    if wanted.mine:
        found = found.filter(responsible_id=actor.id)
    if wanted.site:
        found = found.filter(site=wanted.site)
    if wanted.responsible:
        found = found.filter(responsible_id=wanted.responsible)
    rows = list(
        found.annotate(last=last_deposit(actor)).values_list(
            "id", "code", "name", "folded", "closed", "site", "responsible__name", "responsible__sign_in", "responsible_id",
            "last",
        )
    )  # fmt: skip
    waiting = dict(unfiled_documents(actor).order_by().values_list("client").annotate(n=Count("id")))
    untreated = todo_counts.untreated_by_client(actor) if treats else {}
    late, state = awaited(actor), states([row[0] for row in rows])
    lines = [
        Line(
            i, code, name, folded, closed, site, of_name or of_login or "", of or "", waiting.get(i, 0), untreated.get(i, 0),
            late.get(i, []), last, state.get(i, State.NOT_YET),
        )
        for i, code, name, folded, closed, site, of_name, of_login, of, last in rows
    ]  # fmt: skip
    lines = [x for x in lines if (x.awaited or not wanted.late) and (x.looks or not wanted.look)]
    lines.sort(key=SORTS["code"])
    lines.sort(key=SORTS[wanted.sort.removeprefix("-")], reverse=wanted.sort.startswith("-"))
    return lines
