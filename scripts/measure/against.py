"""The same cases by this checkout and by another, turn by turn: a ratio that a machine's moods do not make.

Each checkout measures itself, with its own code and environment, in a process that stays; this one only says whose turn
it is. Whoever begins changes from round to round.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

from measure.cabinet import ROOT

CASES = ("publish", "fetch", "nothing", "few")
_WORKER = """
import json, os, sys, time
from argparse import Namespace
sys.path[:0] = ["scripts", "."]
from measure import looks, transfers
from measure.transfers import Arena, fetch, publish
def settled():
    os.sync()
    time.sleep(6)
transfers.settled = settled  # of either checkout: see measure.figures
out, sys.stdout = sys.stdout, sys.stderr
cases, crossing, standing = sys.argv[1].split(","), int(sys.argv[2]), int(sys.argv[3])
arena = Arena(crossing, 4_000, 16_000) if {"publish", "fetch"} & set(cases) else None
tree = looks.mirrored(standing) if {"nothing", "few"} & set(cases) else None
cabinet = tree.__enter__()[0] if tree else None
def few(turn):
    looks.agree(cabinet)
    looks.change(cabinet, standing, turn)
    settled()
    cabinet.wait_settled()
    return cabinet.run()
def nothing(turn):
    looks.agree(cabinet)
    cabinet.wait_settled()
    cabinet.run()  # what few wrote is looked at once more, and what was read within two seconds of its change
    return cabinet.run()
do = {"publish": lambda n: publish(arena), "fetch": lambda n: fetch(arena), "nothing": nothing, "few": few}
print("ready", file=out, flush=True)
for turn, line in enumerate(sys.stdin):
    figure = do[line.strip()](turn)
    print(json.dumps({name: getattr(figure, name) for name in ("wall", "cpu", "server", "peak")}), file=out, flush=True)
if arena:
    arena.close()
if tree:
    tree.__exit__(None, None, None)
"""


class Side:
    """A checkout that measures itself."""

    def __init__(self, checkout: Path, cases: list[str], crossing: int, standing: int) -> None:
        self.name = checkout.name
        command: list[str | Path] = [
            checkout / ".venv" / "bin" / "python",
            "-c",
            _WORKER,
            ",".join(cases),
            str(crossing),
            str(standing),
        ]
        self._process = subprocess.Popen(
            command, cwd=checkout, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.figures: dict[tuple[str, str], list[float]] = {}

    def answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended: exit code {self._process.wait()}")
        return str(line)

    def measure(self, case: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(case + "\n")
        self._process.stdin.flush()
        for what, value in json.loads(self.answer()).items():
            self.figures.setdefault((case, what), []).append(value)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def against(args: Namespace) -> None:
    """Prints, by case and figure, the medians of both and the ratio of this checkout to the other."""
    other, cases = Path(args.against).resolve(), [case for case in CASES if case in args.what]
    if not cases or len(cases) != len(args.what):
        sys.exit(f"--against compares {', '.join(CASES)}.")
    if not (other / ".venv" / "bin" / "python").exists():
        sys.exit(f"'{other}' is no checkout that was set up: run ./scripts/setup in it.")
    sides = [Side(c, cases, args.documents or 3_000, args.documents or 30_000) for c in (ROOT, other)]
    try:
        for side in sides:
            side.answer()
        for case in cases:  # once unmeasured: what is loaded first is compiled first
            for side in sides:
                side.measure(case)
                side.figures.clear()
        for turn in range(args.rounds):
            for case in cases:
                for side in sides if turn % 2 == 0 else sides[::-1]:
                    side.measure(case)
            print(f"round {turn + 1} of {args.rounds}", file=sys.stderr, flush=True)
    finally:
        for side in sides:
            side.close()
    ours, theirs = sides
    print(f"| case | figure | here | {other.name} | ratio |\n|---|---|---|---|---|")
    for (case, what), found in ours.figures.items():
        here, there = statistics.median(found), statistics.median(theirs.figures[case, what])
        ratio = f"{here / there:.2f}" if there else "–"
        print(f"| {case} | {what} | {here:.2f} | {there:.2f} | {ratio} |")
