"""Runs, their events in one hash-chained stream, and what was reported and still holds (DESIGN 4, RULES 9)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from syncd.core.events import Event, of_json
from syncd.core.restored_backups import FAR, MOST_RUNS, plausible
from syncd.core.run_result import RunResult, of_line
from syncd.core.verdicts import Verdict
from syncd.ports.state import Reported, RunRow
from syncd.state.transaction import Section, Transaction

GENESIS = "0" * 64
FLOOR = "runs_before"  # the last run of an earlier state


def link(previous: str, run: int, at: float, line: str) -> str:
    """The chain: each event's hash covers the one before it, so that a rewritten past shows."""
    return hashlib.sha256(f"{previous}\n{run}\n{at!r}\n{line}".encode()).hexdigest()


class Written(msgspec.Struct, frozen=True):
    """How a client's journal of `month` was left: up to which event of the stream, and how long its two files were."""

    month: str
    last: int
    text: int
    table: int


_RUN = "id, started, ended, summary"


def _run(r: Any) -> RunRow:
    number, started, ended, summary = r
    line = json.loads(summary) if summary else {}
    return RunRow(number, started, ended, of_line({"started": started, **line, "run": number}))


class Journal(Section):
    def __init__(self, transaction: Transaction) -> None:
        super().__init__(transaction)
        self._head = ""
        transaction.at_end.append(self._forget_head)

    # -- what was reported and still holds ------------------------------------------------------------------------------

    def open_report(self, client: str, path: str, reason: str, now: float, detail: str = "") -> bool:
        sql = "insert or ignore into told (client, path, reason, since, detail) values (?, ?, ?, ?, ?)"
        if self.conn.execute(sql, (client, path, reason, now, detail)).rowcount > 0:
            return True
        sql = "update told set detail = ? where client = ? and path = ? and reason = ? and detail <> ?"
        self.run(sql, detail, client, path, reason, detail)
        return False

    def close_reports(self, client: str, still: set[tuple[str, str]]) -> None:
        for path, reason in self.rows("select path, reason from told where client = ?", client):
            if (path, reason) not in still:
                self.run("delete from told where client = ? and path = ? and reason = ?", client, path, reason)

    def open_reports(self) -> list[Reported]:
        sql = "select client, path, reason, since, detail from told order by client, path"
        return [Reported(*r) for r in self.rows(sql)]

    # -- runs ------------------------------------------------------------------------------------------------------------

    def start_run(self, now: float) -> int:
        run = self._known_runs() + 1
        self.run("insert into runs (id, started) values (?, ?)", run, now)
        return run

    def _known_runs(self) -> int:
        """The highest number there was, of this state or an earlier one; an impossible one that somebody else's number
        left here counts for nothing."""
        for most in (MOST_RUNS // 2, FAR):  # so that there is always a next one
            last, ever = self.conn.execute(
                "select (select max(id) from runs where id < ?), "
                "(select max(seq) from sqlite_sequence where name = 'runs' and seq < ?)", (most, most),
            ).fetchone()  # fmt: skip
            floor = self._floor()
            known = max(last or 0, ever or 0, floor if floor < most else 0)
            if known + 1 < most:
                break
        return known

    def go_on_from(self, run: int) -> None:
        """Reports or the portal tell of runs up to this one, of a state that was lost: numbers go on after it."""
        if run > (known := self._known_runs()) and plausible(run, known):
            self.run("insert or replace into meta values (?, ?)", FLOOR, str(run))

    def _floor(self) -> int:
        row = self.conn.execute("select value from meta where key = ?", (FLOOR,)).fetchone()
        return int(row[0]) if row else 0

    def renumber(self, run: int) -> int:
        """The run that has just begun and told nothing yet gets the number that is next now."""
        if self.has_events(run):
            return run
        (started,) = self.conn.execute("select started from runs where id = ?", (run,)).fetchone()
        self.run("delete from runs where id = ?", run)
        return self.start_run(started)

    def drop_run(self, run: int, now: float) -> None:
        if self.has_events(run):
            self.end_run(run, now, RunResult(verdict=Verdict.ABANDONED, exit_code=2, run=run))
        else:
            self.run("delete from runs where id = ?", run)

    def end_run(self, run: int, now: float, result: RunResult) -> None:
        self.run(
            "update runs set ended = ?, verdict = ?, exit_code = ?, summary = ? where id = ?",
            now, result.verdict.value, result.exit_code, json.dumps(result.as_dict(), ensure_ascii=False), run,
        )  # fmt: skip

    def runs(self, limit: int = 50) -> list[RunRow]:
        """The latest first; without those of an impossible number."""
        sql = f"select {_RUN} from runs where id < ? order by id desc limit ?"
        return [_run(r) for r in self.rows(sql, MOST_RUNS // 2, limit)]

    def find_run(self, run: int) -> RunRow | None:
        return next((_run(r) for r in self.rows(f"select {_RUN} from runs where id = ?", run)), None)

    # -- events ----------------------------------------------------------------------------------------------------------

    def record(self, run: int, at: float, event: Event) -> None:
        text = msgspec.json.encode(event.as_dict(), order="sorted").decode()
        head = link(self.chain_head(), run, at, text)
        self.later(
            "insert into events (run, client, at, line, hash) values (?, ?, ?, ?, ?)",
            run, event.client, at, text, head,
        )  # fmt: skip
        self._head = head

    def chain_head(self) -> str:
        """While a transaction holds the database, the head is what it wrote last."""
        if self._head and self.transaction.depth:
            return self._head
        row = self.conn.execute("select hash from events order by seq desc limit 1").fetchone()
        return str(row[0]) if row else GENESIS

    def _forget_head(self) -> None:
        self._head = ""

    def events(
        self, *, run: int | None = None, client: str | None = None, start: float = 0, end: float = 1e18, after: int = 0
    ) -> Iterator[tuple[float, Event]]:
        """(when, event) in order, as they are read; `after`: of those later than the `after`-th of all."""
        sql, values = "select at, line from events where at >= ? and at < ?", [start, end]
        if after:
            sql, values = sql + " and seq > ?", [*values, after]
        if run is not None:
            sql, values = sql + " and run = ?", [*values, run]
        if client is not None:
            sql, values = sql + " and client = ?", [*values, client]  # type: ignore[list-item]
        for at, line in self.conn.execute(sql + " order by seq", values):
            yield at, of_json(line)

    def has_events(self, run: int) -> bool:
        """Whether the run wrote anything."""
        return bool(self.conn.execute("select exists(select 1 from events where run = ?)", [run]).fetchone()[0])

    def run_text(self, run: int) -> Iterator[str]:
        """A run's lines in order, each as it was written, and as the chain covers it: JSON."""
        for (line,) in self.conn.execute("select line from events where run = ? order by seq", (run,)):
            yield line

    def run_events(self, run: int, *, by_client: bool = False) -> Iterator[Event]:
        """A run's events one at a time, in order; or client by client."""
        if not by_client:
            yield from map(of_json, self.run_text(run))
            return
        # Each client by itself: sorting the lines of a first publication would hold all of them.
        first = self.conn.execute("select min(seq) from events where run = ?", (run,)).fetchone()[0]
        for (client,) in self.rows("select distinct client from events where run = ? order by client", run):
            found = self.conn.execute(
                "select line from events indexed by events_by_client where client = ? and seq >= ? and run = ? order by seq",
                (client, first, run),
            )
            for (line,) in found:
                yield of_json(line)

    def clients_of(self, run: int) -> list[str]:
        """Codes of the clients that a run did something for, in order; not of those where something waits."""
        sql = (
            "select distinct client from events where run = ? and json_extract(line, '$.action') != 'waiting' "
            "order by client"
        )
        return [r[0] for r in self.rows(sql, run)]

    def unknown_heads(self, heads: Sequence[str]) -> list[str]:
        """Those that no event of the stream has as its hash."""
        known = {GENESIS, ""}
        for n in range(0, len(heads), 500):
            part = heads[n : n + 500]
            known |= {
                r[0] for r in self.rows(f"select hash from events where hash in ({','.join('?' * len(part))})", *part)
            }
        return [h for h in heads if h not in known]

    def began(self) -> float:
        """When the first event was told."""
        return float(self.conn.execute("select coalesce(min(at), 0) from events").fetchone()[0])

    def broken_link(self) -> int | None:
        """The first event whose hash does not follow from the one before it; None when the chain is whole."""
        previous = GENESIS
        for seq, run, at, line, digest in self.rows("select seq, run, at, line, hash from events order by seq"):
            if link(previous, run, at, line) != digest:
                return int(seq)
            previous = digest
        return None

    def last(self) -> int:
        return int(self.conn.execute("select coalesce(max(seq), 0) from events").fetchone()[0])

    def clients_after(self, seq: int) -> list[str]:
        """Codes of those that events later than the `seq`-th are about; '' for those of no client."""
        return [r[0] for r in self.rows("select distinct client from events where seq > ? order by client", seq)]

    # -- the journals in the cabinet's directory of logs ----------------------------------------------------------------

    def written(self, client: str) -> Written | None:
        """`client`: its code. None: nothing was written of it yet."""
        row = self.conn.execute("select value from meta where key = ?", (f"journal {client}",)).fetchone()
        if row is None:
            return None
        month, last, text, table = row[0].split()
        return Written(month, int(last), int(text), int(table))

    def set_written(self, client: str, left: Written) -> None:
        self.run(
            "insert or replace into meta values (?, ?)",
            f"journal {client}",
            f"{left.month} {left.last} {left.text} {left.table}",
        )
