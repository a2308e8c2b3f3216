"""How often somebody may ask for what costs. Counted by each process for itself: a brake, not a lock."""

from __future__ import annotations

import hashlib
import time

from django.core.cache import cache


def beyond(what: str, who: str, most: int, seconds: int) -> bool:
    """Counts one more; whether that is more than `most` in this stretch of `seconds`."""
    key = _key(what, who, seconds)
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # dropped to make room, between the two
        return False


def reached(what: str, who: str, most: int, seconds: int) -> bool:
    """Whether `beyond` would say so; counts nothing."""
    return int(cache.get(_key(what, who, seconds), 0)) >= most


def _key(what: str, who: str, seconds: int) -> str:
    return f"throttle:{what}:{hashlib.sha256(who.encode()).hexdigest()[:32]}:{int(time.time() // seconds)}"
