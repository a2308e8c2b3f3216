"""A row: what it is called and how it is told."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from syncd.disk.directory import Directory
from tests.e2e.world import World

BASIC, EXTRA = "basic", "extra"
WEEK = 7 * 86_400


@dataclass(frozen=True)
class Row:
    """`needs`: what the world must be able to do beyond a World's verbs: "mount" (`unmount` and `mount`)."""

    kind: str
    name: str
    tell: Callable[[World], str | None]
    needs: str = ""

    def __str__(self) -> str:
        return self.name


ROWS: list[Row] = []


def row(
    kind: str, name: str, needs: str = ""
) -> Callable[[Callable[[World], str | None]], Callable[[World], str | None]]:
    def taken(tell: Callable[[World], str | None]) -> Callable[[World], str | None]:
        ROWS.append(Row(kind, name, tell, needs))
        return tell

    return taken


def respell(old: Path, new: Path) -> None:
    """A person's change of case: some disks take a rename to the same letters for none at all."""
    os.rename(old, new)
    if new.name not in os.listdir(new.parent):
        between = new.with_name(f"between {new.name}")
        os.rename(old, between)
        with contextlib.suppress(OSError), Directory.at(str(new.parent)) as folder:
            folder.ask_anew(new.name)
        os.rename(between, new)


def findings(world: World) -> dict[str, dict[str, object]]:
    """What `doctor` says, by what it is about."""
    import json

    return {f["about"]: f for f in map(json.loads, world.syncd("doctor", "--json").out.splitlines())}


def a_week_later(world: World) -> None:
    """Whatever was read is a week old now."""
    with contextlib.closing(sqlite3.connect(world.state / "state.db", timeout=10)) as conn, conn:
        conn.execute("update local_documents set hashed_ns = hashed_ns - ?", (8 * 86_400 * 10**9,))
    time.sleep(0.01)
