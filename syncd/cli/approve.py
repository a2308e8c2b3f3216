"""`syncd approve`: agree to exactly what was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import language, line, on_terminal, say, tell
from syncd.core.words import commands as said

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.operations.approve import Selection, Waiting

SHOWN = 40


@click.command()
@click.argument("clients", nargs=-1, metavar="[CLIENT]...", shell_complete=shell_completion.client)
@click.option("--all", "everything", is_flag=True, help="Everything that waits, but another client's documents.")
@click.option(
    "--list",
    "whole",
    is_flag=True,
    help="Show every change, however many; alone: of every client, and agree to nothing.",
)
@click.option("--yes", is_flag=True, help="Agree without being asked.")
@json_option
@click.pass_context
def approve(
    ctx: click.Context, clients: tuple[str, ...], everything: bool, whole: bool, yes: bool, as_json: bool
) -> int:
    """Let through what waits for agreement: the very changes listed, once, on the next run.

    \b
    Examples:
      syncd approve 007868
      syncd approve --list
      syncd approve --all --yes
    """
    from syncd.core.errors import UsageError
    from syncd.operations import approve as operation

    lists = whole and not clients and not everything  # shown only
    if not clients and not everything and not lists:
        raise UsageError("name the clients to agree to, or --all.", mend="To see what waits: syncd approve --list.")
    config = config_of(ctx)
    if lists:
        _show(config, operation.waiting(config), whole=True, as_json=as_json, listed=True)
        return 4

    def agrees(selection: Selection) -> bool:
        _show(config, selection, whole=whole, as_json=as_json)
        return not selection.sets or yes or _asked()

    agreed = operation.approve(config, clients, everything=everything, agrees=agrees)
    if agreed is None:
        return 4
    for each in agreed.sets if as_json else ():
        line(_line("agreed", each) | {"changes": len(each.changes.lines)})
    if agreed.sets and not as_json:
        tell(said.AGREED_SERVED if agreed.served else said.AGREED)
    return 0 if agreed.whole else 4


def _asked() -> bool:
    """The answer of whoever is at the terminal. Raises UsageError where nobody is."""
    from syncd.core.errors import UsageError

    if not on_terminal():
        raise UsageError("there is no terminal to ask on.", mend="Add --yes to agree.")
    return click.confirm(said.AGREE(language()), default=False)


def _show(config: Config, selection: Selection, *, whole: bool, as_json: bool, listed: bool = False) -> None:
    """What waits. JSON shows it only where nothing else is `listed`."""
    from syncd.core import words

    if as_json:
        for each in selection.sets if listed else ():
            line(_line("waiting", each) | {"lines": [x.as_dict() for x in each.changes.lines]})
        return
    for each in selection.alone:
        tell(said.ALONE, name=each.name, code=each.code, why=words.reason(each.changes.reason, "", language()))
    for each in selection.sets:
        _show_set(config, each, whole=whole)


def _show_set(config: Config, waiting: Waiting, *, whole: bool) -> None:
    """Its reason, what it comes to in each folder, and its changes, the first SHOWN unless it is to be shown whole."""
    from syncd.config.local_time import local_time
    from syncd.core import paths, plan_totals, words
    from syncd.report.event_sentences import waiting as would
    from syncd.report.event_sentences import would as counted

    changes = waiting.changes
    why = words.reason(changes.reason, "", language())
    if changes.declined_at:
        why = words.declined(why, changes.declined_by, local_time(config, changes.declined_at), language())
    say(f"{waiting.name} ({waiting.code}) – {why}")
    for top, totals in plan_totals.by_top(plan_totals.totals(changes.lines, paths.top)).items():
        text = counted(totals, language())
        say(f"  {said.LABELLED(language(), label=top, text=text) if top else text}")
    documents = plan_totals.counted(changes.lines)
    for shown in documents if whole else documents[:SHOWN]:
        say(f"    {would(shown, language())}")
    if len(documents) > SHOWN and not whole:
        say(f"    {said.SHOWN(language(), shown=SHOWN, all=len(documents))}")


def _line(kind: str, waiting: Waiting) -> dict[str, Any]:
    changes = waiting.changes
    return {"type": kind, "client": waiting.code, "reason": changes.reason, "digest": changes.digest}
