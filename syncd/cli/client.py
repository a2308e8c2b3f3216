"""`syncd client list`: the clients this engine mirrors."""

from __future__ import annotations

import contextlib

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import language, line, say


@click.group()
def client() -> None:
    """The clients of this mirror."""


@client.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> int:
    """List code, name, directory and number of documents, as of the last run.

    \b
    Example:
      syncd client list --json
    """
    from syncd.core.words import commands as said
    from syncd.wiring import assembly

    config = config_of(ctx)
    with contextlib.closing(assembly.store(config, writes=False)) as store:
        totals = store.trees.base.totals()
        for row in store.clients.all():
            excluded = row.code in config.mirror.exclude
            if as_json:
                line(
                    {
                        "type": "client",
                        "client": row.code,
                        "name": row.name,
                        "directory": row.dir,
                        "documents": totals.get(row.id, 0),
                        "closed": row.closed,
                        "excluded": excluded,
                    }
                )
            else:
                notes = [n(language()) for n, on in ((said.CLOSED, row.closed), (said.EXCLUDED, excluded)) if on]
                documents = said.DOCUMENTS(language(), totals.get(row.id, 0))
                say(f"{row.code}  {row.name}  {row.dir or '–'}  {documents}{'  ' + ', '.join(notes) if notes else ''}")
    return 0
