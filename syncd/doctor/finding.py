"""One thing looked at, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncd.core import words
from syncd.core.errors import SyncdError
from syncd.core.words.doctor import UNKNOWN, UNKNOWN_MEND
from syncd.core.words.phrase import Sentence


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


def failed(about: str, error: SyncdError, language: str) -> Finding:
    """What could not be looked at, and why. A fault without words in the language stands as it is, between quotes."""
    if isinstance(error.said, Sentence):
        fault = words.fault(error, language)
    elif error.reason in words.REASONS:
        fault = words.of_reason(error.reason, error.cause, language)
    else:
        fault = words.Fault(UNKNOWN(language, why=error.message), UNKNOWN_MEND(language))
    return Finding(about, Level.BAD, fault.what, fault.mend, error.exit_code)
