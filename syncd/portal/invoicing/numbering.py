"""Numbers of quotes and invoices: a prefix, which may name the year, and a counter. What platforms take is BR-FR-01 and 02."""

from __future__ import annotations

import re
from datetime import date

LONGEST = 35
WIDTH = 4
ALLOWED = "A-Z a-z 0-9 + - _ /"
YEAR, SHORT_YEAR = "{AAAA}", "{AA}"
PREFIX_MOST = 20
_PREFIX = re.compile(r"[A-Za-z0-9+\-_/]*[A-Za-z+\-_/]")  # it ends with no digit: two prefixes never make one number
_NUMBER = re.compile(r"[A-Za-z0-9+\-_/]+")


def prefix_fits(prefix: str) -> bool:
    """Whether numbers of it can be told from those of any other, and be sent anywhere."""
    plain = prefix.replace(YEAR, "2026").replace(SHORT_YEAR, "26")
    return len(plain) <= PREFIX_MOST and bool(_PREFIX.fullmatch(plain))


def series(prefix: str, day: date) -> str:
    """The prefix as the day writes it: what is counted by."""
    return prefix.replace(YEAR, f"{day.year:04}").replace(SHORT_YEAR, f"{day.year % 100:02}")


def number(of_series: str, n: int) -> str:
    return f"{of_series}{n:0{WIDTH}}"


def fits(text: str) -> bool:
    return len(text) <= LONGEST and bool(_NUMBER.fullmatch(text))
