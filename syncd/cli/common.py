"""What several commands share."""

from __future__ import annotations

from pathlib import Path

import click

from syncd.cli import output
from syncd.cli.drop_privileges import become_owner_of
from syncd.config.load import load
from syncd.config.model import Config
from syncd.config.place import default_path


def config_of(ctx: click.Context, *, stay: bool = False) -> Config:
    """The configuration this invocation names; UsageError with every mistake.

    Root goes on as the account that the state belongs to, unless it is to `stay`.
    """
    given = ctx.find_root().obj.config
    config = load(Path(given) if given else default_path())
    output.STATE = config.mirror.state
    if not stay:
        become_owner_of(Path(config.mirror.state))
    return config


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
