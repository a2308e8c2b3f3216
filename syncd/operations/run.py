"""One pass, here or by the service that works on this mirror."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.run_result import RunResult
    from syncd.engine.run import Run
    from syncd.operations.observer import Observer
    from syncd.wiring.assembly import Store
    from syncd.wiring.prescan import Looks
    from syncd.wiring.service_parts import Pinger

PINGED = 10.0  # seconds that the health check is given


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: `clients` as CLIENT or CLIENT/PATH, all when empty; `max_duration` in seconds."""

    clients: tuple[str, ...] = ()
    dry_run: bool = False
    max_duration: float | None = None


def run(config: Config, asked: Pass, observer: Observer, looks: Looks | None = None) -> RunResult:
    """How it ended. `looks`: what was looked at before this was loaded. Raises SyncdError."""
    from syncd.core.errors import AlreadyRunning
    from syncd.wiring import assembly, service_parts

    pinger = service_parts.Pinger(config)
    if asked.dry_run:
        result = asyncio.run(_here(config, asked, observer, looks, pinger))
    else:
        try:
            with assembly.lock(config):
                result = asyncio.run(_here(config, asked, observer, looks, pinger))
        except AlreadyRunning:
            if not service_parts.service_runs(config):
                raise
            result = _by_service(config, asked, observer)
    pinger.close(PINGED)
    return result


async def _here(config: Config, asked: Pass, observer: Observer, looks: Looks | None, pinger: Pinger) -> RunResult:
    from msgspec.structs import replace

    from syncd.core.run_targets import targets
    from syncd.engine.run import Run
    from syncd.wiring import assembly, report_writing

    places, dry = targets(asked.clients), asked.dry_run
    store = assembly.store(config, writes=False) if dry else assembly.sound_store(config)
    settings = assembly.settings(
        config, store, only=frozenset(places), dry_run=dry, max_duration=asked.max_duration
    )  # fmt: skip
    settings = replace(settings, places={code: within for code, within in places.items() if within})
    ports = assembly.ports(config, store, looks)
    job = Run(ports, settings, observer.event, meanwhile=partial(report_writing.begin_journals, config, store))
    tells = not dry and not asked.clients
    with observer.stopping(job.stop):
        try:
            with observer.working(""):
                if tells:
                    pinger.started()
                result = await job()
                if tells:
                    pinger.ended(result)
                text = report_writing.render_run(config, store, result)
                if not dry:
                    result = await told(config, store, result, text, job, observer)
        finally:
            await ports.remote.close()
            store.close()
    observer.ended(result, 1, lambda: text)
    return result


def _by_service(config: Config, asked: Pass, observer: Observer) -> RunResult:
    """The service makes the pass; its result is told as if it had been made here. Raises UsageError, SyncdError."""
    from syncd.operations.service_request import ask, tell

    with observer.working("") as how_far:
        result = ask(config, asked.clients, how_far, observer, max_duration=asked.max_duration)
    tell(config, result, observer)
    return result


async def told(
    config: Config, store: Store, result: RunResult, text: list[str], job: Run, observer: Observer
) -> RunResult:
    """Files and mails; neither takes the other down, nor the report that is shown. How it ended, as it is to be shown."""
    from syncd.operations.reporting import kept

    shown = kept(config, store, result, text, observer.warn)
    scope = frozenset(c.id for c in job.clients) if job.settings.only else None
    await post(config, store, result, scope, observer)
    return shown


async def post(
    config: Config, store: Store, result: RunResult, scope: frozenset[str] | None, observer: Observer
) -> None:  # fmt: skip
    """Mail, for a cabinet whose runs come from a timer: trouble at once, the digest after its hour. What fails is a warning.
    `scope`: ids of the clients it was about, None: all."""
    from syncd.core.errors import SyncdError
    from syncd.engine import unexpected_errors

    try:
        await _post(config, store, result, scope, observer)
    except SyncdError as e:
        observer.warn(f"mail: {e}")
    except Exception as e:
        observer.warn(f"mail: unexpected error ({unexpected_errors.note('mail', e)})")


async def _post(
    config: Config, store: Store, result: RunResult, scope: frozenset[str] | None, observer: Observer
) -> None:  # fmt: skip
    from syncd.service import day_end
    from syncd.service.notifier import Notifier

    notifier = Notifier(config, store, lambda event, **fields: observer.warn(f"{event}: {fields.get('error', '')}"))
    notifier.after(result, scope, result.ended)
    day_end.end(config, store, result.ended)
    notifier.tick(result.ended)
    await notifier.deliver(result.ended)
