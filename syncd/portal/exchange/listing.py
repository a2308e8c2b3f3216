"""What a person sees of a client's packages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db.models import Count

from syncd.core.package_orders import PackageDone
from syncd.core.packages.manifest import Way
from syncd.portal.clients.tree import rules_by_client, rules_of
from syncd.portal.exchange.access import WAITING, State, exchange_of, may_see
from syncd.portal.models import Client, ExchangePackage, PackageKey
from syncd.portal.people.visibility import reached_clients
from syncd.portal.rights import Person, Verb, may_exchange

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Packages:
    """`waiting`: those that came and are not dealt with, in the order of their numbers; `made`: for the company, the last first;
    `dealt`: those that came before. `key`: the cabinet's; '' where its engine never said one, `told_at` when it last did."""

    waiting: Sequence[ExchangePackage]
    made: Sequence[ExchangePackage]
    dealt: Sequence[ExchangePackage]
    key: str = ""
    told_at: datetime | None = None


def packages(actor: Person, client: Client) -> Packages:
    """Nothing where the actor may see none."""
    rules = rules_of(client)
    if not may_see(actor, client, rules):
        return Packages((), (), ())
    rows = ExchangePackage.objects.filter(client=client)
    shown = [
        p
        for p in rows.order_by("-at")[: 4 * MOST_SHOWN]
        if may_exchange(actor, Verb.VIEW, exchange_of(client, p, rules))
    ]
    came = [p for p in shown if p.way == Way.TO_CABINET]
    waiting = sorted((p for p in came if p.state in WAITING), key=lambda p: (p.sequence, p.at))
    made = [p for p in shown if p.way == Way.TO_COMPANY and p.state != State.NOTHING][:MOST_SHOWN]
    dealt = [p for p in came if p.state not in WAITING][:MOST_SHOWN]
    known = PackageKey.objects.filter(cabinet=client.cabinet_id).first()
    return Packages(waiting, made, dealt, known.key if known else "", known.told_at if known else None)


def told(package: ExchangePackage) -> PackageDone | None:
    """What the engine said that it is, and would do."""
    return msgspec.convert(package.told, PackageDone) if package.told else None


def outcome(package: ExchangePackage) -> PackageDone | None:
    """What became of it on the side that took it."""
    return msgspec.convert(package.outcome, PackageDone) if package.outcome else None


def clients_with_waiting(actor: Person) -> list[tuple[Client, int]]:
    """Of the cabinet's people: clients of which packages wait that the actor may deal with, and how many."""
    if not actor.role.of_cabinet:
        return []
    rows = ExchangePackage.objects.filter(
        cabinet=actor.cabinet, way=Way.TO_CABINET, state__in=WAITING, client__closed=False
    )
    counts = dict(rows.order_by().values_list("client").annotate(n=Count("id")))
    if not counts:
        return []
    found = list(Client.objects.filter(reached_clients(actor), id__in=counts).order_by("folded", "code"))
    rules = rules_by_client(found)
    return [(c, counts[c.id]) for c in found if may_exchange(actor, Verb.MANAGE, exchange_of(c, None, rules[c.id]))]
