"""The only module that names concrete adapters: what a command works with is put together here."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import platform
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from filelock import FileLock, Timeout

from syncd.config import Config
from syncd.config.load import NETWORK, file_system
from syncd.config.times import local_time
from syncd.core.errors import AlreadyRunning, MirrorError, UsageError
from syncd.core.exchange import Card, Hello
from syncd.core.guards import Limits
from syncd.core.outcomes import Event
from syncd.core.recovery import Finding
from syncd.engine import Parts, Settings, recovery
from syncd.jobs.calendar import Calendar
from syncd.jobs.job import Calendars, Job
from syncd.local import DiskMirror
from syncd.local.watch import FileEvents
from syncd.mail.smtp import Smtp, secret
from syncd.remote import ping as health
from syncd.remote.http import HttpRemote
from syncd.report import files, journal, run_report
from syncd.state import Store, open_copy, open_store, set_damaged_aside


class SystemClock:
    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def token(config: Config) -> str:
    """The key, from SYNCD_TOKEN or the token file; never from the command line."""
    if given := os.environ.get("SYNCD_TOKEN", "").strip():
        return given
    try:
        text = Path(config.portal.token_file).read_text(encoding="utf-8").strip()
    except OSError as e:
        raise UsageError(
            f"the key file '{config.portal.token_file}' cannot be read ({e.strerror}).",
            mend="Write the portal's key into it (syncd portal engine-token).",
        ) from None
    if not text or any(c.isspace() for c in text):
        raise UsageError(
            f"the key file '{config.portal.token_file}' holds no key.",
            mend="Write the portal's key into it (syncd portal engine-token).",
        )
    return text


def remote(config: Config) -> HttpRemote:
    def rate() -> float | None:
        return config.schedule.bandwidth.rate(local_time(config, time.time())) or None

    return HttpRemote(config.portal.url, token(config), ca_file=config.portal.ca_file or None, rate=rate)


def mirror(config: Config) -> DiskMirror:
    return DiskMirror(config.mirror.root, config.mirror.ignore, config.schedule.settle)


def store(config: Config, *, writes: bool) -> Store:
    """The state; for what must write nothing, a copy in memory."""
    directory = Path(config.mirror.state)
    return open_store(directory) if writes else open_copy(directory)


def sound_store(config: Config) -> Store:
    """The state for a run, checked first: a damaged one is kept aside and a new one is made (HAZARDS 4). Under the lock."""
    directory = Path(config.mirror.state)
    kept = set_damaged_aside(directory)
    state = open_store(directory)
    if kept:
        state.set("damaged", kept)
    return state


SERVICE_LOCK = "service.lock"


@contextmanager
def service_lock(config: Config) -> Iterator[None]:
    """Says, as long as it is held, that a service answers requests. Raises AlreadyRunning."""
    held = FileLock(
        Path(config.mirror.state) / SERVICE_LOCK, timeout=1
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
    held = FileLock(Path(config.mirror.state) / SERVICE_LOCK, timeout=0)
    try:
        held.acquire()
    except (Timeout, OSError):
        return Path(config.mirror.state, SERVICE_LOCK).exists()
    held.release()
    return False


def file_events(config: Config) -> FileEvents:
    return FileEvents(config.mirror.root, polling=file_system(Path(config.mirror.root)) in NETWORK)


def timetable(config: Config) -> Calendars:
    """The jobs of the configuration, and the moments at which transfers begin again."""
    steps = config.schedule.bandwidth.steps
    again = [
        Job("transfers", Calendar("", (f"{s.minute % 60} {s.minute // 60} * * *",)))
        for s, before in zip(steps, (*steps[-1:], *steps[:-1]), strict=True)
        if before.rate == 0 and s.rate != 0
    ]
    return Calendars([*config.jobs, *again], config.timezone)


def smtp(config: Config) -> Smtp:
    """The mail server. Raises UsageError when its password cannot be read."""
    keys = config.mail
    return Smtp(keys.smtp, keys.sender, keys.user, secret(keys.password_file) if keys.password_file else "")


def ping(config: Config, outcome: str, body: dict[str, Any]) -> None:
    """The health check, if there is one, is told in a thread of its own."""
    if config.monitor.ping:
        threading.Thread(target=health.ping, args=(config.monitor.ping, outcome, body), daemon=True).start()


@contextmanager
def lock(config: Config) -> Iterator[None]:
    """One engine per state: an OS lock that dies with its process. Raises AlreadyRunning."""
    held = FileLock(Path(config.mirror.state) / "engine.lock", timeout=0)
    try:
        Path(config.mirror.state).mkdir(mode=0o700, exist_ok=True)  # deleted: what it held is found again by a run
        held.acquire()
    except Timeout:
        raise AlreadyRunning(
            "Another syncd is at work on this mirror.", mend="Wait until it has finished, or stop it."
        ) from None
    except OSError as e:
        raise UsageError(f"the state directory '{config.mirror.state}' cannot be used ({e.strerror}).") from None
    try:
        yield
    finally:
        held.release()


def settings(
    config: Config,
    state: Store,
    *,
    only: frozenset[str] = frozenset(),
    dry_run: bool = False,
    max_duration: float | None = None,
) -> Settings:
    """Raises UsageError when `init` has bound neither this state nor the mirror to a cabinet."""
    if not state.get("cabinet"):
        _bind_again(config, state)
    cabinet, root = state.get("cabinet"), state.get("root")
    if not cabinet or not root:
        raise UsageError(
            f"the state in '{config.mirror.state}' belongs to no cabinet yet.", mend="Run 'syncd init' first."
        )
    guards = config.guards
    return Settings(
        cabinet, root, state.get("engine"), platform.node() or "?", secrets.token_hex(8),
        lambda at: f"{local_time(config, at):%Y-%m-%d %Hh%M}",
        Limits(guards.max_changes, guards.max_share, guards.first_publication),
        config.schedule.settle, frozenset(config.mirror.exclude), only, config.mirror.ignore, dry_run, max_duration,
        resting=lambda: config.schedule.bandwidth.rate(local_time(config, time.time())) == 0,
    )  # fmt: skip


def _bind_again(config: Config, state: Store) -> None:
    """The state was lost: the mirror's own marker says whose it is; the run then compares both sides (RULES 7)."""
    try:
        marker = mirror(config).root()
    except MirrorError:
        return
    with state.atomic():
        for key, value in (("cabinet", marker.cabinet), ("root", marker.root), ("engine", marker.root)):
            state.set(key, value)


