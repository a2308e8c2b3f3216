"""Clients: their place on disk, their rules, how far they have come."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import astuple, replace

from syncd.core.client_classification import Card
from syncd.core.protocol import ClientState, ClientTree
from syncd.core.restored_backups import Marks, Restored, read_marks, write_marks
from syncd.ports.state import ClientRow
from syncd.state.transaction import Section, Transaction

RULES = ',"folders":'


LOST = "lost_online"  # Progress.lost_clients


class _Whose(msgspec.Struct):
    """What is a tree's own, before its rules."""

    client: str
    tree: int


_completed = msgspec.json.Decoder(frozenset[str]).decode
_texts = msgspec.json.Decoder(list[str]).decode


def _card(text: str) -> Card:
    """Of a state older than a fact, without it; of a later version, without what is not known yet."""
    return Card(*_texts(text)[: len(Card.__struct_fields__)])


class Clients(Section):
    def __init__(self, transaction: Transaction) -> None:
        super().__init__(transaction)
        self._trees: dict[str, ClientTree | None] = {}
        self._alike: dict[str, ClientTree] = {}
        self._made: dict[str, tuple[Any, ClientRow]] = {}  # by id: the row as it is stored, and what was made of it

    def _tree(self, client: str) -> ClientTree | None:
        """Read and decoded once for as long as it stays the same: a service asks for every client at each pass.

        Only this connection writes trees (`put_tree`).
        """
        if client not in self._trees:
            (text,) = self.conn.execute("select rules from clients where id = ?", (client,)).fetchone()
            self._trees[client] = self._read(text) if text else None
        return self._trees[client]

    def _read(self, text: str) -> ClientTree:
        """Thousands of clients have the trees of a few templates: one tree in memory for all that are alike."""
        head, mark, rest = text.partition(RULES)
        alike = self._alike.get(rest)
        if alike is None or not mark:
            alike = self._alike[rest] = msgspec.json.decode(text, type=ClientTree)
            return alike
        own = msgspec.json.decode(head + "}", type=_Whose)
        return replace(alike, client=own.client, tree=own.tree)

    def all(self) -> list[ClientRow]:
        """By code. A run asks many times, and little has changed."""
        sql = (
            "select id, code, name, tree, closed, dir, listed, finished, completed, clean, generation, recovery, card "
            "from clients order by code"
        )
        return [self._row(r) for r in self.rows(sql)]

    def _row(self, r: Any) -> ClientRow:
        stored, made = self._made.get(r[0], (None, None))
        if made is None or stored != r:
            made = ClientRow(
                r[0], r[1], r[2], r[3], bool(r[4]), r[5], bool(r[6]), bool(r[7]), _completed(r[8]),
                self._tree(r[0]), bool(r[9]), r[10], read_marks(r[11]), _card(r[12]),
            )  # fmt: skip
            self._made[r[0]] = (r, made)
        return made

    def put(self, state: ClientState) -> None:
        self.run(
            "insert into clients (id, code, name, tree, closed, card) values (?, ?, ?, ?, ?, ?) on conflict (id) do update set "
            "code = excluded.code, name = excluded.name, tree = excluded.tree, closed = excluded.closed, card = excluded.card",
            state.id, state.code, state.name, state.tree, state.closed, json.dumps(astuple(state.card)),
        )  # fmt: skip

    def put_tree(self, tree: ClientTree) -> None:
        self._trees.pop(tree.client, None)
        self._made.pop(tree.client, None)
        self.run(
            "update clients set clean = 0, look = x'', rules = ? where id = ?",
            msgspec.json.encode(tree).decode(),
            tree.client,
        )

    def set_dir(self, client: str, name: str) -> None:
        self.run("update clients set dir = ? where id = ?", name, client)

    def set_listed(self, client: str, listed: bool) -> None:
        self.run("update clients set listed = ? where id = ?", listed, client)

    def set_completed(self, client: str, tops: Iterable[str]) -> None:
        self.run("update clients set finished = 1, completed = ? where id = ?", json.dumps(sorted(tops)), client)

    def set_generation(self, generation: int, clients: Iterable[str]) -> None:
        self.conn.executemany("update clients set generation = ? where id = ?", [(generation, c) for c in clients])

    def mark(self, client: str, marks: Marks) -> None:
        """The client is to be reconciled: its observations are asked for anew, nothing about it is settled."""
        row = self.conn.execute("select recovery from clients where id = ?", (client,)).fetchone()
        if row is None:
            return
        self.run(
            "update clients set recovery = ?, clean = 0, look = x'', listed = 0 where id = ?",
            write_marks(read_marks(row[0]) | marks), client,
        )  # fmt: skip
        if Restored.PORTAL in marks:  # what the portal had told of earlier versions is forgotten with its listing
            self.run(
                "update base_documents set earlier = coalesce((select r.earlier from remote_documents r "
                "where r.client = base_documents.client and r.id = base_documents.id), x'') where client = ? and earlier = x''", client,
            )  # fmt: skip
            self.run("delete from agreements where client = ?", client)

    def unmark(self, client: str) -> None:
        self.run("update clients set recovery = '' where id = ?", client)
        self.run("update base_documents set earlier = x'' where client = ?", client)

    def set_lost(self, client: str, lost: bool) -> None:
        before = self.conn.execute("select value from meta where key = ?", (LOST,)).fetchone()
        others = set(before[0].split() if before else ()) - {client}
        if lost:
            self.run("update clients set closed = 1 where id = ?", client)
        else:
            self.run("update clients set clean = 0, look = x'', listed = 0 where id = ?", client)
        told = " ".join(sorted(others | {client} if lost else others))
        self.run("insert or replace into meta (key, value) values (?, ?)", LOST, told)

    def looks(self) -> dict[str, bytes]:
        return dict(self.rows("select id, look from clients where look != x''"))

    def set_clean(self, client: str, clean: bool, look: bytes = b"") -> None:
        look = look if clean else b""
        self.run(
            "update clients set clean = ?, look = ? where id = ? and (clean != ? or look != ?)",
            clean, look, client, clean, look,
        )  # fmt: skip
