"""What only a service needs: its lock, what tells it of changes, its hours, the mail server, the health check."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from syncd.config.load import NETWORK, file_system
from syncd.config.model import Config
from syncd.core.errors import AlreadyRunning
from syncd.core.run_result import RunResult
from syncd.core.verdicts import Verdict
from syncd.disk.lock import FileLock, Held, held

if TYPE_CHECKING:
    from syncd.local.file_events import FileEvents
    from syncd.mail.smtp import Smtp
    from syncd.report.message import Message
    from syncd.schedule.job import Calendars

SERVICE_LOCK = "service.lock"
BY_HAND = (130, 143)
MOST = 10  # that wait to be told


@contextmanager
def service_lock(config: Config) -> Iterator[None]:
    """Says, as long as it is held, that a service answers requests. Raises AlreadyRunning."""
    lock = FileLock(Path(config.mirror.state) / SERVICE_LOCK)
    try:
        lock.acquire(patience=1)  # whoever asks whether it runs holds it a moment
    except Held:
        raise AlreadyRunning("The service runs already.", mend="See: syncd status.") from None
    try:
        yield
    finally:
        lock.release()


def service_runs(config: Config) -> bool:
    """Whether a service is there to ask."""
    return held(Path(config.mirror.state) / SERVICE_LOCK)


def file_events(config: Config) -> FileEvents:
    from syncd.local.file_events import FileEvents

    return FileEvents(config.mirror.root, polling=file_system(Path(config.mirror.root)) in NETWORK)


def share_events(config: Config) -> FileEvents:
    """Of the scanners' share; one that is another computer's tells nothing, and is looked at by the clock."""
    from syncd.local.file_events import FileEvents

    return FileEvents(config.intake.root, polling=file_system(Path(config.intake.root)) in NETWORK)


def timetable(config: Config) -> Calendars:
    """The passes of the configuration's jobs, and the moments at which transfers begin again."""
    from syncd.schedule.calendar import Calendar
    from syncd.schedule.job import Calendars, Job

    steps = config.schedule.bandwidth.steps
    again = [
        Job("transfers", Calendar("", (f"{s.minute % 60} {s.minute // 60} * * *",)))
        for s, before in zip(steps, (*steps[-1:], *steps[:-1]), strict=True)
        if before.rate == 0 and s.rate != 0
    ]
    return Calendars([*(job for job in config.jobs if not job.migrate), *again], config.timezone)


def smtp(config: Config) -> Smtp:
    """The mail server. Raises UsageError when its password cannot be read."""
    keys = config.mail
    return mail_server(keys.smtp, keys.sender, keys.user, keys.password_file)


def mail_server(url: str, sender: str, user: str, password_file: str) -> Smtp:
    """As `smtp`, before there is a configuration."""
    from syncd.mail.smtp import Smtp, secret

    return Smtp(url, sender, user, secret(password_file) if password_file else "")


def composed(config: Config, message: Message, recipient: str, list_id: str) -> bytes:
    """A mail as it goes out. Raises ValueError for a recipient that is no address."""
    from syncd.mail.compose import compose

    return compose(message, config.mail.sender, recipient, list_id)


class Pinger:
    """Tells the health check, if there is one, of passes: how each ended and how many, nobody's name. In a thread of its
    own, one after the other; no pass waits for it."""

    def __init__(self, config: Config) -> None:
        self._url = config.monitor.ping
        self._todo: queue.SimpleQueue[tuple[str, dict[str, Any]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def started(self) -> None:
        self._tell("start", {})

    def ended(self, result: RunResult) -> None:
        """One that was stopped by hand is neither success nor failure: the next one says."""
        if result.exit_code not in BY_HAND:
            self._tell("fail" if result.verdict in (Verdict.ABANDONED, Verdict.ERROR) else "", result.as_dict())

    def close(self, seconds: float) -> None:
        """What is still to be told is given so long."""
        if self._thread is not None:
            self._todo.put(None)
            self._thread.join(seconds)

    def _tell(self, outcome: str, summary: dict[str, Any]) -> None:
        if not self._url or self._todo.qsize() > MOST:  # it has been away for long
            return
        body = {
            name: len(value) if isinstance(value, list) else value
            for name, value in summary.items()
            if name == "verdict" or isinstance(value, list | int)
        }
        self._todo.put((outcome, body))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="ping", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        from syncd.remote import health_check as health

        while (told := self._todo.get()) is not None:
            with contextlib.suppress(Exception):  # nobody's trouble here
                health.ping(self._url, *told)
