"""Tools of strangers: whoever has them needs no syncd to read what it makes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def stranger(tool: str, *arguments: object, cwd: Path) -> bytes:
    """What it answers; fails with it. Skips, and says so, where it is not to be had."""
    if shutil.which(tool) is None:
        pytest.skip(f"no {tool} here: apt-get install {tool}")
    done = subprocess.run([tool, *map(str, arguments)], cwd=cwd, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout
