"""Binds this process to one data directory; Django is started once."""

from __future__ import annotations

import contextlib
import importlib.util
import multiprocessing
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from syncd.core.errors import SyncdError, UsageError
from syncd.disk import private
from syncd.portal import portal_file

DATABASE, SECRET = "portal.db", "secret_key"


def use(directory: Path, *, new: bool = False) -> None:
    """Start Django on `directory`. Raises UsageError when it holds no portal, or not its key (and `new` is False)."""
    directory = directory.resolve()
    file = portal_file.read(directory)
    server = file.database
    if not new and not server and not (directory / DATABASE).exists():
        raise UsageError(
            f"'{directory}' holds no portal.",
            mend="Make one: syncd portal init DIR --cabinet NAME --admin-email EMAIL.",
        )
    if not new:
        check_secret(directory)
        private.directory(directory)  # made by an older version, or by hand, it may be everybody's
    os.environ["SYNCD_PORTAL_DIR"] = str(directory)
    os.environ["DJANGO_SETTINGS_MODULE"] = "syncd.portal.settings"
    if server and importlib.util.find_spec("psycopg") is None:
        raise UsageError(
            "what speaks with PostgreSQL is not installed.",
            mend="Install it beside syncd: pip install 'psycopg[binary]'.",
        )
    if file.blobs and importlib.util.find_spec("obstore") is None:
        raise UsageError(
            "what speaks with object storages is not installed.", mend="Install it beside syncd: pip install obstore."
        )
    import django

    django.setup()
    if server:
        from syncd.portal import server_database

        server_database.reach(server)


def check_secret(directory: Path) -> None:
    """Raises UsageError where the key that opens what is sealed in the database is not there: with another one nobody
    is signed in, no second factor holds, and no letter that waits can be sent.
    """
    with contextlib.suppress(PermissionError):  # who may not read it is told so when it is read
        file = directory / SECRET
        if not file.exists() or not file.stat().st_size:
            raise UsageError(
                f"there is no key in '{file}': what is sealed in the portal's database cannot be opened without it.",
                mend="Put it back from a backup of this portal. If it is lost for good, the handbook says how to go on "
                "without it (Après un sinistre).",
            )


def without_directory() -> None:
    """Start Django for what needs no portal: nothing may be read from or written to the database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncd.portal.settings")
    import django

    django.setup()


def check_schema() -> None:
    """Raises UsageError, and changes nothing, when the database is of an older or a newer version than this one, or the portal is
    elsewhere by now, or not yet here."""
    from syncd.portal.operations import moved

    moved.check(_directory())
    if is_older():
        raise UsageError(
            f"the portal in '{_directory()}' is of an older version of syncd.",
            mend=f"Stop its service, then: syncd portal migrate {_directory()}. Nothing was changed.",
        )


def is_older() -> bool:
    """Whether the database is of an older version than this one. Raises UsageError when it is of a newer one."""
    behind, ahead = _behind(), _ahead(_applied())
    if ahead:
        raise _newer(f"the portal in '{_directory()}'", ahead)
    return behind


def check_backup(source: Path) -> None:
    """Raises UsageError when a backup is of a newer version than this one: nothing can be made of it. It is only read."""
    applied = set[tuple[str, str]]()  # what is no backup, or no database, is said by who restores it
    where = f"{(source / DATABASE).resolve().as_uri()}?mode=ro"
    with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(where, uri=True)) as conn:
        applied |= {(str(app), str(name)) for app, name in conn.execute("select app, name from django_migrations")}
    if ahead := _ahead(applied):
        raise _newer(f"the backup '{source}'", ahead)


def _newer(what: str, migration: str) -> UsageError:
    return UsageError(
        f"{what} was written by a newer version of syncd ({migration}).",
        mend="Install that version again; nothing was changed.",
    )


def migrate() -> Path | None:
    """Bring the database to this version's schema; the copy of it as it was, None where there was nothing to do and where
    the database is a server's, of which the server keeps copies.

    Raises UsageError for a newer version's database, and where another process migrates it now. Nobody may be serving it.
    """
    from django.core.management import call_command

    from syncd.portal import server_database

    if not is_older():
        return None
    with server_database.exclusively(server_database.MIGRATING, "migrates"):
        kept = _copy() if server_database.embedded() and _applied() else None
        call_command("migrate", verbosity=0, interactive=False)
    return kept


def make_schema_in(directory: Path) -> None:
    """Of another directory's database, by a process of its own: Django is started once. Raises SyncdError."""
    made = multiprocessing.get_context("spawn").Process(target=_made, args=(directory,))
    made.start()
    made.join()
    if made.exitcode:
        raise SyncdError(f"the database for '{directory}' could not be made.", mend="See what was said above.")


def _made(directory: Path) -> None:
    use(directory, new=True)
    migrate()


def _directory() -> Path:
    return Path(os.environ["SYNCD_PORTAL_DIR"])


def _copy() -> Path:
    """The database before it is changed, durable, beside it; an earlier copy is never replaced."""
    from syncd.portal.operations.backup import copy_database

    newest = max((name for app, name in _applied() if app == "portal"), default="0000")
    n = 1
    while (kept := _directory() / f"{DATABASE}.before-migration-from-{newest[:4]}-{n}").exists():
        n += 1
    copy_database(_directory() / DATABASE, kept)
    return kept


def _applied() -> set[tuple[str, str]]:
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    return set(MigrationRecorder(connection).applied_migrations())


def _known() -> dict[str, set[str]]:
    """The migrations of each app that this version brings along."""
    from django.apps import apps

    return {
        app.label: {p.stem for p in (Path(app.path) / "migrations").glob("*.py") if p.stem != "__init__"}
        for app in apps.get_app_configs()
    }


def _behind() -> bool:
    """Whether any migration of any app is not applied: the whole machinery costs twenty times this look, at every command."""
    applied = _applied()
    return any((label, name) not in applied for label, names in _known().items() for name in names)


def _ahead(applied: set[tuple[str, str]]) -> str:
    """A migration of ours that was applied and that this version does not know; '' when there is none."""
    known = {p.stem for p in (Path(__file__).parent / "migrations").glob("*.py")}
    return next((name for app, name in sorted(applied) if app == "portal" and name not in known), "")
