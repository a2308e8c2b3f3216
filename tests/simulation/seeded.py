"""Longer histories from a seed: `python -m tests.simulation.seeded SEED` replays one; `scripts/fuzz` goes on and on."""

from __future__ import annotations

import collections
import random
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

from tests.simulation.engine_in_memory import Lab
from tests.simulation.test_histories import FOLDERS, play, reduced_alike

NAMES = ["a.pdf", "b.pdf", "c.pdf", "A.pdf", "supp_a.pdf", "supp_2_a.pdf", "é.pdf", "e\u0301.pdf"]
PLACES = ["Achats", "Ventes", "Achats/2025", "Achats/2025/Q1", "Achats/2026", "Ventes/x", "Ventes/2025"]
DATA = [b"1", b"2", b"3", b"longer one", b"longer two", b""]


def history(seed: int) -> list[tuple]:  # type: ignore[type-arg]
    rng = random.Random(seed)
    names, places = rng.sample(NAMES, rng.randint(2, 5)), rng.sample(PLACES, rng.randint(2, 5))

    def path() -> str:
        return f"{rng.choice(places)}/{rng.choice(names)}"

    steps: list[tuple] = []  # type: ignore[type-arg]
    for _ in range(rng.randint(5, 45)):
        verb = rng.choices(
            [
                "run",
                "write",
                "unlink",
                "rename",
                "rename_folder",
                "deposit",
                "remove",
                "move",
                "move_folder",
                "remove_folder",
                "restore",
                "hide",
            ],
            [8, 10, 4, 6, 3, 8, 4, 6, 3, 1, 2, 1],
        )[0]
        match verb:
            case "run":
                steps.append(("run",))
            case "write" | "deposit":
                steps.append((verb, path(), rng.choice(DATA)))
            case "unlink" | "remove" | "hide":
                steps.append((verb, path()))
            case "rename" | "move":
                steps.append((verb, path(), path()))
            case "rename_folder":
                steps.append(("rename", rng.choice(PLACES), rng.choice(PLACES)))
            case "move_folder":
                steps.append((verb, rng.choice(PLACES), rng.choice(PLACES)))
            case "remove_folder":
                steps.append((verb, rng.choice([p for p in PLACES if "/" in p])))
            case "restore":
                steps.append((verb, rng.randint(0, 4)))
    return steps


def fails(steps: list[tuple], counts: collections.Counter[str] | None = None) -> str:  # type: ignore[type-arg]
    """'' when the history holds; else what went wrong."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as base:
        lab = Lab(Path(base), FOLDERS)
        checked = mock.patch("syncd.engine.judge.reduce", reduced_alike)
        checked.start()
        try:
            if counts is not None:
                run = lab.run

                def counted() -> dict:  # type: ignore[type-arg]
                    summary = run()
                    counts.update(e.action for e in lab.events)
                    return summary

                lab.run = counted  # type: ignore[method-assign]
            play(lab, steps)
            lab.check()
        except Exception as e:
            return f"{type(e).__name__}: {e}"
        finally:
            checked.stop()
            lab.state.close()
    return ""


def shrink(steps: list[tuple]) -> list[tuple]:  # type: ignore[type-arg]
    """Drop whatever is not needed for the failure."""
    n = 0
    while n < len(steps):
        fewer = steps[:n] + steps[n + 1 :]
        if fails(fewer):
            steps = fewer
        else:
            n += 1
    return steps


def main() -> int:
    start, minutes, count = 0, 1.0, 10**9
    args = sys.argv[1:]
    if args and args[0] == "--minutes":
        minutes, start = float(args[1]), int(time.time())
    elif args:
        start, count = int(args[0]), int(args[1]) if len(args) > 1 else 1
    counts: collections.Counter[str] = collections.Counter()
    end = time.monotonic() + minutes * 60 if count == 10**9 else float("inf")
    seed, failed = start, 0
    while time.monotonic() < end and seed < start + count:
        steps = history(seed)
        why = fails(steps, counts)
        if why:
            failed += 1
            print(f"seed {seed}: {why}\n  shrunk:", *map(repr, shrink(steps)), sep="\n    ", flush=True)
            if failed >= 5:
                break
        seed += 1
    print(f"{seed - start} histories from seed {start}, {failed} failed; actions: {dict(counts)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
