"""`syncd run`: one pass."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import Progress, failed
from syncd.cli.screen import Screen

if TYPE_CHECKING:
    from syncd.core.events import Event
    from syncd.operations.observer import HowFar


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
    from syncd.config.durations import duration
    from syncd.core.errors import SyncdError, UsageError

    try:
        budget = duration(max_duration) if max_duration is not None else None
    except ValueError as e:
        raise UsageError(f"--max-duration {max_duration!r}: {e}.") from None
    config, screen = config_of(ctx), Passing(as_json=as_json)
    from syncd.operations.run import Pass
    from syncd.operations.run import run as make

    asked = Pass(clients=clients, dry_run=dry_run, max_duration=budget)
    result = make(config, asked, screen, ctx.find_root().obj.looks)
    if result.abandoned and result.message and as_json:
        failed(result.fault or SyncdError(result.message, reason=result.reason, cause=result.cause))
    return result.exit_code


class Passing(Screen):
    """A line that says how far it is, and the document in hand."""

    @contextlib.contextmanager
    def working(self, client: str) -> Iterator[HowFar]:
        self._progress = Progress(shown=not self.as_json)
        try:
            yield self._progress.reached
        finally:
            self._progress.close()

    def event(self, event: Event) -> None:
        if self.as_json:
            super().event(event)
        else:
            self._progress.step(event.client, event.path)
