"""`syncd run`: one pass."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import Progress, line, say


@click.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]...")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing anywhere.")
@json_option
@click.option("--max-duration", metavar="30m", help="Stop between two documents after this long; the next run goes on.")
@click.pass_context
def run(ctx: click.Context, clients: tuple[str, ...], dry_run: bool, as_json: bool, max_duration: str | None) -> int:
    """Make both sides the same, for all clients or those named by their code.

    \b
    Examples:
      syncd run
      syncd run 007868 --dry-run
      syncd run --max-duration 30m --json
    """
    from syncd import wiring
    from syncd.config.durations import duration
    from syncd.core.errors import UsageError
    from syncd.core.outcomes import Event
    from syncd.core.verdicts import Verdict
    from syncd.engine.run import Run

    config = config_of(ctx)
    try:
        budget = duration(max_duration) if max_duration is not None else None
    except ValueError as e:
        raise UsageError(f"--max-duration {max_duration!r}: {e}.") from None

    progress = Progress(shown=not as_json)

    def emit(event: Event) -> None:
        if as_json:
            line(event.as_dict())
        else:
            progress.step(event.client, event.path)

    async def work() -> dict[str, Any]:
        store = wiring.store(config, writes=False) if dry_run else wiring.sound_store(config)
        settings = wiring.settings(config, store, only=frozenset(clients), dry_run=dry_run, max_duration=budget)
        parts = wiring.parts(config, store)
        job = Run(parts, settings, emit)
        loop = asyncio.get_running_loop()
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            try:
                loop.add_signal_handler(number, job.stop, code)
            except NotImplementedError:  # Windows
                signal.signal(number, lambda *_, code=code: job.stop(code))
        try:
            summary = await job()
            text = wiring.render_run(config, store, summary, job.shown)
            if not dry_run:
                wiring.write_reports(config, store, summary, text)
        finally:
            progress.close()
            await parts.remote.close()
            store.close()
        if as_json:
            line(summary)
        else:
            say(text)
        return summary

    if dry_run:
        summary = asyncio.run(work())
    else:
        with wiring.lock(config):
            summary = asyncio.run(work())
    if summary["verdict"] == Verdict.ABANDONED.value and summary.get("message") and as_json:
        click.echo(f"syncd: {summary['message']}", err=True)
    return int(summary["exit_code"])
