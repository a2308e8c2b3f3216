"""What the serving process writes to its journal: no secret of anybody, wherever in a line or a traceback it stands, and no
more of it than a person could read: strangers make lines too, and the system's journal drops older ones for them."""

from __future__ import annotations

import copy
import logging
import re
import sys
import time
from collections.abc import Callable

_CUTS = (
    (re.compile(r"(?i)((?:invitation|flux|desabonnement)[/\\]+)[^\s/?#\"'<>)\]},;]+"), r"\1…"),
    (re.compile(r"(?i)((?:invitation|flux|desabonnement)(?:%(?:25)*2f)+)[^\s/?#\"'<>)\]},;&]+"), r"\1…"),
    (re.compile(r"(?i)(bearer\s+)[^\s\"'<>,;]+"), r"\1…"),
    (re.compile(r"(?i)((?:cookie|authorization)['\"]?\s*[:=]\s*)[^\n]+"), r"\1…"),
    (re.compile(r"(?i)\b((?:[\w-]*(?:password|passwd|secret|token)|sessionid|current|again|code|totp)['\"]?\s*[:=]\s*)['\"]?[^\s&'\",;)}\]]+"), r"\1…"),
    (re.compile(r"\bsyncd_[0-9a-f]{32}_[0-9a-f]{64}\b"), "…"),
    (re.compile(r"\b[0-9a-fA-F]{64}\b"), "…"),
    (re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[A-Za-z0-9_-]{40,}(?![\w-])"), "…"),  # a link's, whatever stands before it
)  # fmt: skip
_HOST = "django.security.DisallowedHost"  # with a traceback for each name that a stranger makes up

LINE = 500  # characters of a line
WHOLE = 20_000  # of a record with its traceback
MOST = 60  # records of one logger and level …
EVERY = 60.0  # … in so many seconds


def cut(text: str) -> str:
    """The text without what opens anything: links' and feeds' secrets, keys, cookies, passwords, codes."""
    for secret, left in _CUTS:
        text = secret.sub(left, text)
    return text


def short(text: str) -> str:
    """Each line to LINE characters, and WHOLE in all: of a traceback the end says most."""
    lines = (line if len(line) <= LINE else f"{line[:LINE]}… ({len(line)})" for line in text.split("\n"))
    text = "\n".join(lines)
    return text if len(text) <= WHOLE else f"{text[: WHOLE // 4]}\n…\n{text[-WHOLE * 3 // 4 :]}"


class Cut(logging.Formatter):
    """Cuts the whole of what would be written, tracebacks and arguments included."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == _HOST:
            record = copy.copy(record)
            record.exc_info = record.exc_text = record.stack_info = None
        return short(cut(super().format(record)))


class Measured(logging.StreamHandler):  # type: ignore[type-arg]  # generic in its stubs alone
    """MOST records of one logger and level within EVERY seconds; then how many were left out, with the next one."""

    def __init__(self, stream: object = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._counts: dict[tuple[str, int], tuple[float, int]] = {}  # since when, how many

    def emit(self, record: logging.LogRecord) -> None:
        kind, now = (record.name, record.levelno), self._clock()
        since, count = self._counts.get(kind, (now, 0))
        if now - since >= EVERY:
            if count > MOST:
                left = f"{count - MOST} more lines of this kind were left out"
                super().emit(logging.LogRecord(record.name, record.levelno, "", 0, left, None, None))
            since, count = now, 0
        self._counts[kind] = since, count + 1
        if count < MOST:
            super().emit(record)


def begin() -> None:
    """Every logger's warnings go to standard error, cut; the system's journal puts the time before them."""
    handler = Measured(sys.stderr)
    handler.setFormatter(Cut("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
