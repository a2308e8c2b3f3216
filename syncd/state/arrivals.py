"""What jobs brought into the mirror, and what they could not take yet."""

from __future__ import annotations

from typing import Any

from syncd.core.content import Content
from syncd.ports.state import Arrival, Attempt
from syncd.state.transaction import Section
from syncd.state.wide_integers import kept_of, stamp

_COLUMNS = "client, size, sha256, origin, source, path, at, done"


def _arrival(r: Any) -> Arrival:
    return Arrival(r[0], Content(r[1], r[2]), r[3], r[4], r[5], r[6], r[7])


class Arrivals(Section):
    def find(self, client: str, content: Content) -> Arrival | None:
        sql = f"select {_COLUMNS} from arrivals where client = ? and sha256 = ? and size = ?"
        return next((_arrival(r) for r in self.rows(sql, client, content.sha256, content.size)), None)

    def open(self, origin: str, client: str | None = None) -> list[Arrival]:
        sql, values = f"select {_COLUMNS} from arrivals where origin = ? and done = 0", [origin]
        if client is not None:
            sql, values = f"{sql} and client = ?", [*values, client]
        return [_arrival(r) for r in self.rows(f"{sql} order by at, source", *values)]

    def put(self, arrival: Arrival) -> None:
        self.run(
            f"insert or replace into arrivals ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?)",
            arrival.client, arrival.content.size, arrival.content.sha256, arrival.origin, arrival.source, arrival.path,
            arrival.at, arrival.done,
        )  # fmt: skip

    def finish(self, client: str, content: Content, at: float) -> None:
        self.run(
            "update arrivals set done = ? where client = ? and sha256 = ? and size = ?",
            at, client, content.sha256, content.size,
        )  # fmt: skip

    def drop(self, client: str, content: Content) -> None:
        self.run(
            "delete from arrivals where client = ? and sha256 = ? and size = ?", client, content.sha256, content.size
        )

    def forget(self, before: float) -> None:
        self.run("delete from arrivals where done != 0 and done < ?", before)
        self.run("delete from attempts where since < ?", before)

    def attempts(self) -> dict[str, Attempt]:
        sql = "select place, size, mtime_ns, ctime_ns, inode, tries, reason, since from attempts"
        return {r[0]: Attempt(r[0], stamp(r[1], r[2], r[3], r[4]), r[5], r[6], r[7]) for r in self.rows(sql)}

    def put_attempt(self, attempt: Attempt) -> None:
        st = attempt.stamp
        self.run(
            "insert or replace into attempts values (?, ?, ?, ?, ?, ?, ?, ?)", attempt.place, st.size, *kept_of(st),
            attempt.tries, attempt.reason, attempt.since,
        )  # fmt: skip

    def drop_attempt(self, place: str) -> None:
        self.run("delete from attempts where place = ?", place)
