"""All printing. JSON Lines with --json; otherwise words, on standard output; faults on standard error."""

from __future__ import annotations

import json
import sys
from typing import Any

from syncd.core.errors import SyncdError


def say(text: str = "") -> None:
    """A line for people; what the terminal cannot show is escaped, never an error."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def line(value: Any) -> None:
    """One JSON line."""
    print(
        json.dumps(
            value,
            ensure_ascii=True if (sys.stdout.encoding or "").lower() not in ("utf-8", "utf8") else False,
            default=str,
        ),
        flush=True,
    )


def warn(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def failed(error: SyncdError) -> int:
    warn(f"syncd: {error}")
    return error.exit_code


def on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
