"""Passes that other processes ask the service for, and its answers: the database is where they meet."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from syncd.ports.state import Request
from syncd.state.section import Section

KEPT = 3600.0


class Requests(Section):
    _version = 0

    def changed(self) -> bool:
        version = int(self.conn.execute("pragma data_version").fetchone()[0])
        before, self._version = self._version, version
        return version != before

    def ask(self, clients: Sequence[str], max_duration: float | None = None) -> int:
        """A pass over these clients (codes; none: all). The request's number."""
        cursor = self.conn.execute(
            "insert into requests (asked, clients, max_duration) values (?, ?, ?)",
            (time.time(), json.dumps(list(clients)), max_duration),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def open_requests(self) -> list[Request]:
        rows = self.rows("select id, clients, max_duration from requests where answer is null order by id")
        return [Request(r[0], tuple(json.loads(r[1])), r[2]) for r in rows]

    def answer(self, request: int, run: int, answer: Mapping[str, Any]) -> None:
        with self.atomic():
            self.run("update requests set run = ?, answer = ? where id = ?", run, json.dumps(answer), request)
            self.run("delete from requests where answer is not null and asked < ?", time.time() - KEPT)

    def answered(self, request: int) -> tuple[int, dict[str, Any]] | None:
        """(run, its summary or `{"error": …}`), None while the service is at it."""
        row = self.conn.execute("select run, answer from requests where id = ?", (request,)).fetchone()
        return (int(row[0] or 0), json.loads(row[1])) if row and row[1] else None

    def drop_requests(self) -> None:
        """What was asked of a service that is no more."""
        self.run("delete from requests where answer is null")
