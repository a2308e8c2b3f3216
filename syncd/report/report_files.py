"""Where reports lie on disk; each is written whole, then takes its name."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from syncd.core import naming
from syncd.core.restored_backups import MOST_RUNS
from syncd.disk import durability, private, rename


def run_path(logs: Path, at: datetime, run: int, suffix: str) -> Path:
    return logs / "runs" / f"{at:%Y}" / f"{at:%m}" / f"{at:%Y-%m-%d_%Hh%M}_{run:06d}{suffix}"


def migration_path(logs: Path, at: datetime, run: int, suffix: str) -> Path:
    return logs / "migrations" / f"{at:%Y}" / f"{at:%m}" / f"{at:%Y-%m-%d_%Hh%M}_{run:06d}{suffix}"


RULE = "-" * 60 + "\n\n"


def day_path(logs: Path, at: datetime, suffix: str) -> Path:
    """Where passes that events started are told, one after another."""
    return logs / "runs" / f"{at:%Y}" / f"{at:%m}" / f"{at:%Y-%m-%d}{suffix}"


def journal_path(logs: Path, code: str, name: str, month: str, suffix: str) -> Path:
    return logs / "clients" / naming.windows_safe(f"{code} - {name}") / f"{month}{suffix}"


def write_all(files: Iterable[tuple[Path, Iterable[str]]]) -> None:
    """Pieces of text to a file; all of them synced together before any takes its name. Raises the first OSError, once
    the others have been written."""
    for fault in write_each(files).values():
        raise fault


def write_each(files: Iterable[tuple[Path, Iterable[str]]]) -> dict[Path, OSError]:
    """The same; which files could not be written, and why. What fails leaves nothing behind."""
    faults: dict[Path, OSError] = {}
    temps: list[tuple[Path, Path]] = []
    for path, pieces in files:
        try:
            temps.append((_written_beside(path, pieces), path))
        except OSError as e:
            faults[path] = e
    unsynced: OSError | None = None
    try:
        durability.sync_files([str(temp) for temp, _ in temps])
    except OSError as e:
        unsynced = e
    for temp, path in temps:
        try:
            if unsynced is not None:
                raise unsynced
            temp.replace(path)
        except OSError as e:  # on Windows also: another program has it open
            faults[path] = e
            temp.unlink(missing_ok=True)
    return faults


def _written_beside(path: Path, pieces: Iterable[str]) -> Path:
    private.like_above(path.parent)
    temp = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(temp, "w", encoding="utf-8", newline="", opener=private.opened_like_above) as f:
            f.writelines(pieces)
    except OSError:
        with contextlib.suppress(OSError):
            temp.unlink()
        raise
    return temp


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


def go_on(path: Path, offset: int, ours: Iterable[str], else_: Callable[[], Iterable[str]]) -> None:
    """Append what is still missing. `ours`: what belongs from `offset` on, some of which may be there (a crash came in
    between); where something else is there, that stays, and `else_` follows it.
    """
    rest = _rest(path, offset, ours)
    append(path, else_() if rest is None else rest)


def _rest(path: Path, offset: int, ours: Iterable[str]) -> list[str] | Iterator[str] | None:
    """What of `ours` comes after the end of the file; None when it holds something else."""
    pieces = iter(ours)
    with path.open("rb") as f:
        f.seek(offset)
        for piece in pieces:
            data = piece.encode()
            there = f.read(len(data))
            if there == data:
                continue
            if not data.startswith(there):
                return None
            return itertools.chain([data[len(there) :].decode(errors="ignore") if there else piece], pieces)
        return None if f.read(1) else []


def same(path: Path, pieces: Iterable[str]) -> bool:
    """Whether the file holds these very pieces."""
    return _rest(path, 0, pieces) == []


def set_aside(path: Path, at: datetime) -> Path:
    """Somebody's own file at our place keeps a name of its own beside it. Raises OSError, with nothing changed."""
    n, stem = 1, f"{path.stem} (avant le {at:%Y-%m-%d %Hh%M}"
    while True:
        kept = path.with_name(f"{stem}){path.suffix}" if n == 1 else f"{stem}, {n}){path.suffix}")
        try:
            rename.move_no_replace(str(path), str(kept))
        except FileExistsError:
            n += 1
            continue
        return kept


_NUMBERED = re.compile(r"_(\d{6,12})\.(?:log|json)$")


def last_run(logs: Path) -> int:
    """The highest number of a run that the newest month with reports tells of; 0: none. What no run is numbered is no report."""
    months = sorted((logs / "runs").glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]"), reverse=True)
    for month in months:
        names = [p.name for p in month.iterdir()]
        found = [int(m[1]) for name in names if (m := _NUMBERED.search(name))]
        found += [_last_of_day(month / name) for name in sorted(names) if name.endswith(".json") and "_" not in name][
            -1:
        ]
        if found := [run for run in found if 0 < run < MOST_RUNS // 2]:
            return max(found)
    return 0


def _last_of_day(path: Path) -> int:
    """The number of the last run in a day's file; 0 when its end says none."""
    with path.open("rb") as f:
        f.seek(max(0, path.stat().st_size - 65_536))
        for line in reversed(f.read().splitlines()):
            with contextlib.suppress(ValueError, TypeError, KeyError):
                return int(json.loads(line)["run"])
    return 0
