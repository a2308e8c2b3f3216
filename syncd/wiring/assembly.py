"""What a command works with is put together here."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import platform
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from syncd.config.local_time import local_time
from syncd.config.model import Config
from syncd.core.errors import AlreadyRunning, MirrorError, UsageError
from syncd.core.guards import Limits
from syncd.core.plain_text import decoded
from syncd.core.protocol import Hello
from syncd.core.restored_backups import Finding
from syncd.core.words import faults
from syncd.disk import private
from syncd.disk.directory import Directory
from syncd.disk.lock import FileLock, Held
from syncd.engine import Ports, Settings
from syncd.engine.open import recovery
from syncd.local.directory_fingerprint_worker import Looks
from syncd.local.markers import init_root
from syncd.local.mirror import DiskMirror
from syncd.local.resumable_files import FileSink
from syncd.ports.remote import Sink
from syncd.remote.http import HttpRemote
from syncd.remote.package_orders import HttpPackageOrders
from syncd.remote.session import Session
from syncd.remote.transport import Transport
from syncd.state.store import Store as Store
from syncd.state.store import faults as store_faults
from syncd.state.store import open_copy, open_store, set_damaged_aside
from syncd.wiring import fault_log

if TYPE_CHECKING:
    from syncd.core.client_classification import Card
    from syncd.remote.client_cards import HttpClientCards
    from syncd.remote.task_desk import HttpTaskDesk


class SystemClock:
    def now(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


_KEY = re.compile(r"[!-~]{1,1000}")  # what a header takes


def token(config: Config) -> str:
    """The key, from SYNCD_TOKEN or the token file; never from the command line."""
    if given := os.environ.get("SYNCD_TOKEN", "").strip():
        if not _KEY.fullmatch(given):
            raise UsageError(
                "SYNCD_TOKEN holds no key.", mend="Give it the portal's key (syncd portal engine-token).",
                reason="key_none", cause="SYNCD_TOKEN",
            )  # fmt: skip
        return given
    try:
        text = decoded(Path(config.portal.token_file).read_bytes()).strip()
    except (OSError, ValueError) as e:
        raise UsageError(
            f"the key file '{config.portal.token_file}' cannot be read ({getattr(e, 'strerror', None) or e}).",
            mend="Write the portal's key into it (syncd portal engine-token).",
            reason="key_file",
            cause=config.portal.token_file,
        ) from None
    if not _KEY.fullmatch(text):
        raise UsageError(
            f"the key file '{config.portal.token_file}' holds no key.",
            mend="Write the portal's key into it (syncd portal engine-token).",
            reason="key_none",
            cause=config.portal.token_file,
        )
    return text


def client_cards(config: Config) -> HttpClientCards:
    """Clients' cards at the portal, over a line of their own; whoever asks closes it. Raises UsageError."""
    from syncd.remote.client_cards import HttpClientCards

    return HttpClientCards(_session(config))


def task_desk(config: Config) -> HttpTaskDesk:
    """The desk's planned tasks at the portal, as `client_cards`. Raises UsageError."""
    from syncd.remote.task_desk import HttpTaskDesk

    return HttpTaskDesk(_session(config))


def package_orders(config: Config) -> HttpPackageOrders:
    """Orders of exchange packages at the portal, as `client_cards`. Raises UsageError."""
    return HttpPackageOrders(_session(config))


def remote(config: Config) -> HttpRemote:
    return HttpRemote(_session(config))


def _session(config: Config) -> Session:
    def rate() -> float | None:
        if not config.schedule.bandwidth.steps:  # asked for every piece that crosses
            return None
        return config.schedule.bandwidth.rate(local_time(config, time.time())) or None

    key, ca_file = token(config), config.portal.ca_file
    try:
        return Session(Transport(config.portal.url, key, ca_file=ca_file or None), rate)
    except OSError as e:
        raise UsageError(
            f"the certificates in [portal] ca_file '{ca_file}' cannot be used ({e.strerror or e}).",
            mend="Name a readable PEM file, or leave it out for the system's own certificates.",
            reason="ca_file",
            cause=ca_file,
        ) from None


def mirror(config: Config, ahead: Looks | None = None) -> DiskMirror:
    return DiskMirror(config.mirror.root, config.mirror.ignore, config.schedule.settle, ahead)


def mark_root(config: Config, cabinet: str) -> str:
    """Mark the mirror's root for a cabinet; its random id. Refuses another cabinet's, and a root inside a root."""
    return init_root(config.mirror.root, cabinet)


