"""Who waits for a feed is told that it moved, whichever process or machine moved it.

On the embedded database its files say so; on a server a notification does, sent after the commit and beside it.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import Protocol

from syncd.portal import server_database


class Waker(Protocol):
    """Any thread may ask. What it says may come twice, and may be wrong: whoever waits asks the database in the end, and
    asks it now and then in any case."""

    @property
    def period(self) -> float:
        """Seconds between two askings."""
        ...

    def moved(self) -> Collection[str] | None:
        """Cabinets whose feeds may have moved since this was asked last; None: any may have."""
        ...

    def told(self, cabinet: str) -> None:
        """This process has committed something for it."""
        ...


def waker() -> Waker:
    """This process's, for the portal's database."""
    return _of(server_database.name(), server_database.embedded())


@functools.lru_cache(maxsize=4)
def _of(name: str, embedded: bool) -> Waker:
    if embedded:
        from syncd.portal.waking.files import FileWaker

        return FileWaker(name)
    from syncd.portal.waking.notifications import NotificationWaker

    return NotificationWaker(name)
