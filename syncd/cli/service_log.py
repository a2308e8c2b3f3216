"""The service's log: lines for people, or JSON; to standard error, or to a file that is rotated."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

BYTES, FILES = 5_000_000, 10


def log_to(file: str | None, *, as_json: bool) -> Callable[..., None]:
    """`say(event, **fields)`. Raises OSError when the file cannot be written."""
    handler: logging.Handler
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        handler = _Rotating(file, maxBytes=BYTES, backupCount=FILES, encoding="utf-8")
    else:
        handler = logging.StreamHandler(sys.stderr)
    shared: list[Any] = [structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.stdlib.add_log_level]
    last: Any = structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else _line
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
            foreign_pre_chain=[
                *shared,
                structlog.processors.format_exc_info,
            ],  # what the engine tells: unexpected errors
        )
    )
    logger = logging.getLogger("syncd")
    former, logger.handlers, logger.propagate = logger.handlers, [handler], False
    for other in former:  # where the command that becomes the service wrote until now
        other.close()
    logger.setLevel(logging.INFO)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(), wrapper_class=structlog.stdlib.BoundLogger,
    )  # fmt: skip
    bound = structlog.get_logger("syncd")

    def say(event: str, **fields: Any) -> None:
        (bound.warning if "error" in fields else bound.info)(event, **fields)

    return say


class _Rotating(logging.handlers.RotatingFileHandler):
    """Goes on with the file it has where that cannot be renamed: on Windows, while somebody looks at it."""

    def doRollover(self) -> None:
        if self.stream is not None:
            self.stream.close()  # it would hold the file, too
        try:
            os.rename(self.baseFilename, self.baseFilename)  # noqa: PTH104 (may it be? Before older ones move: every line tries again)
            super().doRollover()
        except OSError:
            self.stream = self._open()


def _line(_: object, __: str, event: dict[str, Any]) -> str:
    """`2026-11-22T05:30:00Z pass why=events uploaded=1`."""
    at, level, name = event.pop("timestamp"), event.pop("level"), event.pop("event")
    mark, trace = "" if level == "info" else f"{level.upper()} ", event.pop("exception", "")
    said = " ".join([at, mark + name, *(f"{k}={_value(v)}" for k, v in event.items() if v not in ("", None))])
    return f"{said}\n{trace}" if trace else said


def _value(value: object) -> str:
    text = str(value)
    return f'"{text}"' if " " in text else text
