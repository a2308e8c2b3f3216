"""How people look for names: without accents, case, ligatures or the kind of an apostrophe."""

from __future__ import annotations

import unicodedata

_LIKE = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'", "‘": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " "}
)


def fold(text: str) -> str:
    """What two texts share that a person takes for the same: `Énergies d’Évry` is `energies d'evry`.

    Never decides sameness of places: that is `paths.key`.
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.translate(_LIKE))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()
