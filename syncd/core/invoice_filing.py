"""Where an electronic invoice belongs, and what it may be called: proposals, said where they are sure, silent otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from syncd.core import paths
from syncd.core.plain_text import one_line

PURCHASES, SALES = "purchases", "sales"
_UNWANTED = re.compile(r'[/\\:*?"<>|\x00-\x1f]+')
_LONGEST = {"who": 60, "number": 40}

Period = tuple[str, date, date]
"""An exercise: its label, its first and its last day."""


def side(client: str, seller: str, buyer: str) -> str:
    """Of three SIREN: `purchases`, `sales`, or '' where the client is neither, or both."""
    if not client or (seller == client) == (buyer == client):
        return ""
    return SALES if seller == client else PURCHASES


def of_another(client: str, seller: str, buyer: str) -> bool:
    """Whether it is made out to somebody else, as far as all three are known."""
    return bool(client and buyer) and client not in (seller, buyer)


def folder(
    kind: str, days: Sequence[date], folders: Mapping[str, str], exercises: Sequence[Period]
) -> str:  # fmt: skip
    """Of these folders (path → kind) the one that an invoice of these days goes into; '' where more than one may be meant.

    `days`: the invoice's and, where it is known, that of its delivery: of two exercises, none is sure.
    """
    mine = [path for path, of in folders.items() if of == kind]
    tops = [path for path in mine if not any(path.startswith(other + "/") for other in mine)]
    if not kind or len(tops) != 1:
        return ""
    (top,) = tops
    within = {paths.key(paths.name(path)): path for path in mine if paths.parent(path) == top}
    known = {paths.key(label): (first, last) for label, first, last in exercises}
    periods = {
        key: known.get(key) or (date(int(key), 1, 1), date(int(key), 12, 31))
        for key in within if key in known or re.fullmatch(r"(19|20)[0-9]{2}", key)
    }  # fmt: skip
    if not periods:
        return top
    found = {key for key, (first, last) in periods.items() for day in days if first <= day <= last}
    sure = len(found) == 1 and all(
        any(first <= day <= last for first, last in (periods[key] for key in found)) for day in days
    )
    return within[found.pop()] if sure else ""


def name(issued: date | None, who: str, number: str, gross: Decimal | None, currency: str) -> str:
    """`20261121 - EDF - F2026-001 - 1 234,56 €`, without an extension; '' where a part of it is not known."""
    who, number = (_part(text, _LONGEST[of]) for of, text in (("who", who), ("number", number)))
    if issued is None or gross is None or not who or not number:
        return ""
    amount = f"{gross:,.2f}".replace(",", " ").replace(".", ",")
    money = "€" if currency in ("EUR", "") else _part(currency, 3)
    return f"{issued:%Y%m%d} - {who} - {number} - {amount} {money}"


def _part(text: str, most: int) -> str:
    return one_line(_UNWANTED.sub("-", text), most).strip(" .-")
