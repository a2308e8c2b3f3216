"""One thing looked at, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """`about`: a stable word. `code`: the exit code a run would end with for it (DESIGN 3); 0 unless bad."""

    about: str
    level: Level
    text: str
    mend: str = ""
    code: int = 0
