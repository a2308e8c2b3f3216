"""The three trees of each client, and what is asked of several of them at once."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.core.content import Stamp
from syncd.core.paths import ClientPath, DiskPath
from syncd.state.base_tree import BaseTrees
from syncd.state.contents import Contents
from syncd.state.local_tree import LocalTrees
from syncd.state.remote_tree import RemoteTrees
from syncd.state.set_asides import SetAsides
from syncd.state.transaction import Section, Transaction
from syncd.state.wide_integers import kept


class Trees(Section):
    def __init__(self, transaction: Transaction, set_asides: SetAsides) -> None:
        super().__init__(transaction)
        self.contents = Contents(transaction)
        self.local = LocalTrees(transaction)
        self.remote = RemoteTrees(transaction, self.contents)
        self.base = BaseTrees(transaction, self.contents, set_asides)

    def settled(self, client: str) -> Iterator[tuple[str, DiskPath, ClientPath]]:
        yield from self.conn.execute(
            "select b.id, b.disk, b.path from base_documents b "
            "join remote_documents r on r.client = b.client and r.id = b.id "
            "join local_documents l on l.client = b.client and l.disk = b.disk "
            "where b.client = ? and b.left_here = 0 and r.state = 'live' and r.version = b.version "
            "and r.path = b.path and r.size = b.size and r.sha256 = b.sha256 "
            "and l.size = b.size and l.sha256 = b.sha256 and l.inode = b.inode and l.mtime_ns = b.mtime_ns "
            "and l.ctime_ns = b.ctime_ns", (client,),
        )  # fmt: skip

    def unlisted(self, client: str) -> list[str]:
        return [
            r[0]
            for r in self.rows(
                "select b.id from base_documents b left join remote_documents r on r.client = b.client and r.id = b.id "
                "where b.client = ? and r.id is null", client,
            )
        ]  # fmt: skip

    def move_folder(self, client: str, folder: str, new: ClientPath, new_disk: DiskPath, *, online: ClientPath) -> None:
        row = self.conn.execute("select path, disk from base_folders where id = ?", (folder,)).fetchone()
        if row is None:
            return
        old, old_disk = row
        columns = [
            ("base_documents", "path", old, new), ("base_documents", "disk", old_disk, new_disk),
            ("base_folders", "path", old, new), ("base_folders", "disk", old_disk, new_disk),
            ("local_documents", "disk", old_disk, new_disk), ("set_asides", "moved_to", old_disk, new_disk),
        ]  # fmt: skip
        if online:
            columns += [("remote_documents", "path", online, new), ("remote_folders", "path", online, new)]
        for table, column, before, after in columns:
            if before != after and before:
                self.run(
                    f"update or replace {table} set {column} = ? || substr({column}, ?) "
                    f"where client = ? and ({column} = ? or substr({column}, 1, ?) = ?)",
                    after, len(before) + 1, client, before, len(before) + 1, before + "/",
                )  # fmt: skip

    def awaits(self, client: str, disk: DiskPath, stamp: Stamp) -> bool:
        size, inode = stamp.size, kept(stamp.inode)
        with self.lock:  # asked in a thread
            return bool(self.rows(
                "select 1 from local_documents where inode = ? and size = ? and (client != ? or disk != ?) "
                "union all select 1 from local_documents where client = ? and disk != ? and (size = ? or inode = ?) "
                "union all select 1 from base_documents where client = ? and (disk = ? or size = ? or inode = ?) "
                "union all select 1 from set_asides "
                "where client = ? and (moved_to = ? or size = ? or size_now = ? or inode = ?) "
                "union all select 1 from remote_documents where client = ? and size = ? limit 1",
                inode, size, client, disk, client, disk, size, inode, client, disk, size, inode,
                client, disk, size, size, inode, client, size,
            ))  # fmt: skip
