"""Mails that are to go out, and the troubles people were told of: nothing is lost while a mail server is away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import astuple

from syncd.core.alert_timing import Trouble
from syncd.state.transaction import Section

PAUSES = (60.0, 300.0, 900.0, 3600.0)


class MailOutbox(Section):
    def troubles(self) -> dict[str, Trouble]:
        sql = "select key, client, reason, detail, since, told, ended from troubles order by since"
        return {r[0]: Trouble(*r) for r in self.rows(sql)}

    def put_troubles(self, troubles: Iterable[Trouble]) -> None:
        with self.atomic():
            self.run("delete from troubles")
            self.conn.executemany(
                "insert into troubles values (?, ?, ?, ?, ?, ?, ?)",
                [astuple(t) for t in troubles],
            )

    def queue_mail(self, recipient: str, message: bytes, now: float) -> None:
        self.run("insert into mails (made, recipient, message) values (?, ?, ?)", now, recipient, message)

    def due_mails(self, now: float, limit: int = 50) -> list[tuple[int, str, bytes]]:
        rows = self.rows("select id, recipient, message from mails where after <= ? order by id limit ?", now, limit)
        return [(r[0], r[1], bytes(r[2])) for r in rows]

    def mail_sent(self, mail: int) -> None:
        self.run("delete from mails where id = ?", mail)

    def mail_failed(self, mail: int, fault: str, now: float) -> None:
        row = self.conn.execute("select attempts from mails where id = ?", (mail,)).fetchone()
        pause = PAUSES[min(int(row[0]), len(PAUSES) - 1)]
        self.run(
            "update mails set attempts = attempts + 1, fault = ?, after = ? where id = ?", fault, now + pause, mail
        )

    def waiting_mails(self) -> tuple[int, float, str]:
        """How many did not go out at their first attempt, since when, and why."""
        row: Any = self.conn.execute("select count(*), min(made), max(fault) from mails where attempts > 0").fetchone()
        return int(row[0]), float(row[1] or 0), str(row[2] or "")
