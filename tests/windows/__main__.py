"""What ./scripts/test-windows does once everything is installed: see its --help."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.windows import wine

INSIDE = ("tests/disk", "tests/local")
OUTSIDE = ("tests/e2e", "tests/windows")


def outside(files: list[str], options: list[str]) -> int:
    """pytest here, the engine there; of tests/windows also what a test run leaves out."""
    plugin = [] if all(f.startswith("tests/windows") for f in files) else ["-p", "tests.windows.plugin"]
    many = os.environ.get("WORKERS", "2")
    spread = [] if many == "1" else ["-n", many, "--dist", "worksteal"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *spread, "--timeout=900", *files, *options], cwd=wine.ROOT,
        env={**os.environ, "SYNCD_EVERY": "1"},
    ).returncode  # fmt: skip


def inside(files: list[str], options: list[str]) -> int:
    """pytest there."""
    with wine.server(), tempfile.TemporaryDirectory(prefix="syncd-windows-") as place:
        return wine.shown(
            "-m", "pytest", "-p", "no:cacheprovider", f"--basetemp={wine.outward(f'{place}/t')}", *files, *options
        )


def prepare() -> int:
    """Before the tests, whose time is limited; where it cannot be done, one line, and they are skipped."""
    try:
        wine.prepared()
    except (OSError, subprocess.SubprocessError) as e:
        print(
            f"windows: the Windows Python cannot be put together here ({e}); what needs it is skipped", file=sys.stderr
        )
        return 1
    return 0


def main() -> int:
    words = sys.argv[1:]
    if words == ["--prepare"]:
        return prepare()
    wine.prepared()
    if words[:1] == ["--python"]:
        return wine.shown(*words[1:])
    paths = [w for w in words if w.startswith("tests") and Path(wine.ROOT, w.partition("::")[0]).exists()]
    options = [w for w in words if w not in paths]
    here = [p for p in paths if p.startswith(OUTSIDE)] if paths else ["tests/e2e"]
    alone = [p for p in here if p.startswith("tests/windows")] if paths else ["tests/windows"]
    there = [p for p in paths if not p.startswith(OUTSIDE)] if paths else list(INSIDE)
    here = [p for p in here if p not in alone]
    done = []
    for title, how, part in (
        ("in the Windows Python", inside, there), ("the engine in Wine", outside, here), ("Windows alone", outside, alone)
    ):  # fmt: skip
        if part:
            print(f"== {title}: {' '.join(part)}", flush=True)
            done.append(how(part, options))
    return max(done)


if __name__ == "__main__":
    sys.exit(main())
