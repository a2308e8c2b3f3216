"""`syncd status`: one line per client, from the state alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import line, say


@click.command()
@click.argument("client", required=False)
@json_option
@click.pass_context
def status(ctx: click.Context, client: str | None, as_json: bool) -> int:
    """Where things stand: each client's state, what waits, the last run. Asks nobody, changes nothing.

    \b
    Example:
      syncd status
    """
    from syncd.config.times import local_time
    from syncd.core import words
    from syncd.core.errors import UsageError
    from syncd.core.verdicts import Verdict

    config = config_of(ctx)
    path = Path(config.mirror.state) / "state.db"
    if not path.exists():
        raise UsageError(f"there is no state in '{config.mirror.state}' yet.", mend="Run 'syncd init' first.")
    conn = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)
    try:
        last = conn.execute("select id, started, verdict, exit_code from runs order by id desc limit 1").fetchone()
        rows = conn.execute(
            "select c.code, c.name, c.closed, c.listed,"
            " (select count(*) from base_documents b where b.client = c.id),"
            " (select group_concat(reason) from waiting w where w.client = c.id),"
            " (select group_concat(t.reason) from told t where t.client = c.id)"
            " from clients c where ? is null or c.code = ? order by c.code", (client, client)
        ).fetchall()  # fmt: skip
    finally:
        conn.close()
    if client is not None and not rows:
        raise UsageError(f"no client with code {client}.", mend="See: syncd client list.")
    states = [
        (code, name, *_state(bool(closed), bool(listed), waiting, told), documents)
        for code, name, closed, listed, documents, waiting, told in rows
    ]
    if as_json:
        for code, name, state, why, documents in states:
            line(
                {
                    "type": "client",
                    "client": code,
                    "name": name,
                    "state": state,
                    "reasons": why,
                    "documents": documents,
                }
            )
        if last:
            line({"type": "run", "run": last[0], "started": last[1], "verdict": last[2], "exit_code": last[3]})
        return 0
    if last:
        say(
            f"Dernière synchronisation : {words.date_time(local_time(config, last[1]))} – {words.label(Verdict(last[2]))}"
        )
    else:
        say("Aucune synchronisation encore.")
    for code, name, state, why, documents in states:
        detail = " – " + " ; ".join(words.reason(r) for r in why) if why else ""
        say(f"{code}  {name} : {state}, {words.count(documents, 'document', 'documents')}{detail}")
    return 0


def _state(closed: bool, seen: bool, waiting: str | None, told: str | None) -> tuple[str, list[str]]:
    reasons = sorted(set((told or "").split(",")) - {""})
    if closed:
        return "Fermé", []
    if any(r.startswith("stop_") for r in reasons):
        return "Interrompu", [r for r in reasons if r.startswith("stop_")]
    if waiting:
        return "En attente de votre accord", sorted(set(waiting.split(",")))
    real = [r for r in reasons if not r.startswith("guard_")]
    if real:
        return "À voir", real
    return ("À jour" if seen else "Pas encore synchronisé"), []
