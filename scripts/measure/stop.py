"""How late a run ends after it was told to: a real SIGTERM at any moment, a budget, over many documents."""

from __future__ import annotations

import random
import shutil
import signal
import statistics
import subprocess
import time
from argparse import Namespace
from pathlib import Path

from measure import corpus
from measure.cabinet import ROOT, SYNCD, Cabinet
from measure.figures import place

BUDGET = 3.0
LEFT = (10, 143, -15)  # what a run that has more to do ends with; the last: before it heard anything


def stop(args: Namespace) -> None:
    """`--documents` new at the cabinet, then as many to be fetched; half of them one client's with `--one`."""
    count = args.documents or 30_000
    print("\n### stop\n")
    print("| what | ended by | how often | late: median | 95 of 100 | most | the moment of the latest |")
    print("|---|---|---|---|---|---|---|")
    for what in ("publish", "fetch"):
        for how in ("SIGTERM", f"--max-duration {BUDGET:.0f}s"):
            measured(args, what, how, count)


def measured(args: Namespace, what: str, how: str, count: int) -> None:
    cabinet = Cabinet(corpus.codes(count))
    rng = random.Random(corpus.SEED)
    try:
        cabinet.make()
        tree = place() / "corpus"
        corpus.write(tree, count, 300, 2_000)
        if args.one:  # half of all in one client
            gather(tree, count)
        if what == "publish":
            cabinet.fill(tree)
            cabinet.wait_settled()
        else:
            cabinet.within(
                "from measure import cabinet; from pathlib import Path; cabinet.deposit_tree(Path(sys.argv[2]))",
                str(tree),
            )
        shutil.rmtree(tree)
        late: list[tuple[float, float]] = []
        while len(late) < args.samples:
            after = rng.uniform(0.5, args.seconds) if how == "SIGTERM" else BUDGET
            code, took = ended(cabinet, how, after)
            if code not in LEFT:
                break
            late.append((took - after, after))
        latest = max(late, default=(0.0, 0.0))
        figures = sorted(t for t, _ in late) or [0.0]
        print(
            f"| {what} {count:,} | {how} | {len(late)} | {statistics.median(figures):.1f} s "
            f"| {figures[int(len(figures) * 0.95)]:.1f} s | {figures[-1]:.1f} s | {latest[1]:.0f} s |",
            flush=True,
        )
    finally:
        cabinet.close()


def gather(tree: Path, count: int) -> None:
    first = tree / corpus.directory(corpus.codes(count)[0])
    for n, code in enumerate(corpus.codes(count)[1 : count // corpus.EACH // 2]):
        (tree / corpus.directory(code)).rename(first / corpus.FOLDERS[0] / f"Lot {n}")


def ended(cabinet: Cabinet, how: str, after: float) -> tuple[int, float]:
    """(exit code, seconds from the process' start to its end)."""
    budget = ["--max-duration", f"{BUDGET}s"] if how != "SIGTERM" else []
    began = time.monotonic()
    process = subprocess.Popen(
        [*SYNCD, "--config", str(cabinet.config), "run", "--json", *budget], env=cabinet.env, cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=cabinet.log,
    )  # fmt: skip
    if not budget:
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
    code = process.wait(600)
    return code, time.monotonic() - began
