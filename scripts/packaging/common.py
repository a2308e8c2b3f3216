"""What the parts share."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]


def epoch() -> int:
    """The moment everything bears: the commit's."""
    return int(os.environ["SOURCE_DATE_EPOCH"])


def run(*command: str | Path, at: Path = TOP, **environ: str) -> str:
    """What the command said, run in the directory `at`; SystemExit with its last words when it fails."""
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, env={**os.environ, **environ}, cwd=at, check=False
    )
    if done.returncode:
        raise SystemExit(f"package: {' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
