"""The state's database: opened, checked, migrated; and the nine stores over it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path

from syncd.core.errors import SyncdError, UsageError
from syncd.core.time_units import DAY
from syncd.disk import durability, private
from syncd.state.arrivals import Arrivals
from syncd.state.clients import Clients
from syncd.state.connection import Connection
from syncd.state.file_name import FILE
from syncd.state.guard_windows import GuardWindows
from syncd.state.journal import Journal
from syncd.state.outboxes import Outboxes
from syncd.state.progress import ProgressRows
from syncd.state.requests import Requests
from syncd.state.set_asides import SetAsides
from syncd.state.transaction import Transaction
from syncd.state.trees import Trees

SCHEMA = 12  # how many migrations there are: a state that has them all opens without the library that makes them


class Store:
    """Keeps to `ports.State`. Made by `open_store` or, for what must write nothing, `open_copy`."""

    def __init__(self, conn: Connection, *, migrates: bool = True) -> None:
        _check_version(conn, migrates=migrates)
        self.conn = conn
        self.transaction = Transaction(conn)
        self.clients = Clients(self.transaction)
        self.set_asides = SetAsides(self.transaction)
        self.trees = Trees(self.transaction, self.set_asides)
        self.guards = GuardWindows(self.transaction)
        self.journal = Journal(self.transaction)
        self.outboxes = Outboxes(self.transaction)
        self.requests = Requests(self.transaction)
        self.progress = ProgressRows(self.transaction)
        self.arrivals = Arrivals(self.transaction)

    def atomic(self) -> contextlib.AbstractContextManager[None]:
        return self.transaction.atomic()

    def close(self) -> None:
        """Remembers how the file was left: as long as it is that very file, nobody has written into it."""
        path = self.conn.execute("pragma database_list").fetchone()[2]
        self.conn.close()
        if path and not Path(f"{path}-wal").exists():
            with contextlib.suppress(OSError), open(f"{path}.left", "w", encoding="utf-8", opener=private.owned) as f:
                f.write(_signature(Path(path)))


def _check_version(conn: Connection, *, migrates: bool) -> None:
    """Raises UsageError for a newer version; one of an older version is brought up to this one, if `migrates`."""
    version = conn.execute("pragma user_version").fetchone()[0]
    if version > SCHEMA:
        raise UsageError(
            f"The state was written by a newer version of syncd (schema {version}, this one knows {SCHEMA}).",
            mend="Install that version again; nothing was changed.",
            reason="state_newer",
        )
    if version != SCHEMA and not migrates:
        raise UsageError(
            "The service that works here is of an older version of syncd.", mend="Restart it: nothing was changed."
        )
    if version != SCHEMA:
        _keep(conn, version)
        _migrate(conn)


def _keep(conn: Connection, version: int) -> None:
    """Before a state of an older version is changed it is copied beside itself: what people were told is in it."""
    path = conn.execute("pragma database_list").fetchone()[2]
    if not path or not conn.execute("select count(*) from sqlite_master").fetchone()[0]:
        return
    kept = Path(f"{path}.before-{version}")
    kept.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(kept)) as copy:
        kept.chmod(0o600)
        conn.backup(copy)
    durability.fsync_path(str(kept))


def _migrate(conn: Connection) -> None:
    from sqlite_utils import Database

    from syncd.state.schema import migrations

    migrations.apply(Database(conn))
    conn.execute(f"pragma user_version = {SCHEMA}")


def _signature(path: Path) -> str:
    st = path.stat()
    return f"{st.st_size} {st.st_mtime_ns} {st.st_ctime_ns} {st.st_ino}"


def _as_left(path: Path) -> bool:
    """Whether the file is just as the last one to close it left it."""
    try:
        left = Path(f"{path}.left").read_text()
    except OSError:
        return False
    return left == _signature(path) and not Path(f"{path}-wal").exists()


def _connect(target: str, *, uri: bool = False) -> Connection:
    return sqlite3.connect(
        target, isolation_level=None, check_same_thread=False, uri=uri, timeout=30, factory=Connection
    )


def open_store(directory: Path, *, migrates: bool = True) -> Store:
    """The database in `directory`, made if missing. Durability is asserted, not hoped for (RULES 8).

    Not `migrates`: UsageError for one of an older version, which another process works with.
    """
    path = directory / FILE
    try:
        with contextlib.suppress(OSError):  # said by the next line
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        conn = _connect(str(path))
        for pragma, wanted in (
            ("journal_mode = wal", "wal"),
            ("synchronous = full", None),
            ("foreign_keys = on", None),
        ):
            got = conn.execute(f"pragma {pragma}").fetchone()
            if wanted and got[0] != wanted:
                raise SyncdError(
                    f"The state in '{directory}' cannot be made durable (journal mode {got[0]}).",
                    mend="Put it on a local disk.",
                    reason="state_unusable",
                )
        if conn.execute("pragma synchronous").fetchone()[0] != 2:
            raise SyncdError(
                f"The state in '{directory}' cannot be made durable.", mend="Put it on a local disk.",
                reason="state_unusable",
            )  # fmt: skip
        return Store(conn, migrates=migrates)
    except sqlite3.DatabaseError as e:
        if not os.access(directory, os.W_OK | os.X_OK) or (path.exists() and not os.access(path, os.R_OK | os.W_OK)):
            raise UsageError(
                f"this account may not read and write the state database '{path}' ({e}).",
                mend=private.GIVE_BACK,
            ) from None
        raise SyncdError(
            f"The state database '{path}' cannot be used ({e}).",
            mend="Move it away: the next run rebuilds it by comparing both sides.",
            reason="state_unusable",
        ) from None


def _due(conn: sqlite3.Connection) -> bool:
    """Whether every index is to be compared too: after a run that did not end, and once a day."""
    try:
        last = conn.execute("select ended from runs order by id desc limit 1").fetchone()
        at = conn.execute("select value from meta where key = 'checked'").fetchone()
    except sqlite3.OperationalError:  # made a moment ago
        return False
    return (last is not None and last[0] is None) or at is None or not 0 <= time.time() - float(at[0]) < DAY


def faults(directory: Path, *, thorough: bool = True) -> str:
    """What is wrong with the database's pages, '' when they are whole. Raises SyncdError when it cannot be read now.

    Not `thorough`: pages and records only, and nothing of a file that is just as it was left, but for the times when more
    is due (`_due`).
    """
    path = directory / FILE
    try:
        left = not thorough and _as_left(path)
        conn = _connect(str(path))
        try:
            due = not thorough and _due(conn)
            if left and not due:
                return ""
            check = "integrity_check(1)" if thorough or due else "quick_check(1)"
            said = str(conn.execute(f"pragma {check}").fetchone()[0])
            if due and said == "ok":
                with contextlib.suppress(sqlite3.OperationalError):  # busy, or made a moment ago
                    conn.execute(
                        "insert into meta values ('checked', ?) on conflict (key) do update set value = excluded.value",
                        (repr(time.time()),),
                    )
            return "" if said == "ok" else said.splitlines()[0]
        finally:
            conn.close()
    except sqlite3.OperationalError as e:
        if "malformed" in str(e):
            return str(e)
        raise SyncdError(f"The state database '{path}' cannot be used ({e}).", reason="state_unusable") from None
    except sqlite3.DatabaseError as e:
        return str(e)


def set_damaged_aside(directory: Path) -> str:
    """Check the database; a damaged one is renamed, never deleted. The kept file's name, '' when all is well."""
    path = directory / FILE
    if not path.exists() or not faults(directory, thorough=False):
        return ""
    n = 1
    while (kept := directory / f"{FILE}.damaged-{n}").exists():
        n += 1
    for suffix in ("-wal", "-shm", ""):
        source = path.with_name(FILE + suffix)
        if source.exists():
            os.rename(source, f"{kept}{suffix}")
    return kept.name


def open_copy(directory: Path) -> Store:
    """A copy in memory, leaving the file and its neighbours as they are: for dry runs and reports."""
    path = directory / FILE
    copy = _connect(":memory:")  # a state that is not there was lost: both sides are compared
    if path.exists():
        busy = path.with_name(FILE + "-wal").exists()
        source = _connect(f"{path.resolve().as_uri()}?mode=ro" + ("" if busy else "&immutable=1"), uri=True)
        try:
            source.backup(copy)
        except sqlite3.DatabaseError as e:
            raise SyncdError(f"The state database '{path}' cannot be read ({e}).", reason="state_unusable") from None
        finally:
            source.close()
    return Store(copy)
