"""Values out of what forms and addresses say; whatever is not understood is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from syncd.core.invoices import amount
from syncd.core.untrusted_numbers import day
from syncd.portal.documents.search import STATES, TYPES, Search

__all__ = ["day", "midnight", "search_wish", "sums_in"]


def midnight(of: date | None, plus: int = 0) -> datetime | None:
    """Where that day begins in the portal's time zone."""
    return timezone.make_aware(datetime.combine(of + timedelta(days=plus), time())) if of else None


_SUM = re.compile(
    r"([<>])=?\s*([0-9][0-9 \u00a0\u202f.]*(?:,[0-9]{1,2})?)(?:\s*(?:€|EUR|euros?)(?!\w))?", re.IGNORECASE
)


def sums_in(text: str) -> tuple[str, Decimal | None, Decimal | None]:
    """What is looked for without its sums, the least and the most of an invoice's total: `EDF > 500` is `EDF`, 500, nothing."""
    found = {sign: amount(sum_.strip(" .")) for sign, sum_ in _SUM.findall(text)}
    return " ".join(_SUM.sub(" ", text).split()), found.get(">"), found.get("<")


def search_wish(query: Mapping[str, Any]) -> tuple[Search, dict[str, str]]:
    names = ("q", "client", "by", "since", "until", "exercise", "type", "state", "least", "most")
    given = {n: " ".join(str(query.get(n, "")).split())[:200] for n in names}
    given |= {n: given[n] if given[n] in known else "" for n, known in (("type", TYPES), ("state", STATES))}
    text, typed_least, typed_most = sums_in(given["q"])
    wish = Search(
        text,
        given["client"],
        given["by"],
        midnight(day(given["since"])),
        midnight(day(given["until"]), 1),
        given["exercise"],
        given["type"],
        given["state"],
        amount(given["least"]) or typed_least,
        amount(given["most"]) or typed_most,
    )
    return wish, given
