"""A client retrieved into a bag, beside `cp -r` of the same documents: every round into a new place."""

from __future__ import annotations

import itertools
import sys
from argparse import Namespace
from pathlib import Path

from measure import corpus, peers
from measure.cabinet import Cabinet
from measure.figures import Figure, Row, place, timed
from measure.transfers import DURABLE, compare


def retrieve(args: Namespace) -> None:
    """`--documents`: of 0.5 MB each; 40,000 are the 20 GB of the bar."""
    count = args.documents or 2_000
    base, served = place(), itertools.count()
    corpus.write(base / "tree", count, 400_000, 600_000)
    cabinet = Cabinet(corpus.codes(count))
    try:
        cabinet.make()
        cabinet.within(
            "from measure import cabinet; from pathlib import Path; cabinet.deposit_tree(Path(sys.argv[2]))",
            str(base / "tree"),
        )

        def copied() -> Figure:
            return timed(["cp", "-r", base / "tree", base / f"copy{next(served)}"])

        def retrieved(*how: str) -> Figure:
            to = base / f"bags{next(served)}"
            figure = cabinet.retrieve(to, *how)
            _proved(to)
            return figure

        compare(
            f"retrieve {count:,} documents of 0.5 MB",
            [
                (Row("cp -r", peers.NOTHING), copied),
                (Row("syncd retrieve", DURABLE), retrieved),
                (Row("syncd retrieve --zip", DURABLE), lambda: retrieved("--zip")),
            ],
            args.rounds,
        )
    finally:
        cabinet.close()


def _proved(to: Path) -> None:
    """What was measured is whole: of directories, by coreutils."""
    for bag in to.iterdir():
        if bag.is_dir():
            timed(["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"], cwd=bag)
    if not any(to.iterdir()):
        sys.exit(f"nothing was retrieved into {to}")
