"""`syncd run`: one pass."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import Progress, line, say_all
from syncd.cli.signals import ending

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.run_result import RunResult
    from syncd.engine.run import Run
    from syncd.local.fingerprint_worker import Looks
    from syncd.state.store import Store


PINGED = 10.0  # seconds that the health check is given


@click.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT[/PATH]]...", shell_complete=shell_completion.client)
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing anywhere.")
@json_option
@click.option("--max-duration", metavar="30m", help="Stop between two documents after this long; the next run goes on.")
@click.pass_context
def run(ctx: click.Context, clients: tuple[str, ...], dry_run: bool, as_json: bool, max_duration: str | None) -> int:
    """Make both sides the same, for all clients or those named by their code. CLIENT/PATH is one folder or document of a
    client: what is to be done elsewhere in it waits for another run.

    While the service works, it makes the pass, and its result is shown. Ctrl-C then leaves it at work.

    \b
    Examples:
      syncd run
      syncd run 007868 --dry-run
      syncd run "007868/Achats/2026"
      syncd run --max-duration 30m --json
    """
    return _run(config_of(ctx), clients, dry_run, as_json, max_duration, ctx.find_root().obj.looks)


def _run(
    config: Config,
    clients: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    max_duration: str | None,
    looks: Looks | None,
) -> int:
    import asyncio

    from msgspec.structs import replace

    from syncd.config.durations import duration
    from syncd.core.errors import AlreadyRunning, UsageError
    from syncd.core.events import Event
    from syncd.core.run_targets import targets
    from syncd.engine.run import Run
    from syncd.wiring import assembly, reports, service_parts

    try:
        budget = duration(max_duration) if max_duration is not None else None
    except ValueError as e:
        raise UsageError(f"--max-duration {max_duration!r}: {e}.") from None

    asked, pinger = targets(clients), service_parts.Pinger(config)
    progress = Progress(shown=not as_json)

    def emit(event: Event) -> None:
        if as_json:
            line(event.as_dict())
        else:
            progress.step(event.client, event.path)

    async def work() -> RunResult:
        store = assembly.store(config, writes=False) if dry_run else assembly.sound_store(config)
        settings = assembly.settings(config, store, only=frozenset(asked), dry_run=dry_run, max_duration=budget)
        settings = replace(settings, places={code: places for code, places in asked.items() if places})
        ports = assembly.ports(config, store, looks)
        job = Run(ports, settings, emit, meanwhile=partial(reports.begin_journals, config, store))
        tells = not dry_run and not clients
        with ending(job.stop):
            try:
                if tells:
                    pinger.started()
                result = await job()
                if tells:
                    pinger.ended(result)
                text = reports.render_run(config, store, result)
                if not dry_run:
                    result = await _told(config, store, result, text, job)
            finally:
                progress.close()
                await ports.remote.close()
                store.close()
        if as_json:
            line(result.as_dict())
        else:
            say_all(text)
        return result

    if dry_run:
        result = asyncio.run(work())
    else:
        try:
            with assembly.lock(config):
                result = asyncio.run(work())
        except AlreadyRunning:
            if not service_parts.service_runs(config):
                raise
            result = _ask_service(config, clients, budget, as_json, progress)
    pinger.close(PINGED)
    if result.abandoned and result.message and as_json:
        click.echo(f"syncd: {result.message}", err=True)
    return result.exit_code


def _ask_service(
    config: Config, clients: tuple[str, ...], budget: float | None, as_json: bool, progress: Progress
) -> RunResult:
    """The service makes the pass; its result is shown as if it had been made here. Raises UsageError, SyncdError."""
    from syncd.cli.service_request import ask, show_events
    from syncd.wiring import assembly, reports

    try:
        result = ask(config, clients, progress.reached, max_duration=budget)
    finally:
        progress.close()
    if as_json:
        show_events(config, result, as_json)
        line(result.as_dict())
        return result
    store = assembly.store(config, writes=False)
    try:
        say_all(reports.render_run(config, store, result))
    finally:
        store.close()
    return result


async def _told(config: Config, store: Store, result: RunResult, text: list[str], job: Run) -> RunResult:
    """Files and mails; neither takes the other down, nor the report that is shown. How it ended, as it is to be shown."""
    from syncd.cli.output import warn
    from syncd.cli.reporting import kept
    from syncd.core.errors import SyncdError
    from syncd.engine import unexpected_errors

    shown = kept(config, store, result, text)
    try:
        await _post(config, store, result, job)
    except SyncdError as e:
        warn(f"syncd: mail: {e}")
    except Exception as e:
        warn(f"syncd: mail: unexpected error ({unexpected_errors.note('mail', e)})")
    return shown


async def _post(config: Config, store: Store, result: RunResult, job: Run) -> None:
    """Mail, for a cabinet whose runs come from a timer: trouble at once, the digest after its hour."""
    from syncd.cli.output import warn
    from syncd.service import day_end
    from syncd.service.notifier import Notifier

    post = Notifier(config, store, lambda event, **fields: warn(f"syncd: {event}: {fields.get('error', '')}"))
    scope = frozenset(c.id for c in job.clients) if job.settings.only else None
    post.after(result, scope, result.ended)
    day_end.end(config, store, result.ended)
    post.tick(result.ended)
    await post.deliver(result.ended)
