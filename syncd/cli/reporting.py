"""What a run leaves to be read; where it cannot be written, that is said, and its exit code says so too (DESIGN 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from syncd.cli.output import warn

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.state.store import Store

NOT_WRITTEN = 3


def kept(config: Config, store: Store, summary: dict[str, Any], text: Sequence[str]) -> dict[str, Any]:
    """The summary, once its report was written or that was said."""
    from syncd.wiring import reports

    why = reports.keep_reports(config, store, summary, text)
    if not why and (held := reports.held(store)):
        warn(f"syncd: {held}")
    return said(summary, why)


def said(summary: dict[str, Any], why: str) -> dict[str, Any]:
    """`why`: what keeps reports from being written; '' for nothing."""
    if not why:
        return summary
    warn(f"syncd: the report cannot be written: {why}. Check [mirror] logs, its rights and its disk.")
    return {**summary, "exit_code": summary["exit_code"] or NOT_WRITTEN, "unwritten": why}
