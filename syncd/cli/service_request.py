"""Asking the running service: what only it may do now is done by it, and shown here as if it had been done here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from syncd.cli.output import line, warn

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.run_result import RunResult

LOOK = 0.1
Shown = Callable[[int, int, str], None]


def ask(
    config: Config,
    clients: Sequence[str],
    shown: Shown,
    *,
    max_duration: float | None = None,
    kind: str = "pass",
    wish: Mapping[str, Any] = {},
) -> RunResult:
    """How it ended, its `run` as the service has it. `shown`: (done, of or 0, what) while it is at it. Raises SyncdError.

    Ctrl-C leaves the service at work; what it has not begun is withdrawn, and an errand ends after the document in hand.
    """
    from syncd.cli.reporting import said
    from syncd.core.errors import SyncdError
    from syncd.core.run_result import of_line
    from syncd.wiring import assembly, service_parts

    store = assembly.store_of_service(config)
    try:
        number = store.requests.ask(clients, max_duration, kind, wish)
        try:
            while (answered := store.requests.answered(number)) is None:
                if not service_parts.service_runs(config):
                    store.requests.withdraw(number)
                    raise SyncdError("The service stopped before it was done.", mend="Run again.")
                if (how_far := store.requests.progress_of(number)) is not None:
                    shown(*how_far)
                time.sleep(LOOK)
        except KeyboardInterrupt:
            store.requests.withdraw(number)
            warn("syncd: the service goes on; what was not begun is withdrawn.")
            raise
        run, summary = answered
        if "error" in summary:
            failed = SyncdError(str(summary["error"]))
            failed.exit_code = int(summary.get("exit_code", 2))
            raise failed
        return said(of_line({**summary, "run": run}), store.progress.read().reports_unwritten)
    finally:
        store.close()


def show_events(config: Config, result: RunResult, as_json: bool) -> int:
    """How many events that run told; with JSON, each is printed."""
    from syncd.wiring import assembly

    told = 0
    store = assembly.store(config, writes=False)
    try:
        for event in store.journal.run_events(result.run):
            told += 1
            if as_json:
                line(event.as_dict())
    finally:
        store.close()
    return told
