"""How often somebody may ask for what costs (`counters` says who counts): a brake, not a lock."""

from __future__ import annotations

import hashlib
import time

from syncd.portal.people import counters


def beyond(what: str, who: str, most: int, seconds: int) -> bool:
    """Counts one more; whether that is more than `most` in this stretch of `seconds`."""
    return counters.count(_key(what, who, seconds), seconds) > most


def reached(what: str, who: str, most: int, seconds: int) -> bool:
    """Whether `beyond` would say so; counts nothing."""
    return counters.counted(_key(what, who, seconds)) >= most


def _key(what: str, who: str, seconds: int) -> str:
    return f"throttle:{what}:{hashlib.sha256(who.encode()).hexdigest()[:32]}:{int(time.time() // seconds)}"
