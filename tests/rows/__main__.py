"""Tell the rows on a disk: `python -m tests.rows DIR [--out FILE] [--mount CMD --unmount CMD] [--only WORD]`.

A line of JSON each: {"row", "kind", "held", "instead", "why", "seconds"}; exit code 1 when one did not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.e2e.world import make_pristine
from tests.rows import basic, extra
from tests.rows.on_disk import OnDisk
from tests.rows.row import ROWS, Row
from tests.support import scratch

__all__ = ["basic", "extra"]


def main() -> None:
    asked = argparse.ArgumentParser(prog="tests.rows")
    asked.add_argument("directory", type=Path)
    asked.add_argument("--out", type=Path)
    asked.add_argument("--mount", default="", help="a command that mounts the disk of the directory")
    asked.add_argument("--unmount", default="")
    asked.add_argument("--only", default="", help="rows whose name holds this")
    asked.add_argument("--trace", action="store_true", help="print where a row failed")
    options = asked.parse_args()
    scratch.begin()
    base = Path(tempfile.mkdtemp())
    out = options.out.open("a") if options.out else sys.stdout
    failed = 0
    try:
        make_pristine(base / "pristine")
        for n, row in enumerate(ROWS):
            if options.only not in row.name or (row.needs == "mount" and not options.mount):
                continue
            said = _told(row, base, options.directory / f"row-{n:02}", shlex.split(options.mount), shlex.split(options.unmount), options.trace)  # fmt: skip
            failed += not said["held"]
            print(json.dumps(said, ensure_ascii=False), file=out, flush=True)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    scratch.end()
    sys.stdout.flush()
    os._exit(1 if failed else 0)  # the nursery goes with its standard input


def _told(
    row: Row, base: Path, root: Path, mounting: list[str], unmounting: list[str], trace: bool
) -> dict[str, object]:
    started, at = time.monotonic(), base / "world"
    at.mkdir()
    why, instead, world = "", "", None
    try:
        world = OnDisk(at, base / "pristine" / "world", root, mounting, unmounting)
        instead = row.tell(world) or ""
    except Exception as e:
        why = f"{type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}"[:300]
        if isinstance(e, AssertionError):
            line = traceback.extract_tb(e.__traceback__)[-1]
            why = f"{line.name}:{line.lineno} {line.line} {why}"[:500]
        if trace:
            traceback.print_exc()
    finally:
        if world is not None:
            world.close()
        shutil.rmtree(at, ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)
    took = round(time.monotonic() - started, 1)
    return {"row": row.name, "kind": row.kind, "held": not why, "instead": instead, "why": why, "seconds": took}


main()
