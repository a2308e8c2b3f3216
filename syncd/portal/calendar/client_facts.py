"""What cards say, as the values that legal dates follow from: of one client, or of many in two questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from syncd.core.fiscal_facts import Facts, flags_of, month_first
from syncd.portal.models import Client, Exercise


def facts_of(clients: Iterable[Client]) -> Mapping[str, Facts]:
    """By client's id."""
    found = {c.id: c for c in clients}
    exercises = defaultdict[str, list[tuple[date, date]]](list)
    rows = Exercise.objects.filter(client__in=list(found)).order_by("start").values_list("client_id", "start", "end")
    for client, start, end in rows:
        exercises[client].append((start, end))
    return {c.id: _facts(c, tuple(exercises[c.id])) for c in found.values()}


def _facts(client: Client, exercises: tuple[tuple[date, date], ...]) -> Facts:
    return Facts(
        client.name, client.siren, client.legal_form, client.vat_regime, client.profit_category, client.profit_tax, client.headcount,
        month_first(client.closing_day), client.department, flags_of(client.fiscal_flags), exercises,
    )  # fmt: skip
