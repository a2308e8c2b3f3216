"""Words within a long text: how they are looked for there, and the place that shows them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from syncd.core.search_folding import fold, wanted_words

AROUND = 150  # characters of an excerpt, marks not counted
_TOKEN = re.compile(r"[^\W_]+")


def phrases(word: str) -> list[list[str]]:
    """How a folded word may stand in a text, each as what an index holds: `1234,56` also as `1 234,56`. None: it is no word."""
    tokens = _TOKEN.findall(word)
    if not tokens:
        return []
    found = [tokens]
    if (first := tokens[0]).isdecimal() and 4 <= len(first) <= 12:
        head = len(first) % 3
        grouped = [first[:head], *(first[n : n + 3] for n in range(head, len(first), 3))]
        found.append([*filter(None, grouped), *tokens[1:]])
    return found


@dataclass(frozen=True, slots=True)
class Piece:
    """Of an excerpt; `found`: it is what was looked for."""

    text: str
    found: bool = False


def excerpt(text: str, words: str, folded: str = "") -> list[Piece]:
    """Around the longest of the words that the text holds; nothing where it holds none. `folded`: the text's, where it is known."""
    folded = folded or fold(text)
    patterns = [p for word in sorted(wanted_words(words), key=len, reverse=True) if (p := _pattern(word))]
    first = next((m for p in patterns if (m := p.search(folded))), None)
    if first is None:
        return []
    at = first.start() if len(text) == len(folded) else _origin(text, first.start())
    begin, end = _cut(text, at, first.end() - first.start())
    shown = text[begin:end]
    pieces = list[Piece]()
    if begin:
        pieces.append(Piece("… "))
    pieces += _marked(shown, patterns)
    if end < len(text):
        pieces.append(Piece(" …"))
    return pieces


def _pattern(word: str) -> re.Pattern[str] | None:
    ways = [r"[\W_]+".join(map(re.escape, tokens)) for tokens in phrases(word)]
    end = r"(?![^\W_])" if len(word) == 1 else ""
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(ways)}){end}") if ways else None


def _origin(text: str, at: int) -> int:
    """Of a character of the folded text: which one of the text it comes from."""
    come = 0
    for n, character in enumerate(text):
        come += len(fold(character))
        if come > at:
            return n
    return len(text)


def _cut(text: str, at: int, size: int) -> tuple[int, int]:
    """Whole words around that place."""
    begin, end = max(0, at - AROUND // 3), min(len(text), at + max(size, 2 * AROUND // 3))
    if begin and (space := text.find(" ", begin, at)) >= 0:
        begin = space + 1
    if end < len(text) and (space := text.rfind(" ", at + size, end)) >= 0:
        end = space
    return begin, end


def _marked(text: str, patterns: Sequence[re.Pattern[str]]) -> list[Piece]:
    said = [fold(c) for c in text]
    origin = [n for n, letters in enumerate(said) for _ in letters]
    flat, marks = "".join(said), [False] * len(text)
    for pattern in patterns:
        for match in pattern.finditer(flat):
            for n in range(origin[match.start()], origin[match.end() - 1] + 1):
                marks[n] = True
    pieces, begin = list[Piece](), 0
    for n in range(1, len(text) + 1):
        if n == len(text) or marks[n] != marks[begin]:
            pieces.append(Piece(text[begin:n], marks[begin]))
            begin = n
    return pieces
