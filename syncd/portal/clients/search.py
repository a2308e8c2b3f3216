"""Clients as people look for them: every word somewhere in code, name, site, group, sector or responsible, folded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from syncd.core.search_folding import fold
from syncd.portal.models import Client

_FIELDS = ("code", "name", "site", "group", "sector", "responsible__name")


def clients_with(clients: QuerySet[Client], words: str, *, fields: Sequence[str] = _FIELDS) -> list[str]:
    """Ids of those that hold every word, by code. One query; a database folds no accents by itself."""
    wanted = fold(words).split()
    rows: Iterable[tuple[str, ...]] = clients.order_by("code").values_list("id", *fields)
    return [found for found, *said in rows if _holds(said, wanted)]


def _holds(said: Sequence[str | None], wanted: Sequence[str]) -> bool:
    text = "\n".join(fold(part) for part in said if part)
    return all(word in text for word in wanted)
