"""What cards say, as the values that legal dates follow from: of one client, or of many in two questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from django.db.models import Q

from syncd.core.fiscal_facts import Facts, flags_of, month_first
from syncd.portal.models import Client, Exercise

# Of a client, what its dates follow from and are shown with.
FIELDS = (
    "cabinet_id", "code", "name", "folded", "closed", "siren", "legal_form", "vat_regime", "profit_category", "profit_tax", "headcount",
    "closing_day", "department", "fiscal_flags", "responsible_id", "site", "group", "sector",
)  # fmt: skip
NAMED = 500  # clients that a question of the database names one by one


def of_clients(clients: Collection[Client]) -> Q:
    """Rows of these clients; of many, whatever their cabinets have: naming thousands costs more than looking over others'."""
    if len(clients) <= NAMED:
        return Q(client__in=[c.id for c in clients])
    return Q(client__cabinet__in={c.cabinet_id for c in clients})


def facts_of(clients: Iterable[Client]) -> Mapping[str, Facts]:
    """By client's id."""
    found = {c.id: c for c in clients}
    exercises = defaultdict[str, list[tuple[date, date]]](list)
    rows = (
        Exercise.objects.filter(of_clients(found.values())).order_by("start").values_list("client_id", "start", "end")
    )
    for client, start, end in rows:
        exercises[client].append((start, end))
    return {c.id: _facts(c, tuple(exercises[c.id])) for c in found.values()}


def _facts(client: Client, exercises: tuple[tuple[date, date], ...]) -> Facts:
    return Facts(
        client.name, client.siren, client.legal_form, client.vat_regime, client.profit_category, client.profit_tax, client.headcount,
        month_first(client.closing_day), client.department, flags_of(client.fiscal_flags), exercises,
    )  # fmt: skip
