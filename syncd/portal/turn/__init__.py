"""Whose turn it is: what one process of a portal does at a time, whichever machines they are on.

On the embedded database a file that the operating system lets go; on a server a lock of the session, which the server lets
go when the connection ends, however it ends.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from syncd.disk.lock import Held

__all__ = ["Held", "Name", "Serving", "Turn", "served", "turn_of"]


class Name(Enum):
    """File, and key of the advisory lock (nobody else's on this database)."""

    ROUNDS = "rounds.lock", 7_300_126_003
    TEXTS = "texts.lock", 7_300_126_004
    SERVING = "serve.lock", 7_300_126_005
    INVOICES = "invoices.lock", 7_300_126_006
    FLOWS = "flows.lock", 7_300_126_007


class Turn(Protocol):
    """Used by one thread."""

    @property
    def mine(self) -> bool:
        """Whether this process has it still."""
        ...

    def acquire(self, patience: float = 0.0) -> None:
        """Raises Held when another process has it, and still after `patience` seconds."""
        ...

    def release(self) -> None: ...


class Serving:
    """Of a process that serves: its directory's file, and, where the database is a server's, its share of what whoever
    would be alone with the database asks for."""

    def __init__(self) -> None:
        from django.conf import settings

        from syncd.disk.lock import FileLock
        from syncd.portal import server_database

        file, key = Name.SERVING.value
        self._parts: list[Turn] = [FileLock(settings.DATA / file)]
        if not server_database.embedded():
            from syncd.portal.turn.advisory import AdvisoryTurn

            self._parts.append(AdvisoryTurn(key, shared=True))

    def acquire(self, patience: float = 0.0) -> None:
        """Raises Held where another process serves this directory, or somebody is alone with the database."""
        for part in self._parts:
            try:
                part.acquire(patience)
            except BaseException:
                self.release()
                raise

    def release(self) -> None:
        for part in self._parts:
            part.release()


def served() -> bool:
    """Whether a process serves this portal now, from this directory or with this database."""
    from django.conf import settings

    from syncd.disk.lock import FileLock
    from syncd.portal import server_database

    file, key = Name.SERVING.value
    asked: list[Turn] = [FileLock(settings.DATA / file)]
    if not server_database.embedded():
        from syncd.portal.turn.advisory import AdvisoryTurn

        asked.append(AdvisoryTurn(key))
    for one in asked:
        try:
            one.acquire()
        except Held:
            return True
        one.release()
    return False


def turn_of(name: Name) -> Turn:
    from syncd.portal import server_database

    file, key = name.value
    if server_database.embedded():
        from django.conf import settings

        from syncd.disk.lock import FileLock

        return FileLock(settings.DATA / file)
    from syncd.portal.turn.advisory import AdvisoryTurn

    return AdvisoryTurn(key)
