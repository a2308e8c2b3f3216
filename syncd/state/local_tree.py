"""Documents as the last scan saw them."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.core.content import Content
from syncd.core.entry import Known
from syncd.core.paths import DiskPath
from syncd.state.transaction import Section
from syncd.state.wide_integers import kept, kept_of, stamp


class LocalTrees(Section):
    def known(self, client: str) -> dict[DiskPath, Known]:
        return {
            r[0]: Known(stamp(r[1], r[2], r[3], r[4]), Content(r[1], r[5]), r[6])
            for r in self.conn.execute(
                "select disk, size, mtime_ns, ctime_ns, inode, sha256, hashed_ns from local_documents where client = ?",
                (client,),
            )
        }

    def observe(self, client: str, changed: Mapping[DiskPath, Known | None]) -> None:
        for disk, known in changed.items():
            if known is None:
                self.later("delete from local_documents where client = ? and disk = ?", client, disk)
            else:
                seen = known.stamp
                self.later(
                    "insert or replace into local_documents values (?, ?, ?, ?, ?, ?, ?, ?)",
                    client, disk, seen.size, *kept_of(seen), known.content.sha256, known.hashed_ns,
                )  # fmt: skip

    def find_inode(self, inode: int, size: int, not_client: str) -> list[tuple[str, DiskPath, bytes]]:
        return [
            (r[0], r[1], r[2])
            for r in self.rows(
                "select c.dir, l.disk, l.sha256 from local_documents l join clients c on c.id = l.client "
                "where l.inode = ? and l.size = ? and l.client != ?", kept(inode), size, not_client,
            )
        ]  # fmt: skip