def store(config: Config, *, writes: bool) -> Store:
    """The state; for what must write nothing, a copy in memory."""
    directory = Path(config.mirror.state)
    return open_store(directory) if writes else open_copy(directory)


def state_faults(config: Config) -> str:
    """What is wrong with the state's pages, '' when they are whole. Raises SyncdError when it cannot be read now."""
    return store_faults(Path(config.mirror.state))


def store_of_service(config: Config) -> Store:
    """The state that a running service works with. Raises UsageError for a service of an older version."""
    return open_store(Path(config.mirror.state), migrates=False)


def sound_store(config: Config) -> Store:
    """The state for a run, checked first: a damaged one is kept aside and a new one is made (HAZARDS 4). Under the lock."""
    from syncd.report import report_files

    directory = Path(config.mirror.state)
    kept = set_damaged_aside(directory)
    state = open_store(directory)
    if kept:
        state.progress.change(damaged=kept)
    with contextlib.suppress(OSError):  # what cannot be read now says so when it is written
        state.journal.go_on_from(report_files.last_run(Path(config.mirror.logs)))
    return state


@contextmanager
def lock(config: Config) -> Iterator[None]:
    """One engine per state: an OS lock that dies with its process. Raises AlreadyRunning."""
    held = FileLock(Path(config.mirror.state) / "engine.lock")
    try:
        private.directory(Path(config.mirror.state))  # deleted: what it held is found again by a run
        held.acquire()
    except Held:
        raise AlreadyRunning(faults.AT_WORK.of(), mend=faults.AT_WORK_MEND.of()) from None
    except OSError as e:
        raise UsageError(
            f"the state directory '{config.mirror.state}' cannot be used ({e.strerror}).", reason="state_unusable",
            cause=config.mirror.state,
        ) from None  # fmt: skip
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
    if not state.progress.read().cabinet:
        _bind_again(config, state)
    progress = state.progress.read()
    cabinet, root = progress.cabinet, progress.root
    if not cabinet or not root:
        raise UsageError(
            f"the state in '{config.mirror.state}' belongs to no cabinet yet.", mend="Run 'syncd init' first.",
            reason="not_bound",
        )  # fmt: skip
    guards = config.guards
    return Settings(
        cabinet, root, progress.engine, platform.node() or "?", secrets.token_hex(8),
        lambda at: f"{local_time(config, at):%Y-%m-%d %Hh%M}",
        Limits(guards.max_changes, guards.max_share, guards.first_publication),
        config.schedule.settle, frozenset(config.mirror.exclude), only, config.mirror.ignore, dry_run, max_duration,
        resting=lambda: config.schedule.bandwidth.rate(local_time(config, time.time())) == 0,
        link=config.portal.url if config.mirror.link else "",
    )  # fmt: skip


def _bind_again(config: Config, state: Store) -> None:
    """The state was lost: the mirror's own marker says whose it is; the run then compares both sides (RULES 7)."""
    try:
        marker = mirror(config).root()
    except MirrorError:
        return
    state.progress.change(cabinet=marker.cabinet, root=marker.root, engine=marker.root)


def ports(config: Config, state: Store, ahead: Looks | None = None) -> Ports:
    fault_log.listen(config)
    return Ports(remote(config), mirror(config, ahead), state, SystemClock())


@asynccontextmanager
async def connected(config: Config, state: Store, ahead: Looks | None = None) -> AsyncIterator[Ports]:
    """The ports of a pass; what they hold of the network is closed afterwards."""
    opened = ports(config, state, ahead)
    try:
        yield opened
    finally:
        await opened.remote.close()


def sink(directory: Directory, name: str) -> Sink:
    """Where a large document goes, in a directory of somebody's own."""
    return FileSink(directory, name)


def check_config_text(text: str, path: Path) -> Config:
    """The configuration a text would be at `path`, checked as `load` does."""
    from syncd.config.load import loads

    return loads(text, str(path), {})


def look_for_recovery(config: Config, state: Store, hello: Hello) -> Finding:
    """Which sides were put back from a backup, as far as is seen now; nothing is written."""
    there = mirror(config)
    return recovery.look(state, hello, there.root(), there.clients(), frozenset(config.mirror.exclude))


def names(state: Store) -> dict[str, str]:
    """Code → name of every client."""
    return {r.code: r.name for r in state.clients.all()}


def cards(state: Store) -> dict[str, Card]:
    """Code → what the client's card says."""
    return {r.code: r.card for r in state.clients.all()}


def account() -> str:
    """Under which account, on which computer, the engine works."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name
        name = str(os.getuid())
    return f"{name}@{platform.node()}"
