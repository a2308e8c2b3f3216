"""What the serving process writes to its journal: no secret of anybody, wherever in a line or a traceback it stands."""

from __future__ import annotations

import logging
import re
import sys

_CUTS = (
    (re.compile(r"(/(?:invitation|flux)/)[^\s/?#\"'<>)\]},;]+"), r"\1…"),
    (re.compile(r"((?:invitation|flux)%2[fF])[^\s/?#\"'<>)\]},;&]+"), r"\1…"),
    (re.compile(r"(?i)(bearer\s+)[^\s\"'<>,;]+"), r"\1…"),
    (re.compile(r"(?i)((?:cookie|authorization)['\"]?\s*[:=]\s*)[^\n]+"), r"\1…"),
    (re.compile(r"(?i)\b((?:[\w-]*(?:password|passwd|secret|token)|sessionid|current|again|code|totp)['\"]?\s*[:=]\s*)['\"]?[^\s&'\",;)}\]]+"), r"\1…"),
    (re.compile(r"\b[0-9a-fA-F]{64}\b"), "…"),
)  # fmt: skip


def cut(text: str) -> str:
    """The text without what opens anything: links' and feeds' secrets, keys, cookies, passwords, codes."""
    for secret, left in _CUTS:
        text = secret.sub(left, text)
    return text


class Cut(logging.Formatter):
    """Cuts the whole of what would be written, tracebacks and arguments included."""

    def format(self, record: logging.LogRecord) -> str:
        return cut(super().format(record))


def begin() -> None:
    """Every logger's warnings go to standard error, cut; the system's journal puts the time before them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Cut("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
