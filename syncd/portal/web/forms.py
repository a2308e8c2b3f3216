"""Values out of what forms and addresses say; whatever is not understood is left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from syncd.core.untrusted_numbers import day
from syncd.portal.documents.search import STATES, TYPES, Search

__all__ = ["day", "midnight", "search_wish"]


def midnight(of: date | None, plus: int = 0) -> datetime | None:
    """Where that day begins in the portal's time zone."""
    return timezone.make_aware(datetime.combine(of + timedelta(days=plus), time())) if of else None


def search_wish(query: Mapping[str, Any]) -> tuple[Search, dict[str, str]]:
    names = ("q", "client", "by", "since", "until", "exercise", "type", "state")
    given = {n: " ".join(str(query.get(n, "")).split())[:200] for n in names}
    given |= {n: given[n] if given[n] in known else "" for n, known in (("type", TYPES), ("state", STATES))}
    wish = Search(
        given["q"],
        given["client"],
        given["by"],
        midnight(day(given["since"])),
        midnight(day(given["until"]), 1),
        given["exercise"],
        given["type"],
        given["state"],
    )
    return wish, given
