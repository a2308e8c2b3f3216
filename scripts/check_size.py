"""Whether each file and each function is small enough to be read at once: what grew longer is two things by now."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FILE, FUNCTION = 400, 60  # lines


def faults(top: Path) -> Iterator[str]:
    """A sentence for each that is longer, below `top`; migrations are written by Django."""
    for path in sorted(top.rglob("*.py")):
        where, text = path.relative_to(top.parent).as_posix(), path.read_text(encoding="utf-8")
        if "migrations" in path.parts:
            continue
        if (lines := len(text.splitlines())) > FILE:
            yield f"{where}: {lines} lines, at most {FILE}"
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION:
                yield f"{where}:{node.lineno}: {node.name} has {lines} lines, at most {FUNCTION}"


if __name__ == "__main__":
    if found := list(faults(Path(__file__).parent.parent / "syncd")):
        sys.exit("\n".join(found))
