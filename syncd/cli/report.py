"""`syncd report` and `syncd journal`: what was done, from the event stream."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import language, line, say_all, tell
from syncd.core.words import commands as said
from syncd.core.words import faults

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.events import Event
    from syncd.core.protocol import ChainHead
    from syncd.ports.state import RunRow
    from syncd.wiring.assembly import Store


FILTERS = ("client", "responsible", "site", "group", "sector", "verdict")


@click.command()
@click.argument("run", required=False, type=int)
@click.option("--csv", "as_csv", is_flag=True, help="Print a row per document, for a French Excel.")
@click.option("--html", "as_html", is_flag=True, help="Print a page with a row per document.")
@click.option("--migration", is_flag=True, help="Of a migration (see syncd migrate), not of a run.")
@click.option(
    "--only", multiple=True, metavar="COLUMN=VALUE", help=f"Of a migration: {', '.join(FILTERS)}. Repeatable."
)
@json_option
@click.pass_context
def report(
    ctx: click.Context,
    run: int | None,
    as_csv: bool,
    as_html: bool,
    migration: bool,
    only: tuple[str, ...],
    as_json: bool,
) -> int:
    """Show the report of a run (the last one by default).

    \b
    Examples:
      syncd report 123
      syncd report 123 --csv > compte-rendu.csv
      syncd report --migration --only verdict=warning --csv > reprise.csv
    """
    if migration and as_html:
        raise click.UsageError("--html and --migration do not go together: use --csv.")
    if migration:
        from syncd.cli.migration_report import show

        return show(ctx, run, only, as_csv=as_csv, as_json=as_json)
    if only:
        raise click.UsageError("--only goes with --migration.")
    from syncd.core.errors import UsageError
    from syncd.wiring import assembly, report_writing

    config = config_of(ctx)
    with contextlib.closing(assembly.store(config, writes=False)) as store:
        found = store.journal.find_run(run) if run is not None else next(iter(store.journal.runs(1)), None)
        if found is None:
            raise UsageError(f"there is no run {run}." if run is not None else "no run has taken place yet.")
        result = found.result
        events = [event for _, event in store.journal.events(run=found.id)]
        if as_json:
            for event in events:
                line(event.as_dict())
            line(result.as_dict())
        elif as_csv or as_html:
            click.echo(_table(config, store, found, events, as_html=as_html), nl=False)
        else:
            say_all(report_writing.render_run(config, store, result))
    return 0


def _table(config: Config, store: Store, found: RunRow, events: Sequence[Event], *, as_html: bool) -> str:
    """A row per document, as a page or as CSV."""
    from syncd.config.local_time import local_time
    from syncd.core import words
    from syncd.report import processing_table
    from syncd.wiring import assembly

    end = local_time(config, found.ended) if found.ended else None
    start = local_time(config, found.started)
    table = processing_table.rows(
        found.result,
        events,
        assembly.names(store),
        assembly.cards(store),
        start,
        end,
        assembly.account(),
        config.language,
    )
    if not as_html:
        return processing_table.as_csv(table, config.language)
    title = said.RUN_TITLE(language(), run=found.id, at=words.date_time(start))
    return processing_table.as_html(title, table, processing_table.columns(config.language))


@click.command()
@click.argument("client", shell_complete=shell_completion.client)
@click.option("--month", metavar="2026-11", help="The month (this one by default).")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a French Excel.")
@click.option("--html", "as_html", is_flag=True, help="Print a page, to be kept or printed.")
@json_option
@click.pass_context
def journal(ctx: click.Context, client: str, month: str | None, as_csv: bool, as_html: bool, as_json: bool) -> int:
    """Show a client's monthly journal.

    `syncd journal verify` checks that nobody rewrote the past; `syncd journal rebuild` writes every journal's files anew
    from the event stream, when they were lost or edited.

    \b
    Examples:
      syncd journal 007868 --month 2026-11
      syncd journal verify
      syncd journal rebuild
    """
    from syncd.core.errors import UsageError
    from syncd.report import journal as render
    from syncd.report import processing_table
    from syncd.wiring import assembly, report_writing

    config = config_of(ctx)
    with contextlib.closing(assembly.store(config, writes=False)) as store:
        if client == "verify":
            return _verify(config, store)
        if client == "rebuild":
            n = report_writing.rebuild_journals(config, store)
            tell(said.IN, count=said.REBUILT(language(), n), place=f"{config.mirror.logs}/clients")
            return 0
        called = assembly.names(store)
        if client not in called:
            raise UsageError(faults.NO_CLIENT.of(codes=client), mend=faults.SEE_CLIENTS.of())
        month = month or f"{datetime.now(ZoneInfo(config.timezone)):%Y-%m}"
        rows = report_writing.month_rows(config, store, client, month)
        if as_json:
            for at, event in rows:
                line({"at": at.isoformat(), **event.as_dict()})
        elif as_csv:
            for piece in render.table(rows, config.language):
                click.echo(piece, nl=False)
        elif as_html:
            title = f"{client} - {called[client]} : {month}"
            head = render.columns(config.language)
            click.echo(processing_table.as_html(title, render.cells(rows, config.language), head), nl=False)
        else:
            say_all(render.text(f"{client} - {called[client]} : {month}", rows, config.language))
    return 0


def _verify(config: Config, store: Store) -> int:
    """The chain by itself, then against the heads that the portal holds."""
    from syncd.config.local_time import local_time
    from syncd.core import words
    from syncd.core.errors import Refused, Unreachable
    from syncd.wiring import assembly

    broken = store.journal.broken_link()
    if broken is not None:
        tell(said.CHAIN_BROKEN, at=broken)
        return 3
    tell(said.CHAIN_WHOLE)

    async def ask() -> list[ChainHead]:
        remote = assembly.remote(config)
        try:
            return await remote.heads()
        finally:
            await remote.close()

    try:
        heads = asyncio.run(ask())
    except (Unreachable, Refused) as e:
        tell(said.CHAIN_ALONE)
        return e.exit_code
    unknown = set(store.journal.unknown_heads([h.head for h in heads]))
    began = store.journal.began()
    before = [h for h in heads if h.head in unknown and h.at < began]
    after = [h for h in heads if h.head in unknown and h.at >= began]
    if after:
        when = words.date_time(local_time(config, after[0].at))
        tell(said.CHAIN_REWRITTEN, at=when, run=after[0].run)
        return 3
    if before:
        at = words.date_time(local_time(config, began))
        tell(said.CHAIN_BEFORE, runs=said.RUNS(language(), len(before)), at=at)
    proved = len(heads) - len(before)
    tell(said.CHAIN_PROVED, runs=said.RUNS_FOUND(language(), proved))
    return 0
