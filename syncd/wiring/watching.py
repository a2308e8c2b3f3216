"""What only a service needs: its lock, what tells it of changes, its hours, the mail server, the health check."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from syncd.config.load import NETWORK, file_system
from syncd.config.model import Config
from syncd.core.errors import AlreadyRunning

if TYPE_CHECKING:
    from syncd.local.watch import FileEvents
    from syncd.mail.smtp import Smtp
    from syncd.schedule.job import Calendars

SERVICE_LOCK = "service.lock"


@contextmanager
def service_lock(config: Config) -> Iterator[None]:
    """Says, as long as it is held, that a service answers requests. Raises AlreadyRunning."""
    held = FileLock(
        Path(config.mirror.state) / SERVICE_LOCK, timeout=1, mode=0o600
    )  # whoever asks whether it runs holds it a moment
    try:
        held.acquire()
    except Timeout:
        raise AlreadyRunning("The service runs already.", mend="See: syncd status.") from None
    try:
        yield
    finally:
        held.release()


def service_runs(config: Config) -> bool:
    """Whether a service is there to ask."""
    held = FileLock(Path(config.mirror.state) / SERVICE_LOCK, timeout=0, mode=0o600)
    try:
        held.acquire()
    except (Timeout, OSError):
        return Path(config.mirror.state, SERVICE_LOCK).exists()
    held.release()
    return False


def file_events(config: Config) -> FileEvents:
    from syncd.local.watch import FileEvents

    return FileEvents(config.mirror.root, polling=file_system(Path(config.mirror.root)) in NETWORK)


def timetable(config: Config) -> Calendars:
    """The jobs of the configuration, and the moments at which transfers begin again."""
    from syncd.schedule.calendar import Calendar
    from syncd.schedule.job import Calendars, Job

    steps = config.schedule.bandwidth.steps
    again = [
        Job("transfers", Calendar("", (f"{s.minute % 60} {s.minute // 60} * * *",)))
        for s, before in zip(steps, (*steps[-1:], *steps[:-1]), strict=True)
        if before.rate == 0 and s.rate != 0
    ]
    return Calendars([*config.jobs, *again], config.timezone)


def smtp(config: Config) -> Smtp:
    """The mail server. Raises UsageError when its password cannot be read."""
    from syncd.mail.smtp import Smtp, secret

    keys = config.mail
    return Smtp(keys.smtp, keys.sender, keys.user, secret(keys.password_file) if keys.password_file else "")


def ping(config: Config, outcome: str, summary: dict[str, Any]) -> None:
    """The health check, if there is one, is told in a thread of its own: how a pass ended and how many, nobody's name."""
    from syncd.remote import health_check as health

    body = {
        name: len(value) if isinstance(value, list) else value
        for name, value in summary.items()
        if name == "verdict" or isinstance(value, list | int)
    }
    if config.monitor.ping:
        threading.Thread(target=health.ping, args=(config.monitor.ping, outcome, body), daemon=True).start()
