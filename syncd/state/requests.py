"""Passes that other processes ask the service for, and its answers: the database is where they meet."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from syncd.disk import private
from syncd.ports.state import Request
from syncd.state.transaction import Section

KEPT = 3600.0
SHOWN = 0.3  # seconds between two lines about how far it is


class Requests(Section):
    _version = 0
    _shown = 0.0

    def changed(self) -> bool:
        version = int(self.conn.execute("pragma data_version").fetchone()[0])
        before, self._version = self._version, version
        return version != before

    def ask(
        self,
        clients: Sequence[str],
        max_duration: float | None = None,
        kind: str = "pass",
        wish: Mapping[str, Any] = {},
    ) -> int:
        """A pass, or an errand, over these clients (codes; none: all). The request's number."""
        cursor = self.conn.execute(
            "insert into requests (asked, clients, max_duration, kind, wish) values (?, ?, ?, ?, ?)",
            (time.time(), json.dumps(list(clients)), max_duration, kind, json.dumps(dict(wish))),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def open(self) -> list[Request]:
        rows = self.rows("select id, clients, max_duration, kind, wish from requests where answer is null order by id")
        return [Request(r[0], tuple(json.loads(r[1])), r[2], r[3], json.loads(r[4])) for r in rows]

    def withdraw(self, request: int) -> bool:
        """Whoever asked wants it no more; whether it was still open."""
        return self.conn.execute("delete from requests where id = ? and answer is null", (request,)).rowcount > 0

    def report_progress(self, request: int, done: int, of: int, what: str) -> None:
        """How far the service is with it, for whoever asked: a file beside the database, which is not written to for this.
        Not every call is."""
        now = time.monotonic()
        if now - self._shown < SHOWN or not (path := self._progress_file()):
            return
        self._shown = now
        with contextlib.suppress(OSError), open(path, "w", encoding="utf-8", opener=private.owned) as f:
            f.write(json.dumps([request, done, of, what]))

    def progress_of(self, request: int) -> tuple[int, int, str] | None:
        """(done, of how many or 0, what), as last told."""
        try:
            number, done, of, what = json.loads(Path(self._progress_file()).read_text(encoding="utf-8"))
        except (OSError, ValueError):  # none, or just being written
            return None
        return (done, of, what) if number == request else None

    def _progress_file(self) -> str:
        path = self.conn.execute("pragma database_list").fetchone()[2]
        return f"{path}.progress" if path else ""

    def answer(self, request: int, run: int, answer: Mapping[str, Any]) -> None:
        with self.atomic():
            self.run("update requests set run = ?, answer = ? where id = ?", run, json.dumps(answer), request)
            self.run("delete from requests where answer is not null and asked < ?", time.time() - KEPT)

    def answered(self, request: int) -> tuple[int, dict[str, Any]] | None:
        """(run, its summary or `{"error": …}`), None while the service is at it."""
        row = self.conn.execute("select run, answer from requests where id = ?", (request,)).fetchone()
        return (int(row[0] or 0), json.loads(row[1])) if row and row[1] else None

    def drop(self) -> None:
        """What was asked of a service that is no more."""
        self.run("delete from requests where answer is null")
