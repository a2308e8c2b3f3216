"""Clients: their place on disk, their rules, how far they have come."""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec

from syncd.core.exchange import ClientState, ClientTree
from syncd.ports.state import ClientRow
from syncd.state.section import Section


class Clients(Section):
    def clients(self) -> list[ClientRow]:
        return [
            ClientRow(
                r[0], r[1], r[2], r[3], bool(r[4]), r[5], bool(r[6]), bool(r[7]), frozenset(json.loads(r[8])),
                msgspec.json.decode(r[9], type=ClientTree) if r[9] else None, bool(r[10]),
            )
            for r in self.rows(
                "select id, code, name, tree, closed, dir, listed, finished, completed, rules, clean from clients order by code"
            )
        ]  # fmt: skip

    def put_client(self, state: ClientState) -> None:
        self.run(
            "insert into clients (id, code, name, tree, closed) values (?, ?, ?, ?, ?) on conflict (id) do update "
            "set code = excluded.code, name = excluded.name, tree = excluded.tree, closed = excluded.closed",
            state.id, state.code, state.name, state.tree, state.closed,
        )  # fmt: skip

    def put_tree(self, tree: ClientTree) -> None:
        self.run(
            "update clients set clean = 0, rules = ? where id = ?",
            msgspec.json.encode(tree).decode(),
            tree.client,
        )

    def set_client_dir(self, client: str, name: str) -> None:
        self.run("update clients set dir = ? where id = ?", name, client)

    def set_listed(self, client: str, listed: bool) -> None:
        self.run("update clients set listed = ? where id = ?", listed, client)

    def set_completed(self, client: str, tops: Iterable[str]) -> None:
        self.run("update clients set finished = 1, completed = ? where id = ?", json.dumps(sorted(tops)), client)

    def set_clean(self, client: str, clean: bool) -> None:
        self.run("update clients set clean = ? where id = ? and clean != ?", clean, client, clean)
