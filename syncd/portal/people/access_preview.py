"""What an account would see before it is made: how many clients, which folders under each set of rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from django.db.models import Min, QuerySet

from syncd.core import paths
from syncd.core.folder_rules import ClientRules, Direction, FolderRule
from syncd.portal.models import Client, Portfolio
from syncd.portal.people.visibility import in_portfolio, reached_clients
from syncd.portal.rights import Kinds, Person, Verb, allows

MOST = 20  # clients whose trees are read


def clients_seen(actor: Person, lines: Iterable[tuple[str, str]]) -> int:
    """Of the actor's own clients those that such a portfolio holds."""
    wanted = in_portfolio([Portfolio(field=field, value=value) for field, value in lines])
    return Client.objects.filter(reached_clients(actor), wanted, closed=False).distinct().count()


def samples(actor: Person, codes: Sequence[str]) -> list[Client]:
    """The clients of these codes; without any one of each template that the actor's clients have."""
    mine: QuerySet[Client] = Client.objects.filter(reached_clients(actor), closed=False)
    if codes:
        return list(mine.filter(code__in=codes).order_by("code")[:MOST])
    return list(
        mine.filter(id__in=mine.values("template").annotate(one=Min("id")).values("one")).order_by("code")[:MOST]
    )


def folders_seen(clients: Iterable[Client], presets: Mapping[str, Kinds]) -> dict[str, list[str]]:
    """For each set of rights the top-level folders that are seen with it, in the trees' order."""
    found: dict[str, dict[str, str]] = {name: {} for name in presets}
    for client in clients:
        rules = ClientRules(client.code, msgspec.convert(client.rules, list[FolderRule]), Direction(client.direction))
        for rule in rules.folders:
            if "/" in rule.path or rules.folder_direction(rule.path) is Direction.NONE:
                continue
            for name, kinds in presets.items():
                if allows(kinds, Verb.VIEW, rule.kind):
                    found[name].setdefault(paths.key(rule.path), rule.path)
    return {name: list(folders.values()) for name, folders in found.items()}
