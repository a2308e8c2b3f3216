"""Whose contents are whose, lately too: a content that one client had is nobody else's for a long time (RULES 5)."""

from __future__ import annotations

from collections.abc import Iterable

from syncd.core.content import Content
from syncd.core.time_units import DAY
from syncd.state.transaction import Section

_FORMER = "insert or replace into former (sha256, client, at) values (?, ?, strftime('%s', 'now'))"


class Contents(Section):
    def add(self, client: str, content: Content) -> None:
        """The client has, or had, this content, whatever becomes of it: it is nobody else's for a long time (RULES 5)."""
        if content.size:
            self.later(_FORMER, content.sha256, client)

    def elsewhere(self, contents: Iterable[bytes], not_client: str) -> set[bytes]:
        wanted, found = list(set(contents)), set[bytes]()
        for n in range(0, len(wanted), 500):
            part = wanted[n : n + 500]
            places = ", ".join("?" * len(part))
            sql = (
                f"select sha256 from base_documents where sha256 in ({places}) and client != ? and size > 0 "
                f"union select sha256 from set_asides where sha256 in ({places}) and client != ? and size > 0 "
                f"union select sha256 from former where sha256 in ({places}) and client != ?"
            )
            found |= {r[0] for r in self.rows(sql, *(*part, not_client) * 3)}
        return found

    def had(self, client: str, contents: Iterable[bytes]) -> set[bytes]:
        """Those that the client has online, or had."""
        wanted, found = list(set(contents)), set[bytes]()
        for n in range(0, len(wanted), 500):
            part = wanted[n : n + 500]
            places = ", ".join("?" * len(part))
            sql = " union ".join(
                f"select sha256 from {table} where sha256 in ({places}) and client = ?"
                for table in ("base_documents", "set_asides", "former")
            )
            found |= {r[0] for r in self.rows(sql, *(*part, client) * 3)}
        return found

    def agreed(self, client: str, content: Content) -> bool:
        sql = "select 1 from base_documents where sha256 = ? and client = ? and size = ? limit 1"
        return bool(self.rows(sql, content.sha256, client, content.size))

    def doubt(self, client: str, contents: Iterable[bytes]) -> None:
        self.conn.executemany(
            "insert or ignore into doubted values (?, ?, strftime('%s', 'now'))",
            [(client, sha256) for sha256 in contents],
        )

    def doubted(self, client: str) -> frozenset[bytes]:
        return frozenset(r[0] for r in self.rows("select sha256 from doubted where client = ?", client))

    def undoubt(self, client: str, sha256: bytes) -> None:
        self.run("delete from doubted where client = ? and sha256 = ?", client, sha256)

    def forget(self, days: float = 400.0) -> None:
        """By the same clock that wrote them, so that a wrong one forgets nothing of its own."""
        for table in ("former", "doubted"):
            self.run(f"delete from {table} where at < strftime('%s', 'now') - ?", days * DAY)
