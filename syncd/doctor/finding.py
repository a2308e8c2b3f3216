"""One thing looked at, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncd.core import words
from syncd.core.errors import SyncdError


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


def failed(about: str, error: SyncdError) -> Finding:
    """What could not be looked at, and why, in the words of its reason; a command's own message is English."""
    said = words.reason(error.reason).removeprefix("interrompu : ") if error.reason in words.REASONS else _UNKNOWN
    what, _, mend = said.partition(" ; ")
    cause = error.cause if error.reason in words.REASONS else error.message
    cause = words.detailed(cause)
    text = f"{what[:1].upper()}{what[1:]}{f' (« {cause} »)' if cause else ''}."
    return Finding(about, Level.BAD, text, f"{mend[:1].upper()}{mend[1:]}." if mend else "", error.exit_code)


_UNKNOWN = "ce point n'a pas pu être vérifié ; transmettez ceci à qui maintient syncd"
