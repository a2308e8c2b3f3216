"""Durations as people write them: `15m`, `0.5s`, `2h`, `0`; never longer than a year."""

from __future__ import annotations

import re

LONGEST = 366 * 86400.0
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def duration(raw: object) -> float:
    """Seconds. Raises ValueError with what to write instead."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        number, unit = raw, ""
    else:
        match = re.fullmatch(r"([0-9]{1,12}(?:[.,][0-9]{1,12})?)\s*([a-z]*)", str(raw).strip().lower())
        if not match or match[2] not in _UNITS:
            raise ValueError("give a duration as 30s, 15m or 2h")
        number, unit = float(match[1].replace(",", ".")), match[2]
    if not 0 <= number <= LONGEST / _UNITS[unit]:
        raise ValueError("give a duration from 0 to a year, as 30s, 15m or 2h")
    return float(number) * _UNITS[unit]
