"""Numbers that run out by themselves: how often something was asked for lately.

On the embedded database they are the process's own; on a server one table that all processes count in, so that a brake
holds whichever process is asked.
"""

from __future__ import annotations

from django.core.cache import cache
from django.db import connection

from syncd.portal import server_database

_TABLE = """CREATE UNLOGGED TABLE IF NOT EXISTS portal_counted (name varchar(200) PRIMARY KEY, number integer NOT NULL,
until timestamptz NOT NULL)"""
_COUNT = """INSERT INTO portal_counted AS held VALUES (%s, 1, clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (name) DO UPDATE SET
number = CASE WHEN held.until < clock_timestamp() THEN 1 ELSE held.number + 1 END,
until = CASE WHEN held.until < clock_timestamp() THEN excluded.until ELSE held.until END
RETURNING number"""

_REMEMBER = """INSERT INTO portal_counted VALUES (%s, 1, clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (name) DO UPDATE SET number = 1, until = excluded.until"""


def count(name: str, seconds: float) -> int:
    """One more, within `seconds` of the first: how many there are now."""
    if server_database.embedded():
        cache.add(name, 0, seconds)
        try:
            return int(cache.incr(name))
        except ValueError:  # dropped to make room, between the two
            return 0
    _there(server_database.name())
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [name, seconds])
        return int(cursor.fetchone()[0])


def counted(name: str) -> int:
    """How many there are; 0 once they have run out."""
    if server_database.embedded():
        return int(cache.get(name, 0))
    _there(server_database.name())
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM portal_counted WHERE name = %s AND until > clock_timestamp()", [name])
        row = cursor.fetchone()
        return int(row[0]) if row else 0


def remember(name: str, seconds: float) -> None:
    """`counted` says 1 for so long from now."""
    if server_database.embedded():
        cache.set(name, 1, seconds)
        return
    _there(server_database.name())
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, [name, seconds])


def prune() -> None:
    if not server_database.embedded():
        _there(server_database.name())
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM portal_counted WHERE until < clock_timestamp()")


def _there(database: str) -> None:
    if _made.get(database):
        return
    server_database.make("portal_counted", (_TABLE,))
    if not connection.in_atomic_block:  # what a transaction made may not stay
        _made[database] = True


_made: dict[str, bool] = {}
