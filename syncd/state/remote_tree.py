"""Documents and folders as the portal last said them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from syncd.core import paths
from syncd.core.content import Content
from syncd.core.entry import RemoteDoc, RemoteFolder, RemoteState
from syncd.core.snapshot import Remote
from syncd.state.columns import BUT, digests, listed
from syncd.state.contents import Contents
from syncd.state.transaction import Section, Transaction

_REMOTE = (
    "insert or replace into remote_documents (id, client, path, size, sha256, version, version_id, state, by_company, "
    "earlier, tombstone, deleted_by, left_there) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _remote_row(client: str, d: RemoteDoc) -> tuple[object, ...]:
    return (
        d.id, client, d.path, d.content.size, d.content.sha256, d.version, d.version_id, d.state.value, d.by_company,
        b"".join(d.earlier), d.tombstone, d.deleted_by, d.left,
    )  # fmt: skip


class RemoteTrees(Section):
    def __init__(self, transaction: Transaction, contents: Contents) -> None:
        super().__init__(transaction)
        self._contents = contents

    def load(self, client: str, but: Collection[str] = ()) -> Remote:
        docs = {
            r[0]: RemoteDoc(
                r[0], r[1], Content(r[2], r[3]), r[4], r[5], RemoteState(r[6]), bool(r[7]),
                digests(r[8]), r[9], r[10], bool(r[11]),
            )
            for r in self.conn.execute(
                "select id, path, size, sha256, version, version_id, state, by_company, earlier, tombstone, deleted_by, "
                f"left_there from remote_documents where client = ?{BUT if but else ''}", (client, *listed(but)),
            )
        }  # fmt: skip
        folders = {
            r[0]: RemoteFolder(r[0], r[1])
            for r in self.rows("select id, path from remote_folders where client = ?", client)
        }
        return Remote(docs, folders)

    def put(self, client: str, doc: RemoteDoc) -> None:
        self.later(_REMOTE, *_remote_row(client, doc))
        if doc.state is RemoteState.DELETED:
            self._contents.add(client, doc.content)

    def put_folder(self, client: str, folder: RemoteFolder, live: bool) -> None:
        if live:
            self.later("insert or replace into remote_folders values (?, ?, ?)", folder.id, client, folder.path)
        else:
            self.run("delete from remote_folders where id = ?", folder.id)

    def replace(self, client: str, docs: Iterable[RemoteDoc], folders: Iterable[RemoteFolder]) -> None:
        self.run("delete from remote_documents where client = ?", client)
        self.run("delete from remote_folders where client = ?", client)
        rows = list(docs)
        self.conn.executemany(_REMOTE, [_remote_row(client, d) for d in rows])
        for doc in rows:
            if doc.state is RemoteState.DELETED:
                self._contents.add(client, doc.content)
        self.conn.executemany(
            "insert or replace into remote_folders values (?, ?, ?)",
            [(f.id, client, f.path) for f in folders],
        )

    def keys(self, client: str) -> set[str]:
        with self.lock:
            return {paths.key(r[0]) for r in self.rows("select path from remote_documents where client = ?", client)}

    def live_contents(self, client: str) -> set[bytes]:
        sql = "select sha256 from remote_documents where client = ? and state = 'live'"
        return {r[0] for r in self.rows(sql, client)}

    def contents(self, client: str) -> set[bytes]:
        found: set[bytes] = set()
        sql = "select sha256, earlier from remote_documents where client = ? and state = 'live'"
        for sha256, earlier in self.rows(sql, client):
            found |= {sha256, *digests(earlier)}
        return found
