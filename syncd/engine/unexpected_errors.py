"""What nobody expected: one line for people, and the whole of it for whoever has to mend it, in the log."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

_log = logging.getLogger("syncd")


def note(where: str, error: Exception) -> str:
    """`KeyError: 'x' (merge.py:41)`; the traceback goes to the log. `where`: what was being done."""
    _log.error("unexpected at %s", where, exc_info=error)
    return line(error)


def line(error: BaseException) -> str:
    found = traceback.extract_tb(error.__traceback__)
    at = f" ({Path(found[-1].filename).name}:{found[-1].lineno})" if found else ""
    return f"{type(error).__name__}: {str(error)[:200]}{at}"
