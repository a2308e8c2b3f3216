"""Clients' trees as they were, from the portal's versions and its bin."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from syncd.core import words
from syncd.core.words import faults
from syncd.core.words.commands import LABELLED
from syncd.operations.outside import closed, outside

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.run_result import RunResult
    from syncd.engine.maintenance.restore import Wish
    from syncd.operations.observer import Observer

STOPPED = (130, 143)


class Restoration(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: `clients` by their codes, or `everybody`, or those of a `portfolio` (its
    responsible, site, group or sector); `places` inside each, everything when empty.

    `at`: a moment as people write it, in the cabinet's time zone; or `run`, which is undone; neither: as it is online now.
    `to`: a directory to write into instead of the mirror, one directory below it for each of several clients.
    """

    clients: tuple[str, ...] = ()
    everybody: bool = False
    portfolio: str = ""
    places: tuple[str, ...] = ()
    at: str | None = None
    run: int | None = None
    to: Path | None = None
    dry_run: bool = False


def restore(config: Config, asked: Restoration, observer: Observer) -> int:
    """The exit code of all of them together. One client's fault is told, and the others follow. Raises SyncdError."""
    from syncd.core.errors import Refused, SyncdError, Unreachable
    from syncd.core.verdicts import exit_code
    from syncd.engine.maintenance.restore import Wish

    when = _moment(config, asked)
    to = asked.to
    if to is not None:
        to = outside(config, to, mend=faults.IN_MIRROR_MEND.of(), writes=not asked.dry_run)
    clients = _clients(config, asked)
    ended = set[int]()
    with closed(to):
        for code in clients:
            own = to if to is None or len(clients) == 1 else to / code
            wish = Wish(code, asked.places, when, asked.run, own)
            try:
                ended.add(_one(config, wish, observer, dry_run=asked.dry_run).exit_code)
            except SyncdError as e:
                if len(clients) == 1 or isinstance(e, Refused | Unreachable):
                    raise
                observer.warn(LABELLED(config.language, label=code, text=words.fault(e, config.language)))
                ended.add(e.exit_code)
            if ended.intersection(STOPPED):
                break
    return exit_code(ended)


def _moment(config: Config, asked: Restoration) -> float:
    """Seconds since 1970. Raises UsageError for one that is no moment, or is still to come."""
    from syncd.config.local_time import moment
    from syncd.core.errors import UsageError

    if asked.at is not None and asked.run is not None:
        raise UsageError(faults.AT_OR_RUN.of(), mend=faults.CHOOSE_ONE.of())
    now = time.time()
    when = moment(config, asked.at) if asked.at is not None else now
    if when > now:
        raise UsageError(faults.TO_COME.of(at=asked.at), mend=faults.TO_COME_MEND.of())
    return when


def _clients(config: Config, asked: Restoration) -> list[str]:
    """Codes, in order, each once. Raises UsageError where nobody is named, or somebody besides everybody."""
    from syncd.core.errors import UsageError
    from syncd.wiring import assembly

    if sum(map(bool, (asked.everybody, asked.portfolio, asked.clients))) > 1:
        raise UsageError(faults.ALL_OR_CLIENT.of(), mend=faults.CHOOSE_ONE.of())
    if not asked.everybody and not asked.portfolio:
        if not asked.clients:
            raise UsageError(faults.NAME_A_CLIENT.of(), mend=faults.SEE_CLIENTS.of())
        return list(dict.fromkeys(asked.clients))
    with contextlib.closing(assembly.store(config, writes=False)) as store:
        rows = [r for r in store.clients.all() if r.dir and not r.closed and r.code not in config.mirror.exclude]
    found = [r.code for r in rows if asked.everybody or r.card.in_portfolio(asked.portfolio)]
    if asked.portfolio and not found:
        raise UsageError(faults.NO_PORTFOLIO.of(name=asked.portfolio), mend=faults.NO_PORTFOLIO_MEND.of())
    return found


def _one(config: Config, wish: Wish, observer: Observer, *, dry_run: bool) -> RunResult:
    """One client's, by the service where it works: it alone may change the mirror then."""
    from syncd.core.errors import AlreadyRunning
    from syncd.engine.maintenance import service_requests
    from syncd.operations.service_request import ask, tell
    from syncd.wiring import assembly, service_parts

    if dry_run:
        return asyncio.run(_here(config, wish, observer, dry_run=True, kept=False))
    try:
        with assembly.lock(config):
            return asyncio.run(_here(config, wish, observer, dry_run=False, kept=True))
    except AlreadyRunning:
        if not service_parts.service_runs(config):
            raise
    if wish.to is not None:  # nothing of the mirror changes, and this account may write where the service may not
        return asyncio.run(_here(config, wish, observer, dry_run=False, kept=False))
    with observer.working(wish.client) as how_far:
        asked = {"places": wish.places, "at": wish.at, "run": wish.run}
        result = ask(config, [wish.client], how_far, observer, kind=service_requests.RESTORE, wish=asked)
    tell(config, result, observer)
    return result


async def _here(config: Config, wish: Wish, observer: Observer, *, dry_run: bool, kept: bool) -> RunResult:
    """`kept`: in the state, under its lock; otherwise with a copy of it, and no report."""
    from msgspec.structs import replace

    from syncd.engine.maintenance.maintenance_run import MaintenanceTask
    from syncd.engine.maintenance.restore import restore as bring
    from syncd.operations.reporting import kept as kept_report
    from syncd.wiring import assembly, report_writing

    count = 0
    with contextlib.closing(assembly.sound_store(config) if kept else assembly.store(config, writes=False)) as store:
        settings = assembly.settings(config, store, dry_run=dry_run)
        async with assembly.connected(config, store) as ports:
            task = MaintenanceTask(ports, settings, observer.event)
            with observer.working(wish.client) as how_far, observer.stopping(task.stop):

                async def work() -> None:
                    nonlocal count
                    count = await bring(task.ctx, wish, lambda done, of: how_far(done, of, ""))

                result = replace(await task(work), documents=count)
            if kept:
                text = report_writing.render_run(config, store, result)
                result = kept_report(config, store, result, text, observer.warn)
            observer.ended(result, task.told, lambda: report_writing.render_run(config, store, result))
    return result
