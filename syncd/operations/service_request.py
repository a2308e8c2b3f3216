"""Asking the running service: what only it may do now is done by it, and told as if it had been done here."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from syncd.operations.observer import HowFar, Observer

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.run_result import RunResult

LOOK = 0.1


def ask(
    config: Config,
    clients: Sequence[str],
    shown: HowFar,
    observer: Observer,
    *,
    max_duration: float | None = None,
    kind: str = "pass",
    wish: Mapping[str, Any] = {},
) -> RunResult:
    """How it ended, its `run` as the service has it. `shown`: is told how far it is. Raises SyncdError.

    Ctrl-C leaves the service at work; what it has not begun is withdrawn, and a task ends after the document in hand.
    """
    from syncd.core.errors import SyncdError
    from syncd.core.run_result import of_line
    from syncd.core.words import faults
    from syncd.core.words.commands import SERVICE_GOES_ON
    from syncd.operations.reporting import said
    from syncd.wiring import assembly, service_parts

    with contextlib.closing(assembly.store_of_service(config)) as store:
        number = store.requests.ask(clients, max_duration, kind, wish)
        try:
            while (answered := store.requests.answered(number)) is None:
                if not service_parts.service_runs(config):
                    store.requests.withdraw(number)
                    raise SyncdError(faults.SERVICE_STOPPED.of(), mend=faults.SERVICE_STOPPED_MEND.of())
                if (how_far := store.requests.progress_of(number)) is not None:
                    shown(*how_far)
                time.sleep(LOOK)
        except KeyboardInterrupt:
            store.requests.withdraw(number)
            observer.warn(SERVICE_GOES_ON(config.language))
            raise
        run, summary = answered
        if "error" in summary:
            english = str(summary["error"])
            failed = SyncdError(faults.ANSWERED.of(french=summary.get("french", english), english=english))
            failed.exit_code = int(summary.get("exit_code", 2))
            raise failed
        return said(config, of_line({**summary, "run": run}), store.progress.read().reports_unwritten, observer.warn)


def tell(config: Config, result: RunResult, observer: Observer) -> None:
    """What the service did, event by event, and how it ended."""
    from syncd.wiring import assembly, report_writing

    told = 0
    with contextlib.closing(assembly.store(config, writes=False)) as store:
        for event in store.journal.run_events(result.run):
            told += 1
            observer.event(event)
        observer.ended(result, told, lambda: report_writing.render_run(config, store, result))
