"""`syncd doctor`: looks at everything an installation needs."""

from __future__ import annotations

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import line, say


@click.command()
@json_option
@click.option(
    "--repair", "repairs", is_flag=True, help="Set counts of generations anew that an impossible number came into."
)
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, repairs: bool) -> int:
    """Look at the configuration, the disk, the state, the portal and the mail; say what is wrong and what to do.

    After a backup was put back anywhere, it explains what happened and what the next run will do. The exit code is 0
    when a run can work, else what a run would end with.

    --repair mends what can only be mended here: the counts of generations that state, portal and markers compare, when
    one of them is beyond any honest number. No document is touched; the next run compares both sides.

    \b
    Examples:
      syncd doctor
      syncd doctor --repair
    """
    from itertools import chain

    from syncd.core.verdicts import exit_code
    from syncd.core.words import doctor as said
    from syncd.doctor import Level, examine, repair

    config, codes = config_of(ctx), set()
    for finding in chain(repair(config) if repairs else (), examine(config)):
        codes.add(finding.code)
        if as_json:
            line({
                "type": "finding", "about": finding.about, "level": finding.level.value, "text": finding.text,
                "mend": finding.mend,
            })  # fmt: skip
            continue
        sign = {Level.OK: said.FINE, Level.WARNING: said.WARNING, Level.BAD: said.BAD}[finding.level]
        say(f"{sign(config.language)} {finding.text}")
        if finding.mend and finding.level is not Level.OK:
            say(f"      → {finding.mend}")
    return exit_code(codes - {0})
