"""Documents that cross: publish, fetch, large, and both over a slow line. Every round has fresh destinations."""

from __future__ import annotations

import shutil
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from measure import corpus, peers
from measure.cabinet import Cabinet
from measure.figures import Figure, Row, place, settled, table
from measure.slow_line import Line

OURS = "syncd"
DURABLE = "every document and both databases synced"
DELAY = 0.015


class Arena:
    """One corpus, the peers' servers, and a new place for every destination."""

    def __init__(self, count: int, least: int, most: int, delay: float = 0.0) -> None:
        self.base = place()
        self.tree, self.served = self.base / "corpus", self.base / "served"
        self.count, self.delay = count, delay
        self.served.mkdir()
        corpus.write(self.tree, count, least, most)
        shutil.copytree(self.tree, self.served / "corpus")
        self.lines: list[Line] = []
        self.rsync = peers.Rsync(self.served) if peers.tool("rsync") else None
        self.rclone = peers.Rclone(self.served) if peers.tool("rclone") else None
        for server in (self.rsync, self.rclone):
            if server is not None and delay:
                server.reach = self.line(server.port)
        self._n = 0

    def line(self, port: int) -> int:
        self.lines.append(Line(port, self.delay))
        return self.lines[-1].port

    def fresh(self) -> Path:
        self._n += 1
        return self.base / f"new{self._n}"

    def name(self) -> str:
        self._n += 1
        return f"new{self._n}"

    def cabinet(self) -> Cabinet:
        made = Cabinet(corpus.codes(self.count))
        made.make((lambda c: f"http://127.0.0.1:{self.line(int(c.port))}") if self.delay else (lambda c: c.url))
        return made

    def close(self) -> None:
        for server in (self.rsync, self.rclone, *self.lines):
            if server is not None:
                server.close()


def publish(arena: Arena) -> Figure:
    cabinet = arena.cabinet()
    try:
        cabinet.fill(arena.tree)
        settled()
        cabinet.wait_settled()
        figure = cabinet.run()
        cabinet.verify()
        return figure
    finally:
        cabinet.close()


def fetch(arena: Arena) -> Figure:
    cabinet = arena.cabinet()
    try:
        cabinet.within(
            "from measure import cabinet; from pathlib import Path; cabinet.deposit_tree(Path(sys.argv[2]))",
            str(arena.tree),
        )
        settled()
        figure = cabinet.run()
        cabinet.verify()
        return figure
    finally:
        cabinet.close()


Contender = tuple[Row, Callable[[], Figure]]


def pushing(arena: Arena, transfers: int) -> list[Contender]:
    found: list[Contender] = [(Row(OURS, DURABLE), lambda: publish(arena))]
    if (rsync := arena.rsync) is not None:
        found.append((Row("rsync → daemon", peers.NOTHING), lambda: rsync.push(arena.tree, arena.name())))
        found.append(
            (
                Row("rsync --fsync → daemon", "every document synced"),
                lambda: rsync.push(arena.tree, arena.name(), "--fsync"),
            )
        )
    if (rclone := arena.rclone) is not None:
        found.append(
            (
                Row(f"rclone → WebDAV, {transfers} transfers", peers.NOTHING),
                lambda: rclone.push(arena.tree, arena.name(), transfers),
            )
        )
    if peers.tool("unison"):

        def unison() -> Figure:
            other = arena.fresh()
            other.mkdir()
            return peers.Unison(arena.fresh()).sync(arena.tree, other)

        found.append((Row("unison, two local roots", peers.NOTHING), unison))
    return found


def pulling(arena: Arena, transfers: int) -> list[Contender]:
    found: list[Contender] = [(Row(OURS, DURABLE), lambda: fetch(arena))]
    if (rsync := arena.rsync) is not None:
        found.append((Row("rsync ← daemon", peers.NOTHING), lambda: rsync.pull("corpus", arena.fresh())))
        found.append(
            (
                Row("rsync --fsync ← daemon", "every document synced"),
                lambda: rsync.pull("corpus", arena.fresh(), "--fsync"),
            )
        )
    if (rclone := arena.rclone) is not None:
        found.append(
            (
                Row(f"rclone ← WebDAV, {transfers} transfers", peers.NOTHING),
                lambda: rclone.pull("corpus", arena.fresh(), transfers),
            )
        )
    return found


def compare(title: str, contenders: list[Contender], rounds: int) -> None:
    """Round after round, each contender in its turn, another one first every time: what the machine does meanwhile, and
    what a contender leaves behind for the next, meets all of them alike."""
    for turn in range(rounds):
        first = turn % len(contenders)
        for row, measure in contenders[first:] + contenders[:first]:
            settled()
            row.figures.append(measure())
    table(title, [row for row, _ in contenders])


def crossing(args: Namespace, which: set[str]) -> None:
    arena = Arena(args.documents or 10_000, 4_000, 16_000)
    try:
        if "publish" in which:
            compare(f"publish {arena.count:,} documents of 4–16 KB", pushing(arena, 16), args.rounds)
        if "fetch" in which:
            compare(f"fetch {arena.count:,} documents of 4–16 KB", pulling(arena, 16), args.rounds)
    finally:
        arena.close()


def large(args: Namespace) -> None:
    arena = Arena(100, 10_000_000, 10_000_000)
    try:
        compare("large, up: 1 GB in 100 documents", pushing(arena, 4), args.rounds)
        compare("large, down: 1 GB in 100 documents", pulling(arena, 4), args.rounds)
    finally:
        arena.close()


def wan(args: Namespace) -> None:
    arena = Arena(1_000, 4_000, 16_000, DELAY)
    try:
        up = [c for c in pushing(arena, 64) if "unison" not in c[0].name]
        compare("publish 1,000 at 30 ms round trip", up, args.rounds)
        compare("fetch 1,000 at 30 ms round trip", pulling(arena, 64), args.rounds)
    finally:
        arena.close()
