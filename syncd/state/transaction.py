"""What every section of the store has at hand: one connection, one lock, one way to make a transaction."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from syncd.state.connection import Connection


class Section:
    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.lock = threading.RLock()
        self._depth = 0

    @contextlib.contextmanager
    def atomic(self) -> Iterator[None]:
        """Everything inside happens or does not; nested ones are savepoints."""
        with self.lock:
            begin, commit, rollback = ("begin", "commit", "rollback")
            if self._depth:
                name = f"inner_{self._depth}"
                begin, commit, rollback = f"savepoint {name}", f"release {name}", f"rollback to {name}"
            self.conn.execute(begin)
            self._depth += 1
            try:
                yield
                self._depth -= 1
                self.conn.execute(commit)
                if not self._depth:
                    self.ended()
            except BaseException:
                self._depth = min(self._depth, 0 if begin == "begin" else int(begin.rpartition("_")[2]))
                self.conn.drop_later()
                self.ended()
                if self.conn.in_transaction:  # a full disk may have ended it already
                    self.conn.execute(rollback)
                raise

    def ended(self) -> None:
        """A transaction is over: for sections that remember what they wrote in it."""

    def later(self, sql: str, *row: Any) -> None:
        """As `run`, but inside a transaction together with the others of its kind."""
        if self._depth:
            self.conn.later(sql, row)
        else:
            self.conn.execute(sql, row)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return self.conn.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> None:
        self.conn.execute(sql, values)
