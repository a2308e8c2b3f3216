"""The three trees of each client: what is here, what is online, what both agreed on."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping

from syncd.core import paths
from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, BaseFolder, Known, RemoteDoc, RemoteFolder, RemoteState
from syncd.core.snapshot import Base, Remote
from syncd.state.set_asides import SetAsides
from syncd.state.wide_integers import kept, number, stamp

_REMOTE = (
    "insert or replace into remote_documents (id, client, path, size, sha256, version, version_id, state, by_company, "
    "earlier, tombstone, deleted_by, left_there) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_BASE = (
    "insert or replace into base_documents (id, client, path, disk, size, sha256, version, mtime_ns, ctime_ns, inode, "
    "left_here, by_company) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


_FORMER = "insert or replace into former (sha256, client, at) values (?, ?, strftime('%s', 'now'))"

_BUT = " and id not in (select value from json_each(?))"


def _listed(ids: Collection[str]) -> list[str]:
    return [json.dumps(list(ids))] if ids else []


def _remote_row(client: str, d: RemoteDoc) -> tuple[object, ...]:
    return (
        d.id, client, d.path, d.content.size, d.content.sha256, d.version, d.version_id, d.state.value, d.by_company,
        b"".join(d.earlier), d.tombstone, d.deleted_by, d.left,
    )  # fmt: skip


def _digests(joined: bytes) -> tuple[bytes, ...]:
    return tuple(joined[n : n + 32] for n in range(0, len(joined), 32)) if joined else ()


class Documents(SetAsides):
    # -- here ------------------------------------------------------------------------------------------------------

    def known(self, client: str) -> dict[str, Known]:
        return {
            r[0]: Known(stamp(r[1], r[2], r[3], r[4]), Content(r[1], r[5]), r[6])
            for r in self.conn.execute(
                "select disk, size, mtime_ns, ctime_ns, inode, sha256, hashed_ns from local_documents where client = ?",
                (client,),
            )
        }

    def observe_local(self, client: str, changed: Mapping[str, Known | None]) -> None:
        for disk, known in changed.items():
            if known is None:
                self.later("delete from local_documents where client = ? and disk = ?", client, disk)
            else:
                seen = known.stamp
                self.later(
                    "insert or replace into local_documents values (?, ?, ?, ?, ?, ?, ?, ?)",
                    client, disk, seen.size, kept(seen.mtime_ns), kept(seen.ctime_ns), kept(seen.inode), known.content.sha256,
                    known.hashed_ns,
                )  # fmt: skip

    def where_inode(self, inode: int, size: int, not_client: str) -> list[tuple[str, str, bytes]]:
        return [
            (r[0], r[1], r[2])
            for r in self.rows(
                "select c.dir, l.disk, l.sha256 from local_documents l join clients c on c.id = l.client "
                "where l.inode = ? and l.size = ? and l.client != ?", kept(inode), size, not_client,
            )
        ]  # fmt: skip

    # -- online ----------------------------------------------------------------------------------------------------

    def observe_doc(self, client: str, doc: RemoteDoc) -> None:
        self.later(_REMOTE, *_remote_row(client, doc))
        if doc.state is RemoteState.DELETED:
            self.had(client, doc.content)

    def wanted_again(self, client: str, doc: str) -> bool:
        """What was left online is asked for: it has no base any more, and comes like a new one (RULES 2, `leave`).

        As long as the portal was not told that it was left, its not knowing of it says nothing.
        """
        self._has_no_more(client, doc)
        return self.conn.execute(
            "delete from base_documents where id = ? and client = ? and left_here = 1 "
            "and not exists (select 1 from outbox where kind = 'left' and instr(body, ?))", (doc, client, doc),
        ).rowcount > 0  # fmt: skip

    def observe_docs(self, client: str, docs: Iterable[RemoteDoc], folders: Iterable[RemoteFolder]) -> None:
        self.run("delete from remote_documents where client = ?", client)
        self.run("delete from remote_folders where client = ?", client)
        listed = list(docs)
        self.conn.executemany(_REMOTE, [_remote_row(client, d) for d in listed])
        for doc in listed:
            if doc.state is RemoteState.DELETED:
                self.had(client, doc.content)
        self.conn.executemany(
            "insert or replace into remote_folders values (?, ?, ?)",
            [(f.id, client, f.path) for f in folders],
        )

    def observe_folder(self, client: str, folder: RemoteFolder, live: bool) -> None:
        if live:
            self.later("insert or replace into remote_folders values (?, ?, ?)", folder.id, client, folder.path)
        else:
            self.run("delete from remote_folders where id = ?", folder.id)

    def remote(self, client: str, but: Collection[str] = ()) -> Remote:
        docs = {
            r[0]: RemoteDoc(
                r[0], r[1], Content(r[2], r[3]), r[4], r[5], RemoteState(r[6]), bool(r[7]),
                _digests(r[8]), r[9], r[10], bool(r[11]),
            )
            for r in self.conn.execute(
                "select id, path, size, sha256, version, version_id, state, by_company, earlier, tombstone, deleted_by, "
                f"left_there from remote_documents where client = ?{_BUT if but else ''}", (client, *_listed(but)),
            )
        }  # fmt: skip
        folders = {
            r[0]: RemoteFolder(r[0], r[1])
            for r in self.rows("select id, path from remote_folders where client = ?", client)
        }
        return Remote(docs, folders)

    def unlisted_base(self, client: str) -> list[str]:
        return [
            r[0]
            for r in self.rows(
                "select b.id from base_documents b left join remote_documents r on r.client = b.client and r.id = b.id "
                "where b.client = ? and r.id is null", client,
            )
        ]  # fmt: skip

    # -- agreed ----------------------------------------------------------------------------------------------------

    def settled(self, client: str) -> Iterator[tuple[str, str, str]]:
        yield from self.conn.execute(
            "select b.id, b.disk, b.path from base_documents b "
            "join remote_documents r on r.client = b.client and r.id = b.id "
            "join local_documents l on l.client = b.client and l.disk = b.disk "
            "where b.client = ? and b.left_here = 0 and r.state = 'live' and r.version = b.version "
            "and r.path = b.path and r.size = b.size and r.sha256 = b.sha256 "
            "and l.size = b.size and l.sha256 = b.sha256 and l.inode = b.inode and l.mtime_ns = b.mtime_ns "
            "and l.ctime_ns = b.ctime_ns", (client,),
        )  # fmt: skip

    def base(self, client: str, but: Collection[str] = ()) -> Base:
        docs = {
            r[0]: BaseDoc(
                r[0], r[1], r[2], Content(r[3], r[4]), r[5],
                stamp(r[3], r[6], r[7], r[8]), bool(r[9]), bool(r[10]), _digests(r[11]),
            )
            for r in self.conn.execute(
                "select id, path, disk, size, sha256, version, mtime_ns, ctime_ns, inode, left_here, by_company, "
                f"earlier from base_documents where client = ?{_BUT if but else ''}", (client, *_listed(but)),
            )
        }  # fmt: skip
        folders = {
            r[0]: BaseFolder(r[0], r[1], r[2], number(r[3]), bool(r[4]))
            for r in self.rows("select id, path, disk, inode, closed from base_folders where client = ?", client)
        }
        return Base(docs, folders, self.set_asides(client))

    def put_base(self, client: str, doc: BaseDoc, *, over: str = "") -> None:
        if over:
            self.forget(client, over)
        self.later(
            _BASE,
            doc.id, client, doc.path, doc.disk, doc.content.size, doc.content.sha256, doc.version,
            kept(doc.stamp.mtime_ns), kept(doc.stamp.ctime_ns), kept(doc.stamp.inode), doc.left, doc.by_company,
        )  # fmt: skip

    def had(self, client: str, content: Content) -> None:
        """The client has, or had, this content, whatever becomes of it: it is nobody else's for a long time (RULES 5)."""
        if content.size:
            self.later(_FORMER, content.sha256, client)

    def _has_no_more(self, client: str, doc: str) -> None:
        for size, sha256 in self.rows(
            "select size, sha256 from base_documents where client = ? and id = ?", client, doc
        ):
            self.had(client, Content(size, sha256))

    def forget_former(self, days: float = 400.0) -> None:
        """By the same clock that wrote them, so that a wrong one forgets nothing of its own."""
        for table in ("former", "doubted"):
            self.run(f"delete from {table} where at < strftime('%s', 'now') - ?", days * 86400.0)

    def doubt(self, client: str, contents: Iterable[bytes]) -> None:
        self.conn.executemany(
            "insert or ignore into doubted values (?, ?, strftime('%s', 'now'))",
            [(client, sha256) for sha256 in contents],
        )

    def doubted(self, client: str) -> frozenset[bytes]:
        return frozenset(r[0] for r in self.rows("select sha256 from doubted where client = ?", client))

    def undoubt(self, client: str, sha256: bytes) -> None:
        self.run("delete from doubted where client = ? and sha256 = ?", client, sha256)

    def forget(self, client: str, doc: str) -> None:
        self._has_no_more(client, doc)
        self.run("delete from base_documents where client = ? and id = ?", client, doc)

    def put_folder(self, client: str, folder: BaseFolder) -> None:
        self.later(
            "insert or replace into base_folders (id, client, path, disk, inode, closed) values (?, ?, ?, ?, ?, ?)",
            folder.id, client, folder.path, folder.disk, kept(folder.inode), folder.closed,
        )  # fmt: skip

    def forget_folder(self, folder: str) -> None:
        self.run("delete from base_folders where id = ?", folder)

    def move_folder(self, client: str, folder: str, new: str, new_disk: str, *, online: str) -> None:
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

    def awaits(self, client: str, disk: str, stamp: Stamp) -> bool:
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

    def online_keys(self, client: str) -> set[str]:
        with self.lock:
            return {paths.key(r[0]) for r in self.rows("select path from remote_documents where client = ?", client)}

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

    def held_online(self, client: str) -> set[bytes]:
        found: set[bytes] = set()
        sql = "select sha256, earlier from remote_documents where client = ? and state = 'live'"
        for sha256, earlier in self.rows(sql, client):
            found |= {sha256, *_digests(earlier)}
        return found

    def totals(self) -> dict[str, int]:
        """Documents in the base, by client."""
        return dict(self.rows("select client, count(*) from base_documents where left_here = 0 group by client"))

    def folder_places(self, client: str) -> set[tuple[str, int]]:
        return {
            (r[0], number(r[1])) for r in self.rows("select disk, inode from base_folders where client = ?", client)
        }
