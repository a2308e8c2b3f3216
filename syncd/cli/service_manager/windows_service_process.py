"""`syncd watch` as the process that Windows' service manager starts: its end asked from there, its troubles told there."""

from __future__ import annotations

import _thread
import signal
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import click

from syncd.cli.service_manager.windows_event_log import EventLog
from syncd.core.errors import SyncdError


def work(ctx: click.Context, windows: ModuleType) -> int:
    """Watch until Windows says otherwise; the exit code. Whatever ends it is in the event log."""
    signal.signal(signal.SIGTERM, _too_early)  # asked to end before the watch listens
    journal = EventLog(windows.event)
    hosted = windows.Hosted(lambda: _thread.interrupt_main(signal.SIGTERM))
    return int(hosted(lambda: _watched(ctx, journal)))


def _watched(ctx: click.Context, journal: EventLog) -> int:
    from syncd.cli.service_log import (
        log_to,  # Windows has its answer before this is read: it waits half a minute at most
    )
    from syncd.cli.watch import serve, sound

    try:
        config = sound(ctx)
        log = log_to(str(Path(config.mirror.logs) / "service.log"), as_json=False)

        def say(event: str, **fields: Any) -> None:
            log(event, **fields)
            journal(event, **fields)

        return serve(ctx, config, say)
    except SyncdError as e:
        journal.failed(str(e))
        return e.exit_code
    except SystemExit as e:
        journal.stopped(int(e.code or 0))
        return int(e.code or 0)
    except BaseException as e:
        journal.failed(f"unexpected error ({type(e).__name__}: {e})")
        raise


def _too_early(*_: object) -> NoReturn:
    raise SystemExit(143)
