"""Documents that are not fetched again for a while: they cannot be placed, or somebody takes them away at once."""

from __future__ import annotations

from syncd.ports.state import Pause
from syncd.state.transaction import Section


class RetryPauses(Section):
    def pauses(self, client: str) -> dict[str, Pause]:
        sql = "select doc, what, tries, until, reason, detail from pauses where client = ?"
        return {row[0]: Pause(*row) for row in self.rows(sql, client)}

    def pause(self, client: str, pause: Pause) -> None:
        self.run(
            "insert or replace into pauses (client, doc, what, tries, until, reason, detail) values (?, ?, ?, ?, ?, ?, ?)",
            client, pause.doc, pause.what, pause.tries, pause.until, pause.reason, pause.detail,
        )  # fmt: skip

    def end_pause(self, client: str, doc: str) -> None:
        self.run("delete from pauses where client = ? and doc = ?", client, doc)

    def forget_pauses(self, before: float) -> None:
        self.run("delete from pauses where until < ?", before)
