"""A copy of the whole portal while it serves, and a portal made from such a copy.

The database is copied first, in one read transaction; every version it names already has its bytes, and bytes never
change under a name, so they follow at leisure, each once.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from syncd.core.content import Content
from syncd.core.errors import SyncdError, UsageError
from syncd.core.no_room import no_room
from syncd.disk import durability, private
from syncd.portal import portal_file, storage
from syncd.portal.storage.port import BlobStore, Staged

DATABASE, SECRET = "portal.db", "secret_key"
KIND = "backup.txt"
Told = Callable[[int, int], None]


@contextlib.contextmanager
def _into(place: Path, stands: str) -> Iterator[None]:
    """What cannot be written into `place` is said of `place`, never of what was to be copied. Raises SyncdError.

    `stands`: what a person may go on counting on.
    """
    try:
        yield
    except (OSError, sqlite3.Error) as e:
        with contextlib.suppress(OSError):
            (place / f"{DATABASE}.new").unlink(missing_ok=True)
        if no_room(e) if isinstance(e, OSError) else getattr(e, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
            raise SyncdError(
                f"the disk of '{place}' is full.",
                mend=f"Make room there, then the same command again: it goes on where it stopped. {stands}",
            ) from None
        raise SyncdError(f"the copy in '{place}' cannot be made ({e}).", mend=stands) from None


def of_file(directory: Path) -> None:
    """Raises UsageError where the portal's database is a server's."""
    if portal_file.there(directory):
        raise UsageError(
            "this portal's database is a PostgreSQL server's: a copy of it is made there, not here.",
            mend="Use pg_basebackup with archived WAL, or pg_dump, and copy the directory's blobs and secret_key (docs/scale.md).",
        )


def _versions(database: Path) -> list[tuple[str, Content]]:
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as conn:
        rows = conn.execute("select id, size, sha256 from portal_version order by id").fetchall()
    return [(i, Content(size, bytes(sha))) for i, size, sha in rows]


def _private_versions(database: Path) -> list[tuple[str, Content]]:
    """Of private spaces, and of what companies issued: bytes without names, which are in no count. A database of before has none."""
    tables = {
        "portal_privateversion": "select id, size, sha256 from portal_privateversion order by id",
        "portal_salesdocument": "select file_id, file_size, file_sha256 from portal_salesdocument where file_id <> '' order by file_id",
    }
    found: list[tuple[str, Content]] = []
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as conn:
        for table, asked in tables.items():
            if conn.execute("select 1 from sqlite_master where name = ?", (table,)).fetchone():
                found += [(i, Content(size, bytes(sha))) for i, size, sha in conn.execute(asked)]
    return found


def copy_database(source: Path, target: Path) -> None:
    """`target` holds the database as it is now, on the disk; its owner alone may read it."""
    target.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=60)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        target.chmod(0o600)
        live.backup(copy)
        copy.execute("pragma journal_mode = delete")
    durability.fsync_path(str(target))


def _copy_blobs(source: BlobStore, target: BlobStore, database: Path, told: Told) -> list[str]:
    """Every version's bytes that are not there yet, checked as they are read. Ids of those that are no good.

    Raises OSError when `target` cannot be written; nothing is left of what has no name by then.
    """
    bad: list[str] = []
    pending: list[tuple[Staged, str]] = []
    counted = _versions(database)
    try:
        for n, (version_id, content) in enumerate([*counted, *_private_versions(database)], 1):
            there = _size(target, version_id)
            if there != content.size:
                staged = copied(source, target, version_id, content)
                if staged is None:
                    bad.append(version_id)
                    continue
                if there is not None:
                    target.move_away(version_id, "damaged")
                pending.append((staged, version_id))
            if len(pending) >= 200:
                target.publish(pending)
                pending = []
            if n <= len(counted):
                told(n, len(counted))
        target.publish(pending)
    except OSError:
        for staged, _ in pending:
            target.drop_staged(staged)
        raise
    return bad


def _size(blobs: BlobStore, version_id: str) -> int | None:
    try:
        return blobs.size(version_id)
    except FileNotFoundError:
        return None


def copied(source: BlobStore, target: BlobStore, version_id: str, content: Content) -> Staged | None:
    """The bytes of a version, staged in `target`; None when `source` lacks them or holds others."""
    try:
        with source.open(version_id) as f:
            staged, held = target.stage_from(f)
    except OSError:
        if _is_readable(source, version_id):
            raise
        return None
    if held == content:
        return staged
    target.drop_staged(staged)
    return None


def _is_readable(source: BlobStore, version_id: str) -> bool:
    """Whether it can be read to its end: what failed while it was copied is then the target's fault."""
    try:
        source.prove(version_id)
    except OSError:
        return False
    return True


