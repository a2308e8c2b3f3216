"""Units of UN/ECE Recommendation 20 as people write them."""

from __future__ import annotations

from collections.abc import Mapping

UNITS: Mapping[str, str] = {
    "C62": "", "HUR": "h", "DAY": "j", "MON": "mois", "KGM": "kg", "TNE": "t", "LTR": "l", "MTR": "m", "MTK": "m²", "MTQ": "m³",
    "KMT": "km", "LS": "forfait",
}  # fmt: skip


def unit_of(code: str) -> str:
    """Behind a quantity; '' for pieces."""
    return UNITS.get(code, "")
