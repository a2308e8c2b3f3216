"""What both sides agreed on."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from syncd.core.content import Content
from syncd.core.entry import BaseDoc, BaseFolder
from syncd.core.paths import DiskPath
from syncd.core.snapshot import Base
from syncd.state.columns import BUT, digests, listed
from syncd.state.contents import Contents
from syncd.state.set_asides import SetAsides
from syncd.state.transaction import Section, Transaction
from syncd.state.wide_integers import kept, kept_of, number, stamp

_BASE = (
    "insert or replace into base_documents (id, client, path, disk, size, sha256, version, mtime_ns, ctime_ns, inode, "
    "left_here, by_company) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class BaseTrees(Section):
    def __init__(self, transaction: Transaction, contents: Contents, set_asides: SetAsides) -> None:
        super().__init__(transaction)
        self._contents, self._set_asides = contents, set_asides

    def load(self, client: str, but: Collection[str] = ()) -> Base:
        docs = {
            r[0]: BaseDoc(
                r[0], r[1], r[2], Content(r[3], r[4]), r[5],
                stamp(r[3], r[6], r[7], r[8]), bool(r[9]), bool(r[10]), digests(r[11]),
            )
            for r in self.conn.execute(
                "select id, path, disk, size, sha256, version, mtime_ns, ctime_ns, inode, left_here, by_company, "
                f"earlier from base_documents where client = ?{BUT if but else ''}", (client, *listed(but)),
            )
        }  # fmt: skip
        folders = {
            r[0]: BaseFolder(r[0], r[1], r[2], number(r[3]), bool(r[4]))
            for r in self.rows("select id, path, disk, inode, closed from base_folders where client = ?", client)
        }
        return Base(docs, folders, self._set_asides.of(client))

    def put(self, client: str, doc: BaseDoc, *, over: str = "") -> None:
        if over:
            self.forget(client, over)
        self.later(
            _BASE,
            doc.id, client, doc.path, doc.disk, doc.content.size, doc.content.sha256, doc.version,
            *kept_of(doc.stamp), doc.left, doc.by_company,
        )  # fmt: skip

    def forget(self, client: str, doc: str) -> None:
        self._has_no_more(client, doc)
        self.run("delete from base_documents where client = ? and id = ?", client, doc)

    def _has_no_more(self, client: str, doc: str) -> None:
        for size, sha256 in self.rows(
            "select size, sha256 from base_documents where client = ? and id = ?", client, doc
        ):
            self._contents.add(client, Content(size, sha256))

    def ending(self, endings: Sequence[str]) -> list[tuple[str, BaseDoc]]:
        alike = " or ".join("path like ?" for _ in endings)
        sql = (
            "select client, id, path, disk, size, sha256, version, mtime_ns, ctime_ns, inode, by_company from base_documents "
            f"where left_here = 0 and ({alike}) order by client, path"
        )
        return [
            (
                r[0],
                BaseDoc(
                    r[1], r[2], r[3], Content(r[4], r[5]), r[6], stamp(r[4], r[7], r[8], r[9]), by_company=bool(r[10])
                ),
            )
            for r in self.rows(sql, *(f"%{ending}" for ending in endings))
        ]

    def left(self) -> frozenset[str]:
        return frozenset(r[0] for r in self.rows("select id from base_documents where left_here = 1"))

    def wanted_again(self, client: str, doc: str) -> bool:
        """What was left online is asked for: it has no base any more, and comes like a new one (RULES 2, `leave`).

        As long as the portal was not told that it was left, its not knowing of it says nothing.
        """
        self._has_no_more(client, doc)
        return self.conn.execute(
            "delete from base_documents where id = ? and client = ? and left_here = 1 "
            "and not exists (select 1 from outbox where kind = 'left' and instr(body, ?))", (doc, client, doc),
        ).rowcount > 0  # fmt: skip

    def put_folder(self, client: str, folder: BaseFolder) -> None:
        self.later(
            "insert or replace into base_folders (id, client, path, disk, inode, closed) values (?, ?, ?, ?, ?, ?)",
            folder.id, client, folder.path, folder.disk, kept(folder.inode), folder.closed,
        )  # fmt: skip

    def forget_folder(self, folder: str) -> None:
        self.run("delete from base_folders where id = ?", folder)

    def folder_places(self, client: str) -> set[tuple[DiskPath, int]]:
        return {
            (r[0], number(r[1])) for r in self.rows("select disk, inode from base_folders where client = ?", client)
        }

    def totals(self) -> dict[str, int]:
        """Documents in the base, by client."""
        return dict(self.rows("select client, count(*) from base_documents where left_here = 0 group by client"))
