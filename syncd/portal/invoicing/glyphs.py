"""Characters that no installed font draws have no place on a PDF/A sheet: a box stands for each. In the process that lays out."""

from __future__ import annotations

import functools
import subprocess
import unicodedata
from collections.abc import Iterator

BOX = "\u25af"
FIRST = "DejaVu Sans"  # what sheets are set in
_KEPT = frozenset("\n\r\t\u200c\u200d")


def drawn(text: str) -> str:
    """The same without what cannot be seen, and with boxes for what cannot be drawn."""
    odd = {c for c in set(text) if not c.isascii()}
    table: dict[int, str] = {}
    for c in odd:
        if unicodedata.category(c) in ("Cf", "Cs", "Co", "Cn", "Cc") and c not in _KEPT:
            table[ord(c)] = ""
        elif not any(ord(c) in known for known in _fonts()):
            table[ord(c)] = BOX
    return text.translate(table)


def _fonts() -> Iterator[frozenset[int]]:
    for path in _paths():
        yield _characters(path)


@functools.cache
def _paths() -> tuple[str, ...]:
    """Of all fonts, the first one's first."""
    told = subprocess.run(["fc-list", "--format", "%{file}\n"], capture_output=True, text=True, check=False).stdout
    found = sorted(set(told.split("\n")) - {""})
    plain = FIRST.replace(" ", "")
    return tuple(sorted(found, key=lambda path: not path.endswith(f"/{plain}.ttf")))


@functools.lru_cache(maxsize=400)
def _characters(path: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (TTLibError, OSError, KeyError):
        return frozenset()
