"""The robot: scans from a share, taken, published and put away, beside publishing the same files; and an idle look at the share."""

from __future__ import annotations

import os
import shutil
import sys
import time
from argparse import Namespace
from pathlib import Path

from measure import corpus
from measure.cabinet import OK, ROOT, SYNCD, Cabinet
from measure.figures import Figure, Row, place, settled, table, timed

OURS, DURABLE = "syncd", "every document and both databases synced"
PAUSE = 11.0  # seconds that a scanner's pause lasts, and a little more


def scans(root: Path, count: int, *, share: bool) -> None:
    """A corpus whose documents are whole PDFs; `share`: below the codes, as scanners write them."""
    made: set[Path] = set()
    for code, path, data in corpus.documents(count, 4_000, 16_000):
        target = root / (code if share else corpus.directory(code)) / path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        target.write_bytes(b"%PDF-1.4\n" + data + b"\n%%EOF\n")


def intake(args: Namespace) -> None:
    count = args.documents or 10_000
    base = place()
    scans(base / "clients", count, share=False)
    published, taken = Row("publish", DURABLE), Row("intake: taken, published, put away", DURABLE)
    looked, walked = Row("intake: an idle look", "-"), Row("walk and stat of the same share", "-")
    for _ in range(args.rounds):
        published.figures.append(_publish(base / "clients", count))
        _taken(count, taken, looked, walked)
    table(f"intake: {count:,} scans of 4–16 KB", [published, taken])
    table(f"intake: looking at a share where {count:,} scans lie that are damaged", [walked, looked])


def _publish(tree: Path, count: int) -> Figure:
    cabinet = Cabinet(corpus.codes(count))
    cabinet.make()
    try:
        cabinet.fill(tree)
        settled()
        cabinet.wait_settled()
        return cabinet.run()
    finally:
        cabinet.close()


def _taken(count: int, taken: Row, looked: Row, walked: Row) -> None:
    cabinet = Cabinet(corpus.codes(count))
    cabinet.make()
    share = place() / "import"
    cabinet.env["SYNCD_INTAKE_ROOT"] = str(share)
    command = [*SYNCD, "--config", cabinet.config, "intake", "--json"]
    try:
        scans(share, count, share=True)
        settled()
        time.sleep(PAUSE)
        taken.figures.append(timed(command, cabinet.env, ROOT, OK))
        away = sum(len(files) for _, _, files in os.walk(share / ".traites"))
        if away != count:
            sys.exit(f"{away} of {count} scans were put away")
        cabinet.verify()
        shutil.rmtree(share / ".traites")
        damaged(share, count)
        time.sleep(PAUSE)
        timed(command, cabinet.env, ROOT, OK)  # the first look reads them, the next knows them
        looked.figures.append(timed(command, cabinet.env, ROOT, OK))
        walked.figures.append(walk(share))
    finally:
        cabinet.close()


def damaged(share: Path, count: int) -> None:
    for n, (code, path, _) in enumerate(corpus.documents(count, 1, 1)):
        (share / code / path).parent.mkdir(parents=True, exist_ok=True)
        (share / code / f"{path}{n}.pdf").write_bytes(b"%PDF-1.4\n")


def walk(share: Path) -> Figure:
    line = "import os, sys\nfor at, _, names in os.walk(sys.argv[1]):\n    for name in names: os.lstat(os.path.join(at, name))"
    return timed([ROOT / ".venv" / "bin" / "python", "-c", line, share])
