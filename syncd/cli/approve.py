"""`syncd approve`: agree to exactly what was shown."""

from __future__ import annotations

import time

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import line, on_terminal, say

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
    from syncd.config.times import local_time
    from syncd.core import paths, plan_totals, words
    from syncd.core.errors import UsageError
    from syncd.report.lines import waiting as would
    from syncd.report.lines import would as counted
    from syncd.wiring import assembly, service_parts

    lists = whole and not clients and not everything  # shown only
    if not clients and not everything and not lists:
        raise UsageError("name the clients to agree to, or --all.", mend="To see what waits: syncd approve --list.")
    config = config_of(ctx)
    store = assembly.store(config, writes=True)
    try:
        names = {r.id: r for r in store.clients.all()}  # a code may be that of a lost client, too, made anew since
        codes = {r.code for r in names.values()}
        unknown = [c for c in clients if c not in codes]
        if unknown:
            raise UsageError(f"no client with code {', '.join(unknown)}.", mend="See: syncd client list.")
        there = [w for w in store.guards.waiting() if everything or lists or names[w.client].code in clients]
        waiting = [w for w in there if lists or names[w.client].code in clients or w.reason not in plan_totals.ALONE]
        if not there:
            raise UsageError("nothing waits for agreement there.")
        for alone in there:
            if alone not in waiting and not as_json:
                row = names[alone.client]
                say(f"{row.name} ({row.code}) – {words.reason(alone.reason)} : syncd approve {row.code}")
        if not as_json:
            for w in waiting:
                row = names[w.client]
                why = words.reason(w.reason)
                if w.declined_at:
                    why = words.declined(why, w.declined_by, local_time(config, w.declined_at))
                say(f"{row.name} ({row.code}) – {why}")
                for top, changes in plan_totals.by_top(plan_totals.totals(w.lines, paths.top)).items():
                    say(f"  {top + ' : ' if top else ''}{counted(changes)}")
                documents = plan_totals.counted(w.lines)
                for shown in documents if whole else documents[:SHOWN]:
                    say(f"    {would(shown)}")
                if len(documents) > SHOWN and not whole:
                    say(f"    {SHOWN} montrés sur {len(documents)} : --list les montre tous")
        if lists:
            if as_json:
                for w in waiting:
                    line(
                        {
                            "type": "waiting",
                            "client": names[w.client].code,
                            "reason": w.reason,
                            "digest": w.digest,
                            "lines": [x.as_dict() for x in w.lines],
                        }
                    )
            return 4
        if waiting and not yes:
            if not on_terminal():
                raise UsageError("there is no terminal to ask on.", mend="Add --yes to agree.")
            if not click.confirm("Autoriser ?", default=False):
                return 4
        for w in waiting:
            store.guards.agree(w.client, w.digests, time.time(), "cabinet")
            if as_json:
                line(
                    {
                        "type": "agreed",
                        "client": names[w.client].code,
                        "reason": w.reason,
                        "digest": w.digest,
                        "changes": len(w.lines),
                    }
                )
        served = service_parts.service_runs(config)
        if served and waiting:
            store.requests.ask([names[w.client].code for w in waiting])
        if waiting and not as_json:
            say(
                f"Accord enregistré : fait {'maintenant par le service' if served else 'à la prochaine synchronisation'}."
            )
    finally:
        store.close()
    return 0 if len(waiting) == len(there) else 4
