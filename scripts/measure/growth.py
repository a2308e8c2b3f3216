"""How cost grows with the number of documents: nothing to do, few changed, first publication, memory; a table and a plot."""

from __future__ import annotations

import json
import statistics
import subprocess
from argparse import Namespace
from pathlib import Path

from measure import looks, peers
from measure.cabinet import ROOT
from measure.figures import settled

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)  # the last one only when asked for: half an hour
PLOT = """
import json, sys
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
rows, out = json.loads(sys.argv[1]), sys.argv[2]
n = [r["documents"] for r in rows]
fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6))
for key, label in (("first", "first publication"), ("few", "100 edited, each in another client"), ("nothing", "nothing to do"), ("find", "find -printf")):
    left.plot(n, [r[key] for r in rows], marker="o", label=label)
for key, label in (("first_peak", "first publication"), ("few_peak", "100 edited"), ("nothing_peak", "nothing to do")):
    right.plot(n, [r[key] for r in rows], marker="o", label=label)
for axes, what in ((left, "seconds"), (right, "peak memory of the engine, MB")):
    axes.set_xscale("log"); axes.set_xlabel("documents"); axes.set_ylabel(what); axes.grid(alpha=.3)
    axes.legend(loc="upper center", bbox_to_anchor=(.5, -.15), ncol=2)
left.set_yscale("log"); right.set_ylim(0)
fig.tight_layout(); fig.savefig(out, dpi=90)
"""


def growth(args: Namespace) -> None:
    rows = []
    for count in SIZES:
        if count > (args.documents or 300_000):
            break
        with looks.mirrored(count) as (cabinet, first):
            idle = []
            for _ in range(args.rounds):
                settled()
                idle.append(cabinet.run())
            walk = statistics.median(peers.find(cabinet.root).wall for _ in range(args.rounds))
            looks.change(cabinet, count, 1)
            settled()
            cabinet.wait_settled()
            few = cabinet.run()
        rows.append({
            "documents": count, "first": first.wall, "first_peak": first.peak, "few": few.wall, "few_peak": few.peak,
            "nothing": statistics.median(f.wall for f in idle), "nothing_peak": max(f.peak for f in idle), "find": walk,
        })  # fmt: skip
        print(f"{count:,} documents measured", flush=True)
    print("\n### growth\n")
    print("| documents | first publication | 100 edited | nothing to do | find | peak MB: first, edited, nothing |")
    print("|---|---|---|---|---|---|")
    for r in rows:
        print(
            f"| {r['documents']:,} | {r['first']:.1f} s | {r['few']:.1f} s | {r['nothing']:.2f} s | {r['find']:.2f} s "
            f"| {r['first_peak']:.0f}, {r['few_peak']:.0f}, {r['nothing_peak']:.0f} |"
        )
    drawn = ROOT / "docs" / "performance-growth.png"
    python = Path(ROOT, ".bench", "bin", "python")
    if python.exists():
        subprocess.run([python, "-c", PLOT, json.dumps(rows), drawn], check=True)
        print(f"\ndrawn: {drawn.relative_to(ROOT)}", flush=True)
