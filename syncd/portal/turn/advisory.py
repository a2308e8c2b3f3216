"""A turn that the database server keeps: for as long as a connection of its own lasts."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from django.db import Error, connections

from syncd.disk.lock import Held

_AGAIN = 0.05  # seconds


class AdvisoryTurn:
    """Keeps to `Turn`. `shared`: any number may have it so, and then nobody has it alone."""

    def __init__(self, key: int, *, shared: bool = False) -> None:
        self._key, self._verb = key, "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
        self._connection: Any = None

    @property
    def mine(self) -> bool:
        """Asked of the server: a connection that was lost took the lock with it."""
        if self._connection is None:
            return False
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error:
            self.release()
        return self._connection is not None

    def acquire(self, patience: float = 0.0) -> None:
        until = time.monotonic() + patience
        while not self._taken():
            if time.monotonic() >= until:
                raise Held(str(self._key))
            time.sleep(_AGAIN)

    def release(self) -> None:
        if self._connection is not None:
            held, self._connection = self._connection, None
            with contextlib.suppress(Error):
                held.close()

    def _taken(self) -> bool:
        asking = connections.create_connection("default")
        try:
            with asking.cursor() as cursor:
                cursor.execute(f"SELECT {self._verb}(%s)", [self._key])
                taken = bool(cursor.fetchone()[0])
        except BaseException:
            asking.close()
            raise
        if taken:
            self.release()
            self._connection = asking
        else:
            asking.close()
        return taken
