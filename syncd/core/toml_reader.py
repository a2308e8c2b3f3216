"""TOML that people write: its values, the line that each stands on, and every mistake at once (DESIGN 4).

The standard library parses and says no lines; a second look at the text finds them. Where that look finds nothing (an inline
table, a dotted key), the table's own line is named, or none.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Any

import msgspec

_TABLE = re.compile(r"\s*\[(\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"\s*(?:\"([^\"]+)\"|'([^']+)'|([\w-]+))\s*=")


class Mistake(msgspec.Struct, frozen=True):
    """What is wrong and what to write instead. `line`: from 1, 0 for none. `where`: instead of the file, what it stands in."""

    line: int
    message: str
    mend: str = ""
    where: str = ""

    def sentence(self, source: str) -> str:
        place = self.where or (f"{source}:{self.line}" if self.line else source)
        return f"{place}: {self.message} {self.mend}".rstrip()


class BadToml(ValueError):
    """The text is no TOML."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.message)
        self.mistake = mistake


class Toml:
    """Raises BadToml."""

    def __init__(self, text: str) -> None:
        try:
            self.values: dict[str, Any] = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as e:
            found = re.search(r"line (\d+)", str(e))
            line = int(found[1]) if found else text.count("\n") + 1 if "end of document" in str(e) else 1
            raise BadToml(Mistake(line, f"not valid TOML: {e}.")) from None
        self._lines: dict[tuple[str, int, str], int] = {}
        counts: dict[str, int] = {}
        table, nth = "", 0
        for number, row in enumerate(text.splitlines(), 1):
            if head := _TABLE.match(row):
                table = head[2].strip("\"'")
                nth = counts.get(table, 0)
                counts[table] = nth + 1
                self._lines.setdefault((table, nth, ""), number)
            elif key := _KEY.match(row):
                self._lines.setdefault((table, nth, key[1] or key[2] or key[3]), number)

    def line(self, table: str = "", key: str = "", nth: int = 0) -> int:
        """Where a key stands, else where its table begins, else 0. `nth`: which of several tables of that name, from 0."""
        return self._lines.get((table, nth, key)) or self._lines.get((table, nth, ""), 0)


class Mistakes:
    """Collected, so that whoever writes the file reads all of them at once."""

    def __init__(self) -> None:
        self.found: list[Mistake] = []

    def __bool__(self) -> bool:
        return bool(self.found)

    def add(self, line: int, message: str, mend: str = "", where: str = "") -> None:
        self.found.append(Mistake(line, message, mend, where))

    def unknown(self, what: str, name: str, known: Sequence[str], line: int, where: str = "") -> None:
        import difflib  # loaded for a mistake alone (ADR 7)

        near = difflib.get_close_matches(name, known, 1)
        self.add(
            line, f"unknown {what} '{name}'.",
            f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(known)}.", where,
        )  # fmt: skip

    def sentences(self, source: str) -> str:
        return "\n".join(m.sentence(source) for m in self.found)
