"""`syncd report` and `syncd journal`: what was done, from the event stream."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import line, say


@click.command()
@click.argument("run", required=False, type=int)
@json_option
@click.pass_context
def report(ctx: click.Context, run: int | None, as_json: bool) -> int:
    """Show the report of a run (the last one by default).

    \b
    Example:
      syncd report 123
    """
    from syncd import wiring
    from syncd.config.times import local_time
    from syncd.core.errors import UsageError
    from syncd.report import run_report

    config = config_of(ctx)
    store = wiring.store(config, writes=False)
    try:
        found = store.find_run(run) if run is not None else next(iter(store.runs(1)), None)
        if found is None:
            raise UsageError(f"there is no run {run}." if run is not None else "no run has taken place yet.")
        summary = found["summary"] or {"verdict": "running", "started": found["started"]}
        events = [event for _, event in store.events(run=found["id"])]
        if as_json:
            for event in [*events, summary]:
                line(event)
        else:
            say(
                run_report.render(
                    summary,
                    events,
                    wiring.names(store),
                    local_time(config, found["started"]),
                    config.language,
                )
            )
    finally:
        store.close()
    return 0


@click.command()
@click.argument("client")
@click.option("--month", metavar="2026-11", help="The month (this one by default).")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a French Excel.")
@json_option
@click.pass_context
def journal(ctx: click.Context, client: str, month: str | None, as_csv: bool, as_json: bool) -> int:
    """Show a client's monthly journal. `syncd journal verify` checks that nobody rewrote the past.

    \b
    Examples:
      syncd journal 007868 --month 2026-11
      syncd journal verify
    """
    from syncd import wiring
    from syncd.core.errors import UsageError
    from syncd.report import journal as render

    config = config_of(ctx)
    store = wiring.store(config, writes=False)
    try:
        if client == "verify":
            broken = store.broken_link()
            say("Journal intact." if broken is None else f"Le journal a été modifié à partir de l'événement {broken}.")
            return 0 if broken is None else 3
        called = wiring.names(store)
        if client not in called:
            raise UsageError(f"no client with code {client}.", mend="See: syncd client list.")
        month = month or f"{datetime.now(ZoneInfo(config.timezone)):%Y-%m}"
        rows = wiring.month_rows(config, store, client, month)
        if as_json:
            for at, event in rows:
                line({"at": at.isoformat(), **event})
        elif as_csv:
            click.echo(render.table(rows, config.language), nl=False)
        else:
            say(render.text(f"{client} - {called[client]} : {month}", rows, config.language))
    finally:
        store.close()
    return 0
