"""`syncd intake`: the robot, once."""

from __future__ import annotations

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import failed
from syncd.cli.run import Passing


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be taken and where it would go; write nothing anywhere.")
@json_option
@click.pass_context
def intake(ctx: click.Context, dry_run: bool, as_json: bool) -> int:
    """Take what scanners wrote to the share ([intake] root), put it online, and put the sources away.

    A scan is taken when it is whole and has been left alone for a while. It goes to the client that its directory names,
    by the rules of its tree; its source moves to .traites once the portal has answered for its very bytes. What cannot be
    taken is looked at three times, then moved to .rejets with a note beside it.

    While the service works, it does this every quarter of an hour by itself; this command asks it to do so now.

    \b
    Examples:
      syncd intake --dry-run
      syncd intake --json
    """
    from syncd.core.errors import SyncdError
    from syncd.operations.intake import intake as take

    result = take(config_of(ctx), Passing(as_json=as_json), dry_run=dry_run)
    if result.abandoned and result.message and as_json:
        failed(result.fault or SyncdError(result.message, reason=result.reason, cause=result.cause))
    return result.exit_code
