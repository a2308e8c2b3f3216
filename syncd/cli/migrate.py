"""`syncd migrate`: documents from before, out of an old tree into clients' folders."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import Progress, language, line, say, say_all, tell, warn
from syncd.cli.run import Passing
from syncd.cli.signals import ending
from syncd.core.words import migration as said

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.migration.report import MigrationReport
    from syncd.jobs.migrate.values import Told


@click.command()
@click.argument("source", type=click.Path(file_okay=False))
@click.option(
    "--map",
    "map_file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Which directory is whose: a CSV or Excel file with the columns source;code;dossier cible;exercice.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be copied, and where; write nothing anywhere.")
@click.option("--yes", is_flag=True, help="What the plan shows goes online without another agreement.")
@json_option
@click.option("--max-duration", metavar="30m", help="Stop between two documents after this long; the next one goes on.")
@click.pass_context
def migrate(
    ctx: click.Context,
    source: str,
    map_file: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    max_duration: str | None,
) -> int:
    """Copy documents of before from the directory SOURCE into clients' folders, then put them online.

    The first level of SOURCE names a client (007868, "007868 - SARL Dupont", 007868_2023), the second one an exercise or a
    folder; or a file says so. What neither says is listed. SOURCE is never changed, and nothing is taken twice: run it
    again as often as you like. Ctrl-C ends it after the document in hand.

    \b
    Examples:
      syncd migrate /srv/gef --dry-run
      syncd migrate /srv/gef --yes --max-duration 2h
      syncd migrate /srv/archives --map correspondances.csv --yes
    """
    from syncd.config.durations import duration
    from syncd.core.errors import UsageError
    from syncd.operations import migrate as operation

    try:
        budget = duration(max_duration) if max_duration is not None else None
    except ValueError as e:
        raise UsageError(f"--max-duration {max_duration!r}: {e}.") from None
    config = config_of(ctx)
    asked = operation.Asked(
        source=source, map_file=map_file or "", dry_run=dry_run, agreed=yes, max_duration=budget
    )  # fmt: skip
    screen = _Migrating(config, as_json=as_json, agreed=yes)
    done = operation.migrate(config, asked, screen, Passing(as_json=as_json))
    if done.later and not as_json:
        tell(said.THEN_PUBLISH)
    return done.exit_code


class _Migrating:
    """The plan, a line that says how far it is, the report."""

    def __init__(self, config: Config, *, as_json: bool, agreed: bool) -> None:
        self._config, self._as_json, self._agreed = config, as_json, agreed
        self._progress: Progress | None = None

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        self._progress = Progress(shown=not self._as_json)
        try:
            yield
        finally:
            self._progress.close()
            self._progress = None

    def document(self, told: Told) -> None:
        if self._as_json:
            line(told.as_dict())
        elif self._progress is not None:
            self._progress.step(told.client, told.source)

    def planned(self, report: MigrationReport) -> None:
        self._show(report)
        if not self._as_json:
            tell(said.COVERED if self._agreed else said.PLAN_YES)

    def migrated(self, report: MigrationReport, path: Path | None) -> None:
        self._show(report)
        if path is not None and not self._as_json:
            tell(said.WRITTEN, path=path)
            say()

    def warn(self, sentence: str) -> None:
        warn(f"syncd: {sentence}")

    def stopping(self, stop: Callable[[int], object]) -> contextlib.AbstractContextManager[None]:
        return ending(stop)

    def _show(self, report: MigrationReport) -> None:
        from datetime import datetime

        from syncd.config.local_time import local_time
        from syncd.report import migration_report

        def local(at: float) -> datetime:
            return local_time(self._config, at)

        if self._as_json:
            for each in migration_report.lines(report):
                line(each)
        else:
            say_all(migration_report.render(report, local, language()))