def parts(config: Config, state: Store) -> Parts:
    return Parts(remote(config), mirror(config), state, SystemClock())


def check_config_text(text: str, path: Path) -> Config:
    """The configuration a text would be at `path`, checked as `load` does."""
    from syncd.config.load import loads

    return loads(text, str(path), {})


def look_for_recovery(config: Config, state: Store, hello: Hello) -> Finding:
    """Which sides were put back from a backup, as far as is seen now; nothing is written."""
    there = mirror(config)
    return recovery.look(Parts(remote(config), there, state, SystemClock()), hello, there.root(), there.clients()[0])


def names(state: Store) -> dict[str, str]:
    """Code → name of every client."""
    return {r.code: r.name for r in state.clients()}


def cards(state: Store) -> dict[str, Card]:
    """Code → what the client's card says."""
    return {r.code: r.card for r in state.clients()}


def account() -> str:
    """Under which account, on which computer, the engine works."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name
        name = str(os.getuid())
    return f"{name}@{platform.node()}"


def render_run(config: Config, state: Store, summary: dict[str, Any], events: Sequence[Event]) -> str:
    """A run's report in the cabinet's language."""
    return render_lines(config, state, summary, [e.as_dict() for e in events])


def render_lines(config: Config, state: Store, summary: dict[str, Any], events: Sequence[dict[str, Any]]) -> str:
    """The same, from the lines of the stream."""
    at = local_time(config, summary["started"])
    return run_report.render(summary, events, names(state), at, config.language)


def write_reports(config: Config, state: Store, summary: dict[str, Any], text: str, *, day: bool = False) -> None:
    """The run's files and the touched clients' journals; a pass that did nothing writes nothing.

    `day`: into the day's file, one section per pass (a pass that events started).
    """
    events = state.events(run=summary["run"])
    if not events and (summary["verdict"] == "done" or day):
        return
    logs, at = Path(config.mirror.logs), local_time(config, summary["started"])
    lines = "".join(json.dumps(x, ensure_ascii=False) + "\n" for x in [*(line for _, line in events), summary])
    if day:
        files.append(files.day_path(logs, at, ".log"), text + "\n" + files.RULE)
        files.append(files.day_path(logs, at, ".json"), lines)
    else:
        files.write(files.run_path(logs, at, summary["run"], ".log"), text)
        files.write(files.run_path(logs, at, summary["run"], ".json"), lines)
    called = names(state)
    told = {str(line["client"]) for _, line in events if line["action"] != "waiting"}
    for code in sorted(told & set(called)):
        write_journal(config, state, code, called[code], f"{at:%Y-%m}")


def write_journal(config: Config, state: Store, code: str, name: str, month: str) -> None:
    """A client's journal of `YYYY-MM`, both files, from the stream alone."""
    logs, rows = Path(config.mirror.logs), month_rows(config, state, code, month)
    files.write(
        files.journal_path(logs, code, name, month, ".log"),
        journal.text(f"{code} - {name} : {month}", rows, config.language),
    )
    files.write(files.journal_path(logs, code, name, month, ".csv"), journal.table(rows, config.language))


def rebuild_journals(config: Config, state: Store) -> int:
    """Every journal there ever was, written anew; how many."""
    zone, called = ZoneInfo(config.timezone), names(state)
    wanted = {
        (str(line["client"]), f"{datetime.fromtimestamp(at, zone):%Y-%m}")
        for at, line in state.events() if line.get("client") in called and line["action"] != "waiting"
    }  # fmt: skip
    for code, month in sorted(wanted):
        write_journal(config, state, code, called[code], month)
    return len(wanted)


def month_rows(config: Config, state: Store, code: str, month: str) -> list[tuple[datetime, dict[str, Any]]]:
    """Events of a client in `YYYY-MM`, in local time. Raises UsageError for another form of month."""
    zone = ZoneInfo(config.timezone)
    try:
        start = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
    except ValueError:
        raise UsageError(f"'{month}' is no month.", mend="Write it as 2026-11.") from None
    end = start.replace(year=start.year + (start.month == 12), month=start.month % 12 + 1)
    found = state.events(client=code, start=start.timestamp(), end=end.timestamp())
    return [(datetime.fromtimestamp(when, zone), line) for when, line in found]
