"""What every section of the store has at hand."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from typing import Any


class Section:
    conn: sqlite3.Connection

    def atomic(self) -> AbstractContextManager[Any]:
        raise NotImplementedError  # pragma: no cover - the store gives it

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return self.conn.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> None:
        self.conn.execute(sql, values)
