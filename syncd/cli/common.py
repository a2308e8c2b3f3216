"""What several commands share."""

from __future__ import annotations

import os
from pathlib import Path

import click

from syncd.cli import output
from syncd.config.load import load
from syncd.config.location import default_path
from syncd.config.model import Config
from syncd.core.errors import UsageError
from syncd.operations.drop_privileges import become_owner_of


def path_of(ctx: click.Context) -> Path:
    """The configuration file that this invocation names."""
    given = ctx.find_root().obj.config
    return Path(given) if given else default_path()


def config_of(ctx: click.Context, *, stay: bool = False) -> Config:
    """The configuration this invocation names; UsageError with every mistake.

    Root goes on as the account that the state belongs to, unless it is to `stay`.
    """
    config = load(path_of(ctx))
    output.STATE, output.LANGUAGE = config.mirror.state, config.language
    if not stay:
        _not_roots(Path(config.mirror.state))
        become_owner_of(Path(config.mirror.state))
    return config


PACKAGED, ACCOUNT = Path("/var/lib/syncd"), "syncd"


def _not_roots(state: Path) -> None:
    """Raises UsageError where root would work as root, because the packaged service's memory was given to it."""
    if state != PACKAGED or os.name != "posix" or os.geteuid() != 0 or not state.exists() or state.stat().st_uid:
        return
    import pwd

    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        return
    raise UsageError(
        f"'{state}' belongs to root, and the service's account is '{ACCOUNT}'.",
        mend=f"Give it back: chown -R {ACCOUNT}:{ACCOUNT} '{state}'",
    )


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
