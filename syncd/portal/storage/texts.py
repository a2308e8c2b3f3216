# ruff: noqa: S608 - what is put into a question is a number, a name of this file's, or how many marks there are
"""What documents say, in a database of its own beside the portal's: SQLite FTS5, over words that are folded already.

Whoever searches has it attached for reading alone: writing here keeps nobody from writing there, and what is asked of both is
one query. Each client's texts lie side by side, so that a person of one company looks through those alone, and the time it
takes says nothing of others.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from syncd.core import text_search
from syncd.core.search_folding import fold
from syncd.portal.storage import disk_reserve

FORM = 1  # of what is kept: one more, and all is read again
TRIES = 3
PAUSES = (60.0, 3600.0, 86400.0)  # seconds, after each try
FEW = 40  # clients whose texts are looked through one by one
AT_ONCE = 500
NAME = "said"  # of the database, where it is attached
_BITS = 36  # of an entry's id: which one of its client's
_FORGOT = "forgot"
_SCHEMA = f"""
PRAGMA user_version = {FORM};
CREATE TABLE client (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE TABLE entry (id INTEGER PRIMARY KEY, version TEXT NOT NULL UNIQUE, tries INTEGER NOT NULL DEFAULT 0, due REAL);
CREATE INDEX entry_due ON entry (due, id & {(1 << _BITS) - 1}) WHERE due IS NOT NULL;
CREATE TABLE text (id INTEGER PRIMARY KEY, packed BLOB NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (folded, tokenize = "unicode61 remove_diacritics 0", columnsize = 0);
CREATE TABLE mark (name TEXT PRIMARY KEY, said TEXT NOT NULL) WITHOUT ROWID;
"""
_NEXT = f"""SELECT id, version, tries FROM entry WHERE due <= ?
ORDER BY due DESC, id & {(1 << _BITS) - 1} DESC LIMIT 1"""


class LocalTexts:
    """Keeps to `port.TextIndex`; any thread may ask."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._conn: sqlite3.Connection | None = None
        self._file = 0

    def expect(self, versions: Sequence[tuple[str, str]]) -> None:
        with self._writing() as conn:
            now = time.time()
            for version, client in versions:
                if conn.execute("SELECT 1 FROM entry WHERE version = ?", (version,)).fetchone():
                    continue
                conn.execute("INSERT OR IGNORE INTO client (id) VALUES (?)", (client,))
                ((number,),) = conn.execute("SELECT number FROM client WHERE id = ?", (client,))
                first, last = _range(number)
                ((latest,),) = conn.execute("SELECT max(id) FROM entry WHERE id BETWEEN ? AND ?", (first, last))
                conn.execute(
                    "INSERT INTO entry (id, version, due) VALUES (?, ?, ?)", ((latest or first) + 1, version, now)
                )

    def forget(self, versions: Sequence[str]) -> None:
        with self._writing() as conn:
            for n in range(0, len(versions), AT_ONCE):
                some = versions[n : n + AT_ONCE]
                ids = conn.execute(f"SELECT id FROM entry WHERE version IN ({_marks(some)})", some).fetchall()
                if ids:
                    conn.execute("INSERT OR REPLACE INTO mark VALUES (?, 'yes')", (_FORGOT,))
                for table in ("words", "text", "entry"):
                    conn.executemany(f"DELETE FROM {table} WHERE {'rowid' if table == 'words' else 'id'} = ?", ids)

    def known(self) -> Iterator[str]:
        after = ""
        while rows := self._ask("SELECT version FROM entry WHERE version > ? ORDER BY version LIMIT 5000", (after,)):
            yield from (version for (version,) in rows)
            after = rows[-1][0]

    def take(self) -> str:
        with self._writing() as conn:
            while True:
                row = conn.execute(
                    f"SELECT id, version, tries FROM entry WHERE due <= ? ORDER BY due DESC, id & {(1 << _BITS) - 1} DESC LIMIT 1",
                    (time.time(),),
                ).fetchone()
                if row is None:
                    return ""
                number, version, tries = row
                again = time.time() + PAUSES[tries] if tries < TRIES else None
                conn.execute("UPDATE entry SET tries = tries + 1, due = ? WHERE id = ?", (again, number))
                if again is not None:
                    return str(version)

    def put_back(self, version: str) -> None:
        with self._writing() as conn:
            conn.execute("UPDATE entry SET tries = tries - 1, due = ? WHERE version = ?", (time.time(), version))

    def put(self, version: str, text: str) -> None:
        folded = fold(text)
        disk_reserve.admit(self._path.parent, 4 * len(text))
        with self._writing() as conn:
            row = conn.execute("SELECT id FROM entry WHERE version = ?", (version,)).fetchone()
            if row is None:  # forgotten while it was read
                return
            conn.execute("UPDATE entry SET due = NULL WHERE id = ?", row)
            conn.execute("DELETE FROM words WHERE rowid = ?", row)
            conn.execute("DELETE FROM text WHERE id = ?", row)
            if text:
                conn.execute("INSERT INTO words (rowid, folded) VALUES (?, ?)", (*row, folded))
                conn.execute("INSERT INTO text VALUES (?, ?)", (*row, zlib.compress(text.encode(), 6)))

    def waiting(self) -> int:
        return int(self._ask("SELECT count(*) FROM entry WHERE due IS NOT NULL")[0][0])

    def mark(self, name: str) -> str:
        rows = self._ask("SELECT said FROM mark WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""

    def keep_mark(self, name: str, said: str) -> None:
        with self._writing() as conn:
            conn.execute("INSERT OR REPLACE INTO mark VALUES (?, ?)", (name, said))

    def holding(self, word: str, clients: Collection[str] | None) -> Q | None:
        phrases = text_search.phrases(word)
        if not phrases or not self._attached():
            return None
        end = "" if len(word) == 1 else " *"
        wanted = " OR ".join(f'"{" ".join(tokens)}"{end}' for tokens in phrases)
        found = f"SELECT e.version FROM {NAME}.words w JOIN {NAME}.entry e ON e.id = w.rowid WHERE w.words MATCH %s"
        if clients is None or len(clients) > FEW:
            return Q(version_id__in=RawSQL(found, (wanted,)))  # noqa: S611 - its text is this file's
        ranges = [_range(number) for number in self._numbers(sorted(clients))]
        if not ranges:
            return None
        each = " UNION ALL ".join(f"{found} AND w.rowid BETWEEN %s AND %s" for _ in ranges)
        given = [value for ends in ranges for value in (wanted, *ends)]
        return Q(version_id__in=RawSQL(each, given))  # noqa: S611

    def texts(self, versions: Sequence[str]) -> dict[str, tuple[str, str]]:
        if not versions or not self._attached():
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT e.version, t.packed, w.folded FROM {NAME}.entry e JOIN {NAME}.text t ON t.id = e.id"
                f" JOIN {NAME}.words w ON w.rowid = e.id WHERE e.version IN ({', '.join(['%s'] * len(versions))})",
                versions,
            )
            return {version: (zlib.decompress(packed).decode(), folded) for version, packed, folded in cursor}

    def mend(self) -> bool:
        with self._lock:
            self.close()  # what is in memory says nothing of the disk
            try:
                fine = self._ask("PRAGMA quick_check(1)") == [("ok",)]
                if fine and self.mark(_FORGOT):  # their words stay in the index until it is merged
                    self._ask("INSERT INTO words (words) VALUES ('optimize')")
                    self.keep_mark(_FORGOT, "")
            except sqlite3.DatabaseError:
                fine = False
            if not fine:
                self._new()
            return not fine

    def clear(self) -> None:
        with self._lock:
            if self._path.exists():
                self._new()

    def _numbers(self, clients: Sequence[str]) -> list[int]:
        asked = f"SELECT number FROM {NAME}.client WHERE id IN ({', '.join(['%s'] * len(clients))})"
        with connection.cursor() as cursor:
            cursor.execute(asked, list(clients))
            return [number for (number,) in cursor]

    def _attached(self) -> bool:
        """This thread's connection to the portal's database, with this one beside it as it is now; False: it is not there."""
        try:
            file = self._path.stat().st_ino
        except OSError:
            return False
        connection.ensure_connection()
        raw = connection.connection
        had: tuple[object, int] = getattr(connection, "syncd_said", (None, 0))
        if had[0] is raw and had[1] == file:
            return True
        with contextlib.suppress(sqlite3.Error):
            raw.execute(f"DETACH DATABASE {NAME}")
        try:
            raw.execute(f"ATTACH DATABASE ? AS {NAME}", (f"{self._path.absolute().as_uri()}?mode=ro",))
            raw.execute(f"SELECT 1 FROM {NAME}.words LIMIT 0")
        except sqlite3.OperationalError:  # it is just being made
            return False
        except sqlite3.DatabaseError:
            self.mend()
            return False
        connection.syncd_said = (raw, file)  # type: ignore[attr-defined]
        return True

    def _ask(self, asked: str, given: Sequence[object] = ()) -> list[tuple[str, ...]]:
        with self._lock:
            return self._open().execute(asked, given).fetchall()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Raises NoRoom."""
        with self._lock:
            disk_reserve.admit(self._path.parent, 0)
            conn = self._open()
            with conn:
                conn.execute("BEGIN IMMEDIATE")
                yield conn

    def _open(self) -> sqlite3.Connection:
        """Made where it is not there, or another form's."""
        try:
            there = self._path.stat().st_ino
        except OSError:
            there = 0
        if self._conn is not None and there == self._file:
            return self._conn
        self.close()
        conn = _connected(self._path)
        if conn.execute("PRAGMA user_version").fetchone() != (FORM,):
            conn.close()
            return self._new()
        return self._keep(conn)

    def _new(self) -> sqlite3.Connection:
        """Whoever has the former one open goes on with it until it looks again."""
        self.close()
        for end in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                self._path.with_name(self._path.name + end).unlink()
        conn = _connected(self._path)
        conn.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        return self._keep(conn)

    def _keep(self, conn: sqlite3.Connection) -> sqlite3.Connection:
        self._conn, self._file = conn, self._path.stat().st_ino
        return conn

    def close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None


def _connected(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    conn = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = NORMAL")  # what a loss of power takes away is read again
    conn.execute("PRAGMA secure_delete = ON")
    return conn


def _range(number: int) -> tuple[int, int]:
    """Ids of a client's entries."""
    return number << _BITS, (number + 1 << _BITS) - 1


def _marks(some: Sequence[object]) -> str:
    return ", ".join("?" * len(some))


@functools.lru_cache(maxsize=8)
def texts_in(path: str) -> LocalTexts:
    return LocalTexts(Path(path))
