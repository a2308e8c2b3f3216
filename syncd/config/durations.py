"""Durations as people write them: `15m`, `0.5s`, `2h`, `0`."""

from __future__ import annotations

import re

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


def duration(raw: object) -> float:
    """Seconds. Raises ValueError with what to write instead."""
    if isinstance(raw, int | float) and not isinstance(raw, bool) and raw >= 0:
        return float(raw)
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*([a-z]*)", str(raw).strip().lower())
    if not match or match[2] not in _UNITS:
        raise ValueError("give a duration as 30s, 15m or 2h")
    return float(match[1].replace(",", ".")) * _UNITS[match[2]]
