"""`syncd report --migration`: what a migration did, client by client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from syncd.cli.common import config_of
from syncd.cli.output import language, line, say_all

if TYPE_CHECKING:
    from datetime import datetime

    from syncd.core.migration.report import Filter


def show(ctx: click.Context, run: int | None, only: Sequence[str], *, as_csv: bool, as_json: bool) -> int:
    """The report of migration `run`, the last one where None, of what `only` lets through. Raises UsageError."""
    from msgspec.structs import replace

    from syncd.config.local_time import local_time
    from syncd.core.errors import UsageError
    from syncd.core.words import migration as said
    from syncd.report import migration_report
    from syncd.wiring import migration

    config, asked = config_of(ctx), _filter(only)

    def local(at: float) -> datetime:
        return local_time(config, at)

    memory = migration.memory(config, writes=False)
    try:
        found = memory.reports(1000 if run is not None else 1)
    finally:
        memory.close()
    report = next((one for one in found if run is None or one.run == run), None)
    if report is None:
        raise UsageError(said.NO_MIGRATION.of() if run is None else said.NO_SUCH_MIGRATION.of(run=run))
    if as_json:
        for each in migration_report.lines(report, asked):
            line(each)
    elif as_csv:
        rows = migration_report.rows(report, local, asked, config.language)
        click.echo(migration_report.as_csv(rows, config.language), nl=False)
    else:
        shown = tuple(client for client in report.clients if asked.takes(client))
        say_all(migration_report.render(replace(report, clients=shown), local, language()))
    return 0


def _filter(only: Sequence[str]) -> Filter:
    from syncd.core.errors import UsageError
    from syncd.core.migration.report import Filter
    from syncd.core.verdicts import Verdict
    from syncd.core.words import LABELS

    given: dict[str, str] = {}
    for text in only:
        name, equals, value = text.partition("=")
        if not equals or name not in Filter.__struct_fields__:
            names = ", ".join(Filter.__struct_fields__)
            raise UsageError(f"--only '{text}' names no column.", mend=f"Write COLUMN=VALUE, with one of: {names}.")
        given[name] = value
    if verdict := given.get("verdict", ""):
        words = {word.casefold(): code.value for code, labels in LABELS.items() for word in (code.value, *labels)}
        if verdict.casefold() not in words:
            known = ", ".join(code.value for code in Verdict if code is not Verdict.BUDGET)
            raise UsageError(f"--only verdict: '{verdict}' is none.", mend=f"One of: {known}.")
        given["verdict"] = words[verdict.casefold()]
    return Filter(**given)
