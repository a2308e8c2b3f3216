"""Years of documents out of an old tree: `cp -r` and a first publication beside `syncd migrate`, and a second launch beside a
walk of the tree."""

from __future__ import annotations

import hashlib
import json
import sys
from argparse import Namespace
from pathlib import Path

from measure import corpus, peers
from measure.cabinet import ROOT, SYNCD, Cabinet
from measure.figures import Figure, Row, place, settled, table, timed
from measure.transfers import DURABLE


def migrate(args: Namespace) -> None:
    count = args.documents or 100_000
    old = place() / "gef"
    write(old, count)
    before = digests(old)
    plain, ours = Row("cp -r, then syncd run", DURABLE), Row("syncd migrate --yes", DURABLE)
    walk, again = Row("find -printf of the old tree", ""), Row("syncd migrate, nothing new", "nothing to write")
    for _ in range(args.rounds):
        plain.figures.append(copied_by_hand(old, count))
        cabinet = Cabinet(corpus.codes(count))
        try:
            cabinet.make()
            settled()
            ours.figures.append(launch(cabinet, old, count, "copied", "--yes"))
            cabinet.verify()
            settled()
            walk.figures.append(peers.find(old))
            again.figures.append(launch(cabinet, old, count, "earlier"))
        finally:
            cabinet.close()
    if digests(old) != before:
        sys.exit("the old tree is not as it was")
    table(f"migration, {count:,} documents of 1–2 kB", [plain, ours])
    table(f"migration with nothing new, {count:,} documents", [walk, again])


def write(old: Path, count: int) -> None:
    """The corpus, its years as folders of no exercise: clients of a measurement have none."""
    made: set[Path] = set()
    for code, path, data in corpus.documents(count, 1_000, 2_000):
        target = old / corpus.directory(code) / path.replace("/20", "/lot 20", 1)
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        target.write_bytes(data)


def digests(old: Path) -> str:
    """One for all names and contents."""
    whole = hashlib.sha256()
    for path in sorted(p for p in old.rglob("*") if p.is_file()):
        whole.update(str(path).encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def copied_by_hand(old: Path, count: int) -> Figure:
    """What somebody would do without it; both parts as one figure."""
    cabinet = Cabinet(corpus.codes(count))
    try:
        cabinet.make()
        settled()
        copy = timed(["cp", "-r", f"{old}/.", cabinet.root])
        run = cabinet.run()
        return Figure(
            copy.wall + run.wall, copy.cpu + run.cpu, max(copy.peak, run.peak), run.out, run.server, run.requests
        )
    finally:
        cabinet.close()


def launch(cabinet: Cabinet, old: Path, count: int, outcome: str, *options: str) -> Figure:
    """`outcome`: what every document is to be counted as."""
    command = [*SYNCD, "--config", cabinet.config, "migrate", old, "--json", *options]
    figure = timed(command, cabinet.env, ROOT)
    found = [json.loads(line) for line in figure.out.splitlines() if '"type":"migration"' in line.replace(" ", "")]
    if not found or found[-1][outcome] != count:
        sys.exit(f"not every document was taken: {found[-1] if found else figure.out[-500:]}")
    return figure
