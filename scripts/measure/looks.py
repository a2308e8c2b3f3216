"""Trees at which there is little or nothing to do: nothing, few, memory and startup, at any size."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from argparse import Namespace
from collections.abc import Iterator

from measure import corpus, peers
from measure.cabinet import ROOT, SYNCD, Cabinet
from measure.figures import Figure, Row, place, settled, table, timed
from measure.transfers import DURABLE, OURS, compare

FEW = 100


@contextlib.contextmanager
def mirrored(count: int) -> Iterator[tuple[Cabinet, Figure]]:
    """A cabinet whose two sides are the same, and what the run cost that made them so."""
    tree = place()
    cabinet = Cabinet(corpus.codes(count))
    try:
        cabinet.make()
        corpus.write(tree, count, 1_000, 2_000)
        cabinet.fill(tree)
        settled()
        cabinet.wait_settled()
        first = cabinet.run()
        cabinet.run()
        yield cabinet, first
    finally:
        cabinet.close()


def change(cabinet: Cabinet, count: int, turn: int) -> None:
    """`FEW` documents edited, everywhere in the tree."""
    step = max(1, count // FEW)
    for n, (code, path, _) in enumerate(corpus.documents(count, 1, 1)):
        if n % step == turn % step:
            (cabinet.dir(code) / path).write_bytes(b"edited %d %d" % (turn, n))


def agree(cabinet: Cabinet) -> None:
    """To what was done so far: the guards count. The run that follows checks a state that another has written to."""
    with contextlib.closing(sqlite3.connect(cabinet.base / "state" / "state.db")) as state, state:
        state.execute("delete from windows")


def looking(args: Namespace, which: set[str]) -> None:
    count = args.documents or 100_000
    with mirrored(count) as (cabinet, first):
        if "nothing" in which:
            nothing(args, cabinet, count)
        if "few" in which:
            few(args, cabinet, count)
        if "memory" in which:
            memory(cabinet, first, count)
        if "startup" in which:
            startup(args, cabinet, count)


def nothing(args: Namespace, cabinet: Cabinet, count: int) -> None:
    base = place()
    served = base / "served"
    served.mkdir()
    shutil.copytree(cabinet.root, served / "copy", ignore=shutil.ignore_patterns(".syncd*"))
    source = base / "source"
    shutil.copytree(cabinet.root, source, ignore=shutil.ignore_patterns(".syncd*"))
    contenders = [
        (Row(OURS, "nothing to write"), cabinet.run),
        (Row("find -printf", ""), lambda: peers.find(cabinet.root)),
    ]
    servers: list[peers.Server] = []
    try:
        if peers.tool("rsync"):
            rsync = peers.Rsync(served)
            servers.append(rsync)
            rsync.push(source, "copy")
            contenders.append((Row("rsync → daemon", ""), lambda: rsync.push(source, "copy")))
        if peers.tool("unison"):
            unison = peers.Unison(base / "unison")
            unison.sync(source, served / "copy")
            contenders.append((Row("unison, two local roots", ""), lambda: unison.sync(source, served / "copy")))
        if peers.tool("rclone") and not args.no_bisync:
            rclone = peers.Rclone(served)
            servers.append(rclone)
            rclone.bisync(source, "copy", base / "bisync", "--resync")
            contenders.append(
                (Row("rclone bisync ↔ WebDAV", ""), lambda: rclone.bisync(source, "copy", base / "bisync"))
            )
        compare(f"nothing to do, {count:,} documents", contenders, args.rounds)
    finally:
        for server in servers:
            server.close()


def few(args: Namespace, cabinet: Cabinet, count: int) -> None:
    idle, busy = Row("nothing to do", "nothing to write"), Row(f"{FEW} edited", DURABLE)
    for turn in range(args.rounds):
        settled()
        idle.figures.append(cabinet.run())
        change(cabinet, count, turn)
        settled()
        cabinet.wait_settled()
        busy.figures.append(cabinet.run())
        cabinet.wait_settled()
        agree(cabinet)
        cabinet.run()  # what was read within two seconds of its change is read once more
    cabinet.verify()
    table(f"few: {FEW} of {count:,} changed", [idle, busy])


def memory(cabinet: Cabinet, first: Figure, count: int) -> None:
    idle = Row("nothing to do", "", [cabinet.run()])
    table(f"memory, {count:,} documents", [Row("first publication", DURABLE, [first]), idle])


def startup(args: Namespace, cabinet: Cabinet, count: int) -> None:
    rows = [
        Row("syncd --version", "", [timed([*SYNCD, "--version"], cwd=ROOT) for _ in range(args.rounds * 3)]),
        Row(
            "syncd status",
            "",
            [timed([*SYNCD, "--config", cabinet.config, "status"], cabinet.env, ROOT) for _ in range(args.rounds * 3)],
        ),
    ]
    table(f"startup, over a state of {count:,} documents", rows)
