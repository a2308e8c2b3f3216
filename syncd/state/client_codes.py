"""Codes and names of clients, for a shell that completes them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Literal


def open_clients(database: Path, table: Literal["clients", "portal_client"]) -> list[tuple[str, str]]:
    """(code, name) of those in use, of a state or a portal; none where the database cannot be read."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as conn:
            rows = conn.execute(f"select code, name from {table} where not closed order by code").fetchall()
            return [(str(code), str(name)) for code, name in rows]
    except (sqlite3.Error, OSError):
        return []
