"""Whether each file and each function is small enough to be read at once: what grew longer is two things by now."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILE, FUNCTION = 400, 60  # lines
# Tests that are still longer, each with the lines it may have: it may only shrink, and its row goes when it fits.
LONGER = {
    "tests/jobs/intake/test_hazards.py": 540, "tests/jobs/migrate/test_migration.py": 510, "tests/portal/test_rights.py": 690,
    "tests/simulation/storm.py": 750, "tests/support/memory_portal.py": 550,
}  # fmt: skip


def faults(top: Path) -> Iterator[str]:
    """A sentence for each that is longer, below `top`; migrations are written by Django. Of a script and a test the file alone
    counts: their stories are told in one piece.
    """
    for path in sorted(top.rglob("*.py")):
        where, text = path.relative_to(top.parent).as_posix(), path.read_text(encoding="utf-8")
        if "migrations" in path.parts:
            continue
        if (lines := len(text.splitlines())) > (most := LONGER.get(where, FILE)):
            yield f"{where}: {lines} lines, at most {most}"
        if where in LONGER and lines <= FILE:
            yield f"{where}: it fits by now, its row of LONGER goes"
        if top.name in ("scripts", "tests"):
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION:
                yield f"{where}:{node.lineno}: {node.name} has {lines} lines, at most {FUNCTION}"


if __name__ == "__main__":
    ROOT = Path(__file__).parent.parent
    if found := [fault for top in ("syncd", "scripts", "tests") for fault in faults(ROOT / top)]:
        sys.exit("\n".join(found))
