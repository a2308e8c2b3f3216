"""A document's own date: when its file was last modified, as its owner's computer says. Kept and shown, never decided by (ADR 18)."""

from __future__ import annotations

FIRST = 315_619_200.0  # 2 January 1980: everywhere within the dates of archives and of every disk


def kept(modified: float | None, now: float) -> float | None:
    """What is kept of a date somebody told, in seconds since 1970: never one that is still to come, and None for one that no
    document has."""
    if modified is None or not modified >= FIRST:  # nor what is no number
        return None
    return min(modified, now)
