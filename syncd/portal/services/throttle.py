"""How often somebody may ask for what costs. Counted by each process for itself: a brake, not a lock."""

from __future__ import annotations

import hashlib
import time

from django.core.cache import cache


def beyond(what: str, who: str, most: int, seconds: int) -> bool:
    """Counts one more; whether that is more than `most` in this stretch of `seconds`."""
    stretch = int(time.time() // seconds)
    key = f"throttle:{what}:{hashlib.sha256(who.encode()).hexdigest()[:32]}:{stretch}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # dropped to make room, between the two
        return False
