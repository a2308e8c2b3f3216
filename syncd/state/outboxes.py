"""What the portal has yet to be told; and, with it, what people have (state.mail_outbox)."""

from __future__ import annotations

import msgspec

from syncd.core.protocol import LeftNote, Receipt
from syncd.state.mail_outbox import MailOutbox


class Outboxes(MailOutbox):
    def queue_receipt(self, receipt: Receipt) -> None:
        self.later("insert into outbox (kind, body) values ('receipt', ?)", msgspec.json.encode(receipt).decode())

    def queue_left(self, note: LeftNote) -> None:
        self.run("insert into outbox (kind, body) values ('left', ?)", msgspec.json.encode(note).decode())

    def requeue(self, client: str, now: float) -> None:
        sql = "select id, version, left_here, by_company from base_documents where client = ?"
        for doc, version, left, by_company in self.rows(sql, client):
            if left:
                self.queue_left(LeftNote(client, doc, True))
            elif by_company:
                self.queue_receipt(Receipt(client, doc, version, now))

    def pending(self, limit: int = 5000) -> tuple[list[Receipt], list[LeftNote], int]:
        receipts, notes, mark = [], [], 0
        for row, kind, body in self.rows("select row, kind, body from outbox order by row limit ?", limit):
            mark = row
            if kind == "receipt":
                receipts.append(msgspec.json.decode(body, type=Receipt))
            else:
                notes.append(msgspec.json.decode(body, type=LeftNote))
        return receipts, notes, mark

    def sent(self, mark: int) -> None:
        self.run("delete from outbox where row <= ?", mark)
