"""How people look for names: without accents, case, ligatures or the kind of an apostrophe."""

from __future__ import annotations

import functools
import re
import unicodedata

_LIKE = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'", "‘": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " "}
)

MOST_WORDS = 8


def fold(text: str) -> str:
    """What two texts share that a person takes for the same: `Énergies d’Évry` is `energies d'evry`.

    Never decides sameness of places: that is `paths.key`.
    """
    if text.isascii():
        return text.lower()
    plain = re.sub("[^\0-\x7f]", lambda m: _letter(m[0]), text)  # thousands in a row, with a few accents each
    return plain.lower() if plain.isascii() else _apart(text).casefold()


def _apart(text: str) -> str:
    """Marks go, letters stay."""
    apart = unicodedata.normalize("NFKD", text.translate(_LIKE))
    return "".join(c for c in apart if not unicodedata.combining(c))


@functools.lru_cache(maxsize=1024)
def _letter(one: str) -> str:
    return _apart(one)


def wanted_words(text: str) -> list[str]:
    """What is looked for, folded; words beyond the eighth count for nothing."""
    return fold(text).split()[:MOST_WORDS]


def found_in(text: str, words: str) -> list[tuple[int, int]]:
    """Where the words stand in a text, as (from, to) of its characters, in order and apart: what a page marks."""
    folded, origin = [], list[int]()
    for n, character in enumerate(text):
        said = fold(character)
        folded.append(said)
        origin += [n] * len(said)
    flat = "".join(folded)
    marks = [False] * len(text)
    for word in fold(words).split():
        at = flat.find(word)
        while at >= 0:
            last = origin[at + len(word) - 1]
            for n in range(origin[at], last + 1):
                marks[n] = True
            at = flat.find(word, at + 1)
    found = list[tuple[int, int]]()
    for n, marked in enumerate(marks):
        if marked and found and found[-1][1] == n:
            found[-1] = (found[-1][0], n + 1)
        elif marked:
            found.append((n, n + 1))
    return found
