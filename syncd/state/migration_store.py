"""What migrations remember, in a database of their own: what is settled of each old tree, whose turn it was, reports."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from syncd.core.content import Stamp
from syncd.core.errors import StateFailed, SyncdError, UsageError
from syncd.core.migration.report import MigrationReport
from syncd.core.paths import DiskPath
from syncd.core.words import faults
from syncd.ports.migration import Look, Settled
from syncd.state.connection import Connection

FILE = "migrations.sqlite"
SCHEMA = 2
KEPT = 200  # reports
_TABLES = """
create table trees (id integer primary key, path text not null unique);
create table settled (
  tree integer not null, path blob not null, size integer not null, mtime_ns integer not null, ctime_ns integer not null,
  client text not null, sha256 blob not null, placed blob not null, primary key (tree, path)
) without rowid;
create index settled_by_client on settled (client);
create table turns (client text primary key, turn integer not null) without rowid;
create table runs (id integer primary key autoincrement, report blob not null);
"""
_LOOKS = "create table looks (tree integer not null, source blob not null, look blob not null, primary key (tree, source)) without rowid"
_look = msgspec.msgpack.Decoder(Look).decode
_report = msgspec.msgpack.Decoder(MigrationReport).decode


class MigrationStore:
    """Keeps to `ports.migration.MigrationMemory`. Raises StateFailed; SyncdError for a database of no use."""

    def __init__(self, path: str) -> None:
        try:
            self.conn = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=30, factory=Connection
            )
            self.conn.execute("pragma journal_mode = wal")
            self.conn.execute("pragma synchronous = full")
            self._made()
        except sqlite3.DatabaseError as e:
            raise SyncdError(
                faults.STATE_UNWRITTEN.of(at=path, why=e), mend=faults.STATE_BROKEN_MEND.of(), reason="state_unusable"
            ) from None

    def _made(self) -> None:
        version = self.conn.execute("pragma user_version").fetchone()[0]
        if version > SCHEMA:
            raise UsageError(
                f"The memory of migrations was written by a newer version of syncd (schema {version}).",
                mend="Install that version again; nothing was changed.",
                reason="state_newer",
            )
        if version == SCHEMA:
            return
        self.conn.execute("begin immediate")
        for statement in _TABLES.split(";") if version < 1 else ():
            if statement.strip():
                self.conn.execute(statement)
        self.conn.execute(_LOOKS)
        self.conn.execute(f"pragma user_version = {SCHEMA}")
        self.conn.execute("commit")

    def close(self) -> None:
        self.conn.close()

    # -- what is settled -----------------------------------------------------------------------------------------------

    def settled(self, tree: str, source: str) -> dict[str, Settled]:
        sql = "select path, size, mtime_ns, ctime_ns, client, sha256, placed from settled where tree = ?"
        asked: tuple[object, ...] = (self._tree(tree),)
        if source:  # below it: from `source/` up to what comes after every name that begins so
            sql += " and path >= ? and path < ?"
            asked += (_bytes(f"{source}/"), _bytes(f"{source}0"))
        return {
            (path := _text(r[0])): Settled(path, Stamp(r[1], r[2], r[3], 0), r[4], r[5], _text(r[6]))
            for r in self.conn.execute(sql, asked)
        }

    def settle(self, tree: str, documents: Sequence[Settled]) -> None:
        if not documents:
            return
        of = self._tree(tree)
        rows = [
            (of, _bytes(d.path), d.stamp.size, d.stamp.mtime_ns, d.stamp.ctime_ns, d.client, d.sha256, _bytes(d.placed))
            for d in documents
        ]
        self.conn.execute("begin immediate")
        try:
            self.conn.executemany("insert or replace into settled values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self.conn.execute("commit")
        except BaseException:
            self.conn.execute("rollback")
            raise

    def looks(self, tree: str) -> dict[str, Look]:
        rows = self.conn.execute("select source, look from looks where tree = ?", (self._tree(tree),))
        return {_text(r[0]): _look(r[1]) for r in rows}

    def remember(self, tree: str, looks: Mapping[str, Look]) -> None:
        if not looks:
            return
        of = self._tree(tree)
        rows = [(of, _bytes(source), msgspec.msgpack.encode(look)) for source, look in looks.items()]
        self.conn.execute("begin immediate")
        try:
            self.conn.executemany("insert or replace into looks values (?, ?, ?)", rows)
            self.conn.execute("commit")
        except BaseException:
            self.conn.execute("rollback")
            raise

    def placed(self, client: str) -> dict[bytes, DiskPath]:
        rows = self.conn.execute("select sha256, placed from settled where client = ? and placed != x''", (client,))
        return {r[0]: DiskPath(_text(r[1])) for r in rows}

    def _tree(self, path: str) -> int:
        row = self.conn.execute("select id from trees where path = ?", (path,)).fetchone()
        if row is None:
            self.conn.execute("insert into trees (path) values (?)", (path,))
            row = self.conn.execute("select id from trees where path = ?", (path,)).fetchone()
        return int(row[0])

    # -- turns ---------------------------------------------------------------------------------------------------------

    def turns(self) -> Mapping[str, int]:
        return dict(self.conn.execute("select client, turn from turns").fetchall())

    def take_turn(self, client: str) -> None:
        self.conn.execute(
            "insert or replace into turns values (?, (select coalesce(max(turn), 0) + 1 from turns))", (client,)
        )

    # -- reports -------------------------------------------------------------------------------------------------------

    def begin_run(self, tree: str, started: float) -> int:
        made = self.conn.execute("insert into runs (report) values (x'')")
        run = int(made.lastrowid or 0)
        self._put(MigrationReport(run, tree, started))
        self.conn.execute("delete from runs where id <= ?", (run - KEPT,))
        return run

    def end_run(self, report: MigrationReport) -> None:
        self._put(report)

    def _put(self, report: MigrationReport) -> None:
        self.conn.execute("update runs set report = ? where id = ?", (msgspec.msgpack.encode(report), report.run))

    def reports(self, most: int) -> list[MigrationReport]:
        rows = self.conn.execute("select report from runs where report != x'' order by id desc limit ?", (most,))
        return [_report(r[0]) for r in rows]


def open_migrations(directory: Path) -> MigrationStore:
    """The database in the state's directory, made if missing, its owner's alone. Raises SyncdError."""
    path = directory / FILE
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as e:
        raise StateFailed(
            faults.STATE_UNWRITTEN.of(at=path, why=e.strerror or e), mend=faults.STATE_REFUSED_MEND.of()
        ) from None
    return MigrationStore(str(path))


def migrations_copy(directory: Path) -> MigrationStore:
    """A copy in memory, for what must write nothing. Raises SyncdError."""
    copy = MigrationStore(":memory:")
    path = directory / FILE
    if path.exists():
        source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            source.backup(copy.conn)
        except sqlite3.DatabaseError as e:
            raise SyncdError(
                f"The memory of migrations '{path}' cannot be read ({e}).", reason="state_unusable"
            ) from None
        finally:
            source.close()
    return copy


def _bytes(path: str) -> bytes:
    """A name on disk need be no text: SQLite keeps the bytes, in their own order."""
    return path.encode("utf-8", "surrogatepass")


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogatepass")
