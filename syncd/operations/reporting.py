"""What a run leaves to be read; where it cannot be written, that is said, and its exit code says so too (DESIGN 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.run_result import RunResult
    from syncd.wiring.assembly import Store

NOT_WRITTEN = 3
Warn = Callable[[str], None]


def kept(config: Config, store: Store, result: RunResult, text: Sequence[str], warn: Warn) -> RunResult:
    """How it ended, once its report was written or that was said."""
    from syncd.wiring import report_writing

    why = report_writing.keep_reports(config, store, result, text)
    if not why and (held := report_writing.held(store)):
        warn(held)
    return said(config, result, why, warn)


def said(config: Config, result: RunResult, why: str, warn: Warn) -> RunResult:
    """`why`: what keeps reports from being written; '' for nothing."""
    if not why:
        return result
    from msgspec.structs import replace

    from syncd.core.words.commands import UNWRITTEN

    warn(UNWRITTEN(config.language, why=why))
    return replace(result, exit_code=result.exit_code or NOT_WRITTEN, unwritten=why)
