"""One connection, one lock, one transaction: what every store of the state shares."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from syncd.state.connection import Connection


class Transaction:
    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.lock = threading.RLock()
        self.depth = 0
        self.at_end: list[Callable[[], None]] = []  # called when a transaction is over, however it ended

    @contextlib.contextmanager
    def atomic(self) -> Iterator[None]:
        """Everything inside happens or does not; nested ones are savepoints."""
        with self.lock:
            begin, commit, rollback = ("begin", "commit", "rollback")
            if self.depth:
                name = f"inner_{self.depth}"
                begin, commit, rollback = f"savepoint {name}", f"release {name}", f"rollback to {name}"
            self.conn.execute(begin)
            self.depth += 1
            try:
                yield
                self.depth -= 1
                self.conn.execute(commit)
                if not self.depth:
                    self._ended()
            except BaseException:
                self.depth = min(self.depth, 0 if begin == "begin" else int(begin.rpartition("_")[2]))
                self.conn.drop_later()
                self._ended()
                if self.conn.in_transaction:  # a full disk may have ended it already
                    self.conn.execute(rollback)
                raise

    def _ended(self) -> None:
        for done in self.at_end:
            done()


class Section:
    """What a store has at hand. Stores know each other's tables, and write in the same transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction, self.conn, self.lock = transaction, transaction.conn, transaction.lock

    def atomic(self) -> contextlib.AbstractContextManager[None]:
        return self.transaction.atomic()

    def later(self, sql: str, *row: Any) -> None:
        """As `run`, but inside a transaction together with the others of its kind."""
        if self.transaction.depth:
            self.conn.later(sql, row)
        else:
            self.conn.execute(sql, row)

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return self.conn.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> None:
        self.conn.execute(sql, values)
