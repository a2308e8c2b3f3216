"""What a database server is asked that a file is not: whether it is there, one who migrates at a time, a snapshot, its clock.

On the embedded database each of these is what it always was, without a question.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator, Sequence

from django.db import Error, OperationalError, connection, transaction

from syncd.core.errors import SyncdError, UsageError
from syncd.portal import portal_file

MIGRATING, MAKING = 7_300_126_001, 7_300_126_002  # keys of advisory locks: nobody else's on this database


def embedded() -> bool:
    return connection.vendor == "sqlite"


def name() -> str:
    """Of the database, as its server knows it, or its file."""
    return str(connection.settings_dict["NAME"])


def reach(address: str) -> None:
    """Raises SyncdError where it does not answer; the password is shown to nobody."""
    try:
        connection.ensure_connection()
    except OperationalError as e:
        why = str(e).strip().splitlines()
        raise SyncdError(
            f"the database {portal_file.shown(address)} cannot be used ({why[0] if why else 'no answer'}).",
            mend="See that the server runs, that this machine may reach it, and the user, the password and the name.",
        ) from None


def has(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        return bool(cursor.fetchone()[0])


def make(table: str, statements: Sequence[str]) -> None:
    """A table that holds nothing for good is made by whoever needs it first, where it is not there."""
    if not has(table):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING])  # two at once would make it twice
            for statement in statements:
                cursor.execute(statement)


@contextlib.contextmanager
def exclusively(key: int, what: str) -> Iterator[None]:
    """Nobody else does this on this database meanwhile. Raises UsageError where somebody does."""
    if embedded():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (key,))
        if not cursor.fetchone()[0]:
            raise UsageError(f"another process {what} this database now.", mend="Wait until it has ended.")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", (key,))


def in_turn(names: Sequence[str]) -> None:
    """Within a transaction: until its end, whoever asks for one of the names waits. On the embedded database one writes anyway."""
    if not embedded():
        with connection.cursor() as cursor:
            for key in sorted(map(_key, names)):  # two that want the same do not wait for one another
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


@contextlib.contextmanager
def alone_with(name: str) -> Iterator[bool]:
    """Whether nobody else is, in any process; then nobody comes to it until this one leaves it, or its connection ends."""
    if embedded():
        yield True
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_key(name)])
        if not cursor.fetchone()[0]:
            yield False
            return
    try:
        yield True
    finally:
        with contextlib.suppress(Error), connection.cursor() as cursor:  # a connection that is lost has let go
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_key(name)])


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


@contextlib.contextmanager
def snapshot() -> Iterator[None]:
    """One transaction that only reads, and in which all is as it was at one moment (RULES 7). Within another one: that one."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and not embedded():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def now() -> float:
    """Seconds since 1970 by the database's clock, so that several machines agree on what has run out."""
    if embedded():
        return time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        return float(cursor.fetchone()[0])
