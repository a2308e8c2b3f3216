"""`syncd intake`: the robot, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import failed, language, line, say
from syncd.cli.run import Passing

if TYPE_CHECKING:
    from syncd.config.model import Config


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be taken and where it would go; write nothing anywhere.")
@click.option(
    "--yes", is_flag=True, help="Agree that the accounting software's files have fewer lines than the last time."
)
@json_option
@click.pass_context
def intake(ctx: click.Context, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Take what scanners wrote to the share ([intake] root), put it online, and put the sources away.

    A scan is taken when it is whole and has been left alone for a while. It goes to the client that its directory names,
    by the rules of its tree; its source moves to .traites once the portal has answered for its very bytes. What cannot be
    taken is looked at three times, then moved to .rejets with a note beside it.

    What the accounting software left in `config` below the share (dossiers.txt, users.txt, Export_PAR) is applied to
    clients' cards first, where the portal gives this engine that right.

    While the service works, it does this every quarter of an hour by itself, and the cards at one in the morning; this
    command does it now.

    \b
    Examples:
      syncd intake --dry-run
      syncd intake --json
    """
    from syncd.core.errors import SyncdError
    from syncd.core.verdicts import exit_code
    from syncd.operations.intake import intake as take

    config = config_of(ctx)
    first = _cards(config, dry_run=dry_run, agreed=yes, as_json=as_json) if config.intake.root else 0
    result = take(config, Passing(as_json=as_json), dry_run=dry_run)
    if result.abandoned and result.message and as_json:
        failed(result.fault or SyncdError(result.message, reason=result.reason, cause=result.cause))
    return exit_code({code for code in (first, result.exit_code) if code})


def _cards(config: Config, *, dry_run: bool, agreed: bool, as_json: bool) -> int:
    """Scans go on whatever comes of it."""
    from syncd.core.errors import SyncdError
    from syncd.operations.client_register import update_clients
    from syncd.report import register_report

    try:
        report = update_clients(config, dry_run=dry_run, agreed=agreed)
    except SyncdError as e:
        return failed(e)
    if not report.found and not report.held:
        return 0
    if as_json:
        for one in register_report.lines(report, language()):
            line({"type": "card", **one, **({"dry_run": True} if dry_run else {})})
    else:
        say(register_report.text(report, language()))
    return 4 if report.held and not dry_run else 3 if report.refused else 0
