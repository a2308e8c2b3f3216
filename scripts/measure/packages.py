"""Exchange packages: one of a gigabyte beside `zip -0`, and a small one of a large client beside a run that finds nothing."""

from __future__ import annotations

import itertools
import json
import sqlite3
from argparse import Namespace
from pathlib import Path

from measure import corpus, looks, peers
from measure.cabinet import ROOT, SYNCD, Cabinet
from measure.figures import Figure, Row, place, settled, timed
from measure.transfers import DURABLE, compare

CODE, FEW = corpus.codes(1)[0], 10


def packages(args: Namespace) -> None:
    """`--documents`: of the large client; 100,000 are the bar's. The gigabyte is 500 documents of 2 MB."""
    _gigabyte(args)
    _increment(args, args.documents or 100_000)


def _gigabyte(args: Namespace) -> None:
    cabinet, number = Cabinet([CODE]), itertools.count()
    try:
        cabinet.make()
        _write(cabinet, 500, 2_000_000)
        cabinet.run()
        to = place()

        def zipped() -> Figure:
            return timed(["zip", "-0", "-q", "-r", to / f"{next(number)}.zip", "."], cwd=cabinet.dir(CODE))

        compare(
            "make a package of 1 GB (500 documents)",
            [
                (Row("zip -0", peers.NOTHING), zipped),
                (Row("syncd package create --all", DURABLE), lambda: _create(cabinet, to / str(next(number)), "--all")),
            ],
            args.rounds,
        )
    finally:
        cabinet.close()


def _increment(args: Namespace, count: int) -> None:
    cabinet, number = Cabinet([CODE]), itertools.count()
    try:
        cabinet.make()
        _write(cabinet, count, 1_000)
        cabinet.run()
        to = place()
        _met(cabinet, to)

        def made() -> Figure:
            turn = next(number)
            for n in range(FEW):
                (cabinet.dir(CODE) / _path(n * (count // FEW))).write_bytes(b"edited %d %d" % (turn, n))
            looks.agree(cabinet)
            cabinet.wait_settled()
            cabinet.run()
            cabinet.run()
            return _create(cabinet, to / f"n{turn}")

        compare(
            f"{FEW} changes of {count:,} documents",
            [(Row("syncd run, nothing to do", DURABLE), cabinet.run), (Row("syncd package create", DURABLE), made)],
            args.rounds,
        )
    finally:
        cabinet.close()


def _create(cabinet: Cabinet, to: Path, *how: str) -> Figure:
    return timed(
        [*SYNCD, "--config", cabinet.config, "package", "create", CODE, "--to", to, "--plain", *how], cabinet.env, ROOT
    )


def _met(cabinet: Cabinet, to: Path) -> None:
    """A company that has everything and has said so."""
    at = to / "company"
    first = _made(_json(cabinet, "package", "create", CODE, "--to", to / "first", "--all", "--plain"))
    key = json.loads(timed([*SYNCD, "package", "join", first, "--at", at, "--yes", "--json"], cabinet.env, ROOT).out)
    cabinet.syncd("--config", cabinet.config, "package", "trust", CODE, f"{key['signing']}.{key['sealing']}")
    timed([*SYNCD, "package", "apply", first, "--at", at, "--yes", "--json"], cabinet.env, ROOT)
    back = _made(timed([*SYNCD, "package", "create", "--at", at, "--to", to / "back", "--json"], cabinet.env, ROOT).out)
    _json(cabinet, "package", "apply", back, "--yes")
    with sqlite3.connect(cabinet.base / "state" / "state.db") as state:
        state.execute("delete from windows")


def _json(cabinet: Cabinet, *args: object) -> str:
    return cabinet.syncd("--config", cabinet.config, *args, "--json")


def _made(told: str) -> str:
    return str(json.loads(told.strip().rpartition("\n")[2])["file"])


def _path(n: int) -> str:
    return f"Achats/{n // 500:04}/{n:07}.pdf"


def _write(cabinet: Cabinet, count: int, size: int) -> None:
    for n in range(count):
        target = cabinet.dir(CODE) / _path(n)
        if not n % 500:
            target.parent.mkdir(parents=True)
        target.write_bytes((b"%%PDF %012d" % n).ljust(size, b"%d" % (n % 10)))
    settled()
    cabinet.wait_settled()