def backup(directory: Path, to: Path, told: Told) -> tuple[int, list[str]]:
    """Number of versions kept, and ids of versions whose bytes are missing or damaged here.

    Raises UsageError; SyncdError when `to` cannot be written, and what was a backup before still is that.
    """
    directory, to = directory.resolve(), to.resolve()
    if to == directory or directory in to.parents or to in directory.parents:
        raise UsageError(
            f"'{to}' and the portal '{directory}' lie in one another.", mend="Choose another place, best another disk."
        )
    if to.exists() and any(to.iterdir()) and not (to / KIND).exists():
        raise UsageError(f"'{to}' is neither empty nor an earlier backup.", mend="Choose an empty or a new directory.")
    private.directory(to)
    _same_portal(directory, to)
    stands = "An earlier backup there stands as it was." if (to / DATABASE).exists() else "There is no backup yet."
    with _into(to, stands):
        if not (to / KIND).exists():
            (to / KIND).write_text("syncd portal backup, format 1\n")
        storage.make(to, uploads=False)
        new = to / f"{DATABASE}.new"
        copy_database(directory / DATABASE, new)
        bad = _copy_blobs(storage.blobs_of(directory), storage.blobs_of(to), new, told)
        _copy_secret(directory, to)
        os.replace(new, to / DATABASE)  # only now is this the backup; until then it was the one before
        durability.sync_directory(str(to))
    return len(_versions(to / DATABASE)), bad


def _same_portal(directory: Path, to: Path) -> None:
    if not (to / DATABASE).exists():
        return

    def cabinets(database: Path) -> set[str]:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as conn:
            return {r[0] for r in conn.execute("select id from portal_cabinet")}

    if not cabinets(to / DATABASE) & cabinets(directory / DATABASE):
        raise UsageError(f"'{to}' is the backup of another portal.", mend="Choose an empty or a new directory.")


def _copy_secret(source: Path, target: Path) -> None:
    key, new = (source / SECRET).read_text(), target / f"{SECRET}.new"
    with open(new, "w", opener=private.owned) as f:
        f.write(key)
        f.flush()
        os.fsync(f.fileno())
    os.replace(new, target / SECRET)  # what is there opens the backup before


_ENDED = ("django_session", "portal_signedin", "portal_invitation", "portal_knock")
_OF_ACCOUNTS = {"feed_key", "calendar_key", "message_addresses"}


def _end(conn: sqlite3.Connection) -> None:
    """What opens the portal and may have been closed since: sessions, links and codes, addresses of feeds, those that messages are
    forwarded to, letters that hold such links. Keys and accounts go on: nobody knows which were taken back since.
    """
    there = {name for (name,) in conn.execute("select name from sqlite_master where type = 'table'")}
    for table in _ENDED:
        if table in there:
            conn.execute(f"delete from {table}")  # noqa: S608
    for column in {c[1] for c in conn.execute("pragma table_info(portal_user)")} & _OF_ACCOUNTS:
        conn.execute(f"update portal_user set {column} = ''")  # noqa: S608
    if "portal_letter" in there:
        conn.execute("delete from portal_letter where sent_at is null")


def restore(source: Path, directory: Path, told: Told, *, revoke_keys: bool = False) -> tuple[int, list[str]]:
    """Make a portal in an empty `directory` from a backup. It starts a new epoch: engines see that it went back. Nobody is
    signed in, no link leads in; `revoke_keys`: nor does any engine's key.

    Returns the number of versions, and ids of those whose bytes the backup no longer holds. Raises UsageError; SyncdError
    when `directory` cannot be written: the same call again goes on.
    """
    if not (source / DATABASE).exists() or not (source / KIND).exists():
        raise UsageError(
            f"'{source}' is no backup of a portal.", mend="Name a directory that 'syncd portal backup' wrote."
        )
    begun = directory / "restore.begun"
    if directory.exists() and any(directory.iterdir()) and not begun.exists():
        raise UsageError(
            f"'{directory}' is not empty.",
            mend="Stop the portal, move its directory away, then restore into a new one.",
        )
    private.directory(directory)
    with _into(directory, "The backup stands as it was."):
        begun.touch()
        storage.make(directory)
        new = directory / f"{DATABASE}.new"
        copy_database(source / DATABASE, new)
        bad = _copy_blobs(storage.blobs_of(source), storage.blobs_of(directory), new, told)
        _copy_secret(source, directory)
        _as_restored(new, revoke_keys=revoke_keys)
        shutil.move(new, directory / DATABASE)
        durability.sync_directory(str(directory))
        begun.unlink()
    return len(_versions(directory / DATABASE)), bad


def _as_restored(database: Path, *, revoke_keys: bool) -> None:
    """Engines see another epoch, and what opened the portal is closed."""
    with closing(sqlite3.connect(database)) as conn, conn:
        for (cabinet,) in conn.execute("select id from portal_cabinet").fetchall():
            conn.execute(
                "update portal_cabinet set epoch = ?, lease_number = lease_number + ?, lease_until = 0 where id = ?",
                (secrets.token_hex(16), 1_000_000 + secrets.randbelow(1_000_000), cabinet),
            )
        _end(conn)
        if revoke_keys:
            conn.execute("update portal_enginetoken set revoked_at = datetime('now') where revoked_at is null")
            if conn.execute(
                "select 1 from sqlite_master where name = 'portal_programkey'"
            ).fetchone():  # of before: no keys
                conn.execute("update portal_programkey set revoked_at = datetime('now') where revoked_at is null")
    durability.fsync_path(str(database))
