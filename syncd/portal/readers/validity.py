"""Whether an electronic invoice is valid: its XML's form, the rules of EN 16931, those of French exchanges. On request alone.

Each is looked at by a process apart, which ends alone. What could not be looked at is never said to be valid.
"""

from __future__ import annotations

from typing import BinaryIO

import msgspec

from syncd.portal.readers.values import Check, Part, Unchecked, Validity
from syncd.portal.readers.worker_client import Busy, TooMuch, Unreadable, checker

SECONDS, WAIT = 20.0, 60.0
_ASKED = {"schema": (Part.SCHEMA,), "rules": (Part.RULES, Part.FRENCH)}
_WHY = {TooMuch: Unchecked.TOO_MUCH, Busy: Unchecked.BUSY, Unreadable: Unchecked.FAILED}


def check(source: BinaryIO, wait: float = WAIT) -> Validity:
    """Of an XML, or of a PDF that brings one. `wait`: seconds for its turn. What is no electronic invoice fails in every part."""
    found = list[Check]()
    for do, parts in _ASKED.items():
        try:
            answer = checker().ask(do, source, seconds=SECONDS, wait=wait, written=True)
            found += msgspec.json.decode(answer, type=tuple[Check, ...])
        except (TooMuch, Busy, Unreadable) as e:
            found += [Check(part, "", why=_WHY[type(e)]) for part in parts]
    return Validity(tuple(found))
