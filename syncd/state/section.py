"""What every section of the store has at hand: one connection, one lock, one way to make a transaction."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

from sqlite_utils import Database


class Section:
    def __init__(self, conn: sqlite3.Connection) -> None:
        self.conn = conn
        self.db = Database(conn)
        self.lock = threading.RLock()

    @contextlib.contextmanager
    def atomic(self) -> Iterator[None]:
        """Everything inside happens or does not; nested ones are savepoints."""
        with self.lock, self.db.atomic():
            yield

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return self.conn.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> None:
        self.conn.execute(sql, values)
