"""SQL is written in one place of the portal; everybody else asks through models."""

from __future__ import annotations

import ast
from pathlib import Path

PORTAL = Path(__file__).parents[2] / "syncd" / "portal"
WRITTEN = {
    "records/bulk.py": "what a batch writes",
    "bootstrap.py": "before Django has begun: which migrations a database has",
    "operations/moved.py": "a database in which nobody writes, for a moment and for good",
    "operations/table_copy.py": "rows into another database",
    "operations/backup.py": "copies of the database, which are none of Django's",
    "storage/texts.py": "the texts of documents: a database of its own, by SQLite's full-text search",
    "storage/server_texts.py": "the same in PostgreSQL, by its full-text search",
    "people/counters.py": "what all processes count together",
    "turn/advisory.py": "a lock of a session",
    "waking/notifications.py": "LISTEN and NOTIFY",
    "server_database.py": "locks, snapshots and the clock of a database server",
    "documents/integrity.py": "SQLite's own look at its pages",
}


def speaks_sql(source: str) -> bool:
    """Whether it hands the database a statement, or a piece of one."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
        and getattr(node.func, "attr", getattr(node.func, "id", ""))
        in ("execute", "executemany", "executescript", "raw", "extra", "RawSQL")
        for node in ast.walk(ast.parse(source))
    )


def test_sql_stands_in_one_place() -> None:
    found = {
        path.relative_to(PORTAL).as_posix()
        for path in PORTAL.rglob("*.py")
        if "migrations" not in path.parts and speaks_sql(path.read_text(encoding="utf-8"))
    }
    assert found == WRITTEN.keys()


def test_it_is_seen_where_it_stands() -> None:
    assert speaks_sql("cursor.execute('select 1')") and speaks_sql("X.objects.raw('select 1')")
    assert speaks_sql("X.objects.annotate(a=RawSQL('1', []))") and not speaks_sql("X.objects.filter(a=1)")
