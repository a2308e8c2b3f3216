"""Which side a command of packages is on: the cabinet that is configured, or a company's directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.cli import output
from syncd.cli.common import config_of
from syncd.cli.output import language
from syncd.core.words import packages as said

if TYPE_CHECKING:
    from syncd.operations.package_desk import Desk

at_option = click.option(
    "--at",
    type=click.Path(path_type=Path, file_okay=False),
    help="The company's exchange directory, instead of --config: no cabinet is set up here.",
)


def desk_of(ctx: click.Context, at: Path | None, *, as_json: bool) -> Desk:
    """Raises UsageError where both sides are named."""
    from syncd.core.errors import UsageError

    if at is None:
        from syncd.cli.run import Passing
        from syncd.operations.packages import CabinetDesk

        return CabinetDesk(config_of(ctx), Passing(as_json=as_json))
    if ctx.find_root().obj.config:
        raise UsageError(said.ONE_SIDE.of())
    from syncd.operations.company_packages import CompanyDesk

    in_its_language()
    return CompanyDesk(at, language())


def in_its_language() -> None:
    """At a company no configuration says one, and refusals are read by the same people as the rest."""
    output.LANGUAGE = language()
