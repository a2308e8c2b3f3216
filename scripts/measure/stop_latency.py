"""How late a run ends after it was told to: a real SIGTERM at any moment, a budget, over many documents."""

from __future__ import annotations

import json
import random
import signal
import statistics
import subprocess
import sys
import time
from argparse import Namespace
from pathlib import Path

from measure import corpus
from measure.cabinet import ROOT, SYNCD, Cabinet
from measure.figures import place

BUDGET = 3.0
HOW = ("SIGTERM", f"--max-duration {BUDGET:.0f}s")
LEFT = (10, 143, -15)  # what a run that has more to do ends with; the last: before it heard anything


def stop(args: Namespace) -> None:
    """`--documents` new at the cabinet, then as many to be fetched; with `--one` half of them are one client's.

    Late is from the signal, or from the budget's end, to the end of the process, its report written.
    """
    count = args.documents or 30_000
    print("\n### stop\n")
    print("| what | ended by | how often | late: median | most | of those, the moment |")
    print("|---|---|---|---|---|---|")
    for what in ("publish", "fetch"):
        measured(args, what, count)


def measured(args: Namespace, what: str, count: int) -> None:
    cabinet = Cabinet(corpus.codes(count))
    rng = random.Random(corpus.SEED)
    late: dict[str, list[tuple[float, float]]] = {how: [] for how in HOW}
    try:
        cabinet.make()
        tree = cabinet.root if what == "publish" else place() / "corpus"
        corpus.write(tree, count, 300, 2_000)
        if args.one:
            gather(tree, count)
        if what == "publish":
            cabinet.wait_settled()
        else:
            cabinet.within(
                "from measure import cabinet; from pathlib import Path; cabinet.deposit_tree(Path(sys.argv[2]))",
                str(tree),
            )
        print(f"{count:,} documents are there", file=sys.stderr, flush=True)
        for turn in range(2 * args.samples):
            how = HOW[turn % 2]
            after = rng.uniform(1.0, args.seconds) if how == HOW[0] else BUDGET
            code, took = ended(cabinet, how, after)
            print(f"{what}, {how}: {took:.2f} s late after {after:.1f} s, code {code}", file=sys.stderr, flush=True)
            if code not in LEFT:
                break
            late[how].append((took, after))
    finally:
        cabinet.close()
    for how, found in late.items():
        most, after = max(found, default=(0.0, 0.0))
        median = statistics.median(seconds for seconds, _ in found) if found else 0.0
        print(
            f"| {what} {count:,} | {how} | {len(found)} | {median:.1f} s | {most:.1f} s | {after:.0f} s |", flush=True
        )


def gather(tree: Path, count: int) -> None:
    first = tree / corpus.directory(corpus.codes(count)[0])
    for n, code in enumerate(corpus.codes(count)[1 : count // corpus.EACH // 2]):
        for folder in (tree / corpus.directory(code)).iterdir():
            if folder.name in corpus.FOLDERS and folder.is_dir():
                folder.rename(first / corpus.FOLDERS[0] / f"Lot {n} {folder.name}")


def ended(cabinet: Cabinet, how: str, after: float) -> tuple[int, float]:
    """(exit code, seconds it was late)."""
    out = cabinet.base / "said"
    budget = [] if how == HOW[0] else ["--max-duration", f"{BUDGET}s"]
    with out.open("wb") as said:
        process = subprocess.Popen(
            [*SYNCD, "--config", str(cabinet.config), "run", "--json", *budget], env=cabinet.env, cwd=ROOT, stdout=said,
            stderr=cabinet.log,
        )  # fmt: skip
        told = time.time()
        if not budget:
            try:
                process.wait(after)
            except subprocess.TimeoutExpired:
                told = time.time()
                process.send_signal(signal.SIGTERM)
        code = process.wait(600)
    now = time.time()
    lines = out.read_bytes().strip().rpartition(b"\n")[2]
    if budget and lines:
        told = json.loads(lines)["started"] + BUDGET
    return code, now - told
