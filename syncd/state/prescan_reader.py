"""What is read of a state before a run has checked and opened it: a guess, which the run compares with what it finds."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from syncd.state.file_name import FILE


def clean_looks(directory: Path) -> list[tuple[str, bytes]]:
    """(directory, look) of the clients that were clean, by code; none when it cannot be read, or is being written."""
    path = directory / FILE
    if not path.exists() or path.with_name(f"{FILE}-wal").exists():
        return []
    try:  # immutable: nothing is made beside the file, which would no longer be as it was left
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
            found: list[tuple[str, bytes]] = conn.execute(
                "select dir, look from clients where clean and dir != '' and recovery = '' and look != x'' order by code"
            ).fetchall()
            return found
    except sqlite3.Error:  # damaged, or of another version: the run says so
        return []
