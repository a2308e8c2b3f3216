"""Where reports lie on disk; each is written whole, then takes its name."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from syncd.core import naming
from syncd.disk import private, sync


def run_path(logs: Path, at: datetime, run: int, suffix: str) -> Path:
    return logs / "runs" / f"{at:%Y}" / f"{at:%m}" / f"{at:%Y-%m-%d_%Hh%M}_{run:06d}{suffix}"


RULE = "-" * 60 + "\n\n"


def day_path(logs: Path, at: datetime, suffix: str) -> Path:
    """Where passes that events started are told, one after another."""
    return logs / "runs" / f"{at:%Y}" / f"{at:%m}" / f"{at:%Y-%m-%d}{suffix}"


def journal_path(logs: Path, code: str, name: str, month: str, suffix: str) -> Path:
    return logs / "clients" / naming.windows_safe(f"{code} - {name}") / f"{month}{suffix}"


def write_all(files: Iterable[tuple[Path, Iterable[str]]]) -> None:
    """Pieces of text to a file; all of them synced together before any takes its name."""
    temps: list[tuple[Path, Path]] = []
    for path, pieces in files:
        private.like_above(path.parent)
        temp = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with open(temp, "w", encoding="utf-8", newline="", opener=private.opened_like_above) as f:
            f.writelines(pieces)
        temps.append((temp, path))
    sync.sync_files([str(temp) for temp, _ in temps])
    for temp, path in temps:
        temp.replace(path)


def size(path: Path) -> int:
    """In bytes; -1 when nothing is there."""
    try:
        return path.stat().st_size
    except OSError:
        return -1


def append(path: Path, pieces: Iterable[str]) -> None:
    private.like_above(path.parent)
    with open(path, "a", encoding="utf-8", newline="", opener=private.opened_like_above) as f:
        f.writelines(pieces)
