"""The mark of a portal that was carried elsewhere: it lies in the database itself, and nothing is written there ever after."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import DatabaseError, close_old_connections, connection, transaction

from syncd.core.errors import UsageError
from syncd.portal import server_database
from syncd.portal.models import Cabinet
from syncd.portal.storage.write_errors import MOVED

TABLE, ARRIVING = "portal_moved", "arriving"
PERIOD = 2.0  # seconds: within them a process that serves sees that the portal is elsewhere
_FUNCTION = f"""CREATE FUNCTION portal_has_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{MOVED}' USING ERRCODE = '57P03'; END $$"""


def place() -> str:
    """Where it was carried; '' for nowhere."""
    if TABLE not in connection.introspection.table_names():
        return ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT place FROM {TABLE}")  # noqa: S608
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def check(directory: Path) -> None:
    """Raises UsageError where the portal of that directory is elsewhere by now, or not yet here."""
    if at := place():
        raise UsageError(
            f"this portal has moved to '{at}'.", mend="Serve it from there; here nothing is written any more."
        )
    begun = directory / ARRIVING
    if begun.exists():
        raise UsageError(
            f"a portal is being carried into '{directory}', and is not whole yet.",
            mend=f"The same command goes on: syncd portal move-to {begun.read_text().splitlines()[0]} {directory} …",
        )


@contextlib.contextmanager
def no_writers() -> Iterator[None]:
    """One transaction during which everybody else reads on, and whoever writes waits."""
    with transaction.atomic():
        if not server_database.embedded():
            first = (
                Cabinet._meta.db_table
            )  # whoever writes holds its cabinet's row first (RULES 7): so do we, and nobody waits in a ring
            tables = sorted(_tables(), key=lambda name: (name != first, name))
            named = ", ".join(map(connection.ops.quote_name, tables))
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {named} IN EXCLUSIVE MODE")
        yield


def close(to: Path) -> None:
    """Within that transaction: from its end on nobody writes here, whatever process it is."""
    server = not server_database.embedded()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (place text NOT NULL)")
        cursor.execute(f"INSERT INTO {TABLE} VALUES (%s)", [str(to)])  # noqa: S608
        if server:
            cursor.execute(_FUNCTION)
        for table in _tables():
            for statement in _server_guards(table) if server else _file_guards(table):
                cursor.execute(statement)


def _server_guards(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER moved BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {connection.ops.quote_name(table)}"
        " FOR EACH STATEMENT EXECUTE FUNCTION portal_has_moved()"
    ]


def _file_guards(table: str) -> list[str]:
    return [
        f'CREATE TRIGGER "moved {what} {table}" BEFORE {what} ON {connection.ops.quote_name(table)}'
        f" BEGIN SELECT RAISE(ABORT, '{MOVED}'); END"
        for what in ("INSERT", "UPDATE", "DELETE")
    ]


def _tables() -> list[str]:
    return sorted(name for name in connection.introspection.table_names() if name != TABLE)


class Watch(threading.Thread):
    """Of a process that serves: `gone` is called once the portal is elsewhere."""

    def __init__(self, gone: Callable[[], None]) -> None:
        super().__init__(name="moved", daemon=True)
        self._over, self._gone = threading.Event(), gone

    def run(self) -> None:
        while not self._over.wait(PERIOD):
            with contextlib.suppress(DatabaseError):
                close_old_connections()
                if at := place():
                    logging.getLogger(__name__).error("this portal has moved to '%s': serve it from there", at)
                    self._gone()
                    return
        connection.close()

    def stop(self) -> None:
        self._over.set()
        self.join(2)
