"""Records of documents renamed `supp_…`: committed before the rename, settled after a crash (RULES 3)."""

from __future__ import annotations

from typing import Any

from syncd.core.content import Content
from syncd.core.entry import Deletion, Hidden, SetAsideRecord, Tombstone, Undone
from syncd.state.transaction import Section
from syncd.state.wide_integers import kept, number

_COLUMNS = "doc, tombstone, origin, moved_to, size, sha256, inode, size_now, done"


_PREFIXES: dict[str, type[Undone | Hidden]] = {"undone": Undone, "hidden": Hidden}


def _deletion(text: str) -> Deletion:
    prefix, colon, at = text.partition(":")
    made = _PREFIXES.get(prefix) if colon else None
    return made(at) if made is not None else Tombstone(text)


def _text(deletion: Deletion) -> str:
    """As the column has it."""
    match deletion:
        case Tombstone(id=id_):
            return id_
        case Undone(at=at):
            return f"undone:{at}"
        case Hidden(at=at):
            return f"hidden:{at}"


def _record(r: Any) -> SetAsideRecord:
    return SetAsideRecord(r[0], _deletion(r[1]), r[2], r[3], Content(r[4], r[5]), number(r[6]), r[7], bool(r[8]))


class SetAsides(Section):
    def of(self, client: str) -> list[SetAsideRecord]:
        return [
            _record(r) for r in self.rows(f"select {_COLUMNS} from set_asides where client = ? order by row", client)
        ]

    def intend(self, client: str, record: SetAsideRecord) -> int:
        self.run(  # after a recovery the same tombstone may be followed again
            "delete from set_asides where client = ? and doc = ? and tombstone = ?",
            client,
            record.doc,
            _text(record.deletion),
        )
        cursor = self.conn.execute(
            f"insert into set_asides (client, {_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                client, record.doc, _text(record.deletion), record.origin, record.to, record.content.size, record.content.sha256,
                kept(record.inode), record.size, record.done,
            ),
        )  # fmt: skip
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def settle(self, row: int, record: SetAsideRecord | None) -> None:
        if record is None:
            self.run("delete from set_asides where row = ?", row)
        else:
            self.run("insert or ignore into followed select tombstone, client from set_asides where row = ?", row)
            self.run(
                "update set_asides set moved_to = ?, inode = ?, done = 1 where row = ?",
                record.to,
                kept(record.inode),
                row,
            )

    def put(self, client: str, record: SetAsideRecord) -> None:
        changed = self.conn.execute(
            "update set_asides set moved_to = ?, inode = ?, size_now = ? where client = ? and doc = ? and tombstone = ?",
            (record.to, kept(record.inode), record.size, client, record.doc, _text(record.deletion)),
        )
        if changed.rowcount == 0:  # rebuilt after the state was lost
            self.settle(self.intend(client, record), record)

    def followed(self, client: str) -> frozenset[str]:
        return frozenset(r[0] for r in self.rows("select tombstone from followed where client = ?", client))

    def intended(self) -> list[tuple[int, str, SetAsideRecord]]:
        return [
            (r[9], r[10], _record(r))
            for r in self.rows(f"select {_COLUMNS}, row, client from set_asides where done = 0")
        ]

    def forget(self, client: str, doc: str) -> None:
        self.run("delete from set_asides where client = ? and doc = ?", client, doc)
