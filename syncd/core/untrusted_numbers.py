"""Numbers and days as strangers write them, in addresses, headers, forms and files: bounded, in ASCII, or nothing."""

from __future__ import annotations

import re
from datetime import date

MOST = 2**53  # what every side, and JSON, holds exactly
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)  # a day more or less, or a time zone, leads nowhere odd
_NUMBER = re.compile(r"[0-9]{1,16}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def number(text: str, most: int = MOST) -> int | None:
    """From 0 to `most`. None: it is something else ("²" is a digit to Python, and no number)."""
    if not _NUMBER.fullmatch(text):
        return None
    found = int(text)
    return found if found <= most else None


def day(text: str) -> date | None:
    """`2026-11-27`, from FIRST_DAY to LAST_DAY. None: it is something else."""
    if not _DAY.fullmatch(text):
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None
