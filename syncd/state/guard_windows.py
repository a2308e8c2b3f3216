"""Guards' memory: windows of what was done, what waits, what was agreed to (RULES 5)."""

from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec

from syncd.core.events import many_of_json
from syncd.ports.state import WaitingRow
from syncd.state.transaction import Section

WINDOW = 24 * 3600.0
_WAITING = "client, reason, digest, digests, lines, since, declined_by, declined_at"
AGREEMENT = 7 * 24 * 3600.0


class GuardWindows(Section):
    def window(self, client: str, now: float) -> dict[str, int]:
        row = self.conn.execute("select since, counts from windows where client = ?", (client,)).fetchone()
        if row is None or not 0 <= now - row[0] < WINDOW:
            return {} if row is None or now >= row[0] else dict(json.loads(row[1]))
        return dict(json.loads(row[1]))

    def windows(self, now: float) -> dict[str, dict[str, int]]:
        """Every client's open window."""
        rows = self.rows("select client from windows")
        return {r[0]: self.window(r[0], now) for r in rows}

    def close_windows(self) -> None:
        """The daily digest told people of everything that was done."""
        self.run("delete from windows")

    def count(self, client: str, kind: str, now: float) -> None:
        counts = self.window(client, now)
        since = self.conn.execute("select since from windows where client = ?", (client,)).fetchone()
        counts[kind] = counts.get(kind, 0) + 1
        start = since[0] if since and 0 <= now - since[0] < WINDOW else now
        self.run("insert or replace into windows values (?, ?, ?)", client, start, json.dumps(counts))

    def uncount(self, client: str, kind: str) -> None:
        row = self.conn.execute("select counts from windows where client = ?", (client,)).fetchone()
        counts = dict(json.loads(row[0])) if row is not None else {}
        if counts.get(kind):
            counts[kind] -= 1
            self.run("update windows set counts = ? where client = ?", json.dumps(counts), client)

    def agreed(self, client: str, now: float) -> frozenset[str]:
        return frozenset(
            r[0]
            for r in self.rows("select digest from agreements where client = ? and at > ?", client, now - AGREEMENT)
        )

    def agree(self, client: str, digests: Sequence[str], now: float, by: str, *, anew: bool = True) -> None:
        with self.atomic():
            self.conn.executemany(
                "insert or replace into agreements values (?, ?, ?, ?)",
                [(client, d, now, by) for d in digests],
            )
            if not anew:
                return
            self.run("delete from windows where client = ?", client)
            self.run(
                "update waiting set declined_by = '', declined_at = 0 where client = ? and digests = ?",
                client, json.dumps(list(digests)),
            )  # fmt: skip

    def decline(self, client: str, digest: str, now: float, by: str) -> None:
        self.run(
            "update waiting set declined_by = ?, declined_at = ? where client = ? and digest = ?",
            by,
            now,
            client,
            digest,
        )

    def use_agreement(self, client: str, digest: str) -> None:
        self.run("delete from agreements where client = ? and digest = ?", client, digest)

    def put_waiting(self, client: str, waiting: Sequence[WaitingRow]) -> None:
        self.run("delete from waiting where client = ?", client)
        self.conn.executemany(
            f"insert or replace into waiting ({_WAITING}) values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    client,
                    w.reason,
                    w.digest,
                    json.dumps(w.digests),
                    msgspec.json.encode([line.as_dict() for line in w.lines]).decode(),
                    w.since,
                    w.declined_by,
                    w.declined_at,
                )
                for w in waiting
            ],
        )

    def waiting(self, client: str | None = None) -> list[WaitingRow]:
        sql = f"select {_WAITING} from waiting"
        rows = (
            self.rows(sql + " order by client, reason")
            if client is None
            else self.rows(sql + " where client = ?", client)
        )
        return [WaitingRow(r[0], r[1], r[2], tuple(json.loads(r[3])), many_of_json(r[4]), *r[5:]) for r in rows]

    def storm(self, client: str, reason: str) -> str:
        row = self.conn.execute("select value from meta where key = ?", (f"{reason} {client}",)).fetchone()
        return str(row[0]) if row else ""

    def set_storm(self, client: str, reason: str, detail: str) -> None:
        self.run("insert or replace into meta values (?, ?)", f"{reason} {client}", detail)
