"""`syncd status`: one line per client, from the state alone."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import line, say

_CLIENTS = (
    "select c.code, c.name, c.closed, c.listed, c.recovery, coalesce(d.n, 0), coalesce(d.gone, 0), w.reasons, w.n, t.reasons"
    " from clients c"
    " left join (select client, sum(left_here = 0) n, sum(left_here) gone from base_documents group by client) d on d.client = c.id"
    " left join (select client, group_concat(reason) reasons, sum(json_array_length(lines)) n from waiting group by client) w"
    "   on w.client = c.id"
    " left join (select client, group_concat(reason) reasons from told group by client) t on t.client = c.id"
    " where ?1 is null or c.code = ?1 order by c.code"
)
LABELS = {
    "fine": "À jour", "look": "À voir", "waiting": "En attente de votre accord", "stopped": "Interrompu",
    "closed": "Fermé", "not_yet": "Pas encore synchronisé",
}  # fmt: skip


@click.command()
@click.argument("client", required=False)
@json_option
@click.pass_context
def status(ctx: click.Context, client: str | None, as_json: bool) -> int:
    """Where things stand: the last run, the service, each client's state, what waits. Asks nobody, changes nothing.

    \b
    Example:
      syncd status
    """
    from syncd.core.errors import UsageError

    config = config_of(ctx)
    path = Path(config.mirror.state) / "state.db"
    if not path.exists():
        raise UsageError(f"there is no state in '{config.mirror.state}' yet.", mend="Run 'syncd init' first.")
    conn = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)
    try:
        last = conn.execute("select id, started, verdict, exit_code from runs order by id desc limit 1").fetchone()
        rows = conn.execute(_CLIENTS, (client,)).fetchall()
        meta = dict(conn.execute("select key, value from meta where key in ('portal_seen', 'next_full')").fetchall())
        mails = conn.execute("select count(*) from mails where attempts > 0").fetchone()[0]
    except sqlite3.OperationalError as e:
        raise UsageError(
            f"the state in '{path.parent}' cannot be read ({e}).", mend="Run once: it is brought up to date."
        ) from None
    finally:
        conn.close()
    if client is not None and not rows:
        raise UsageError(f"no client with code {client}.", mend="See: syncd client list.")
    served = _served(path.parent)
    states = [_client(row) for row in rows]
    if as_json:
        for each in states:
            line({"type": "client", **each})
        if last:
            line({"type": "run", "run": last[0], "started": last[1], "verdict": last[2], "exit_code": last[3]})
        line({
            "type": "service", "running": served, "portal_seen": float(meta.get("portal_seen", 0)) or None,
            "next": _next(config, meta) if served else None, "mails_waiting": mails,
        })  # fmt: skip
        return 0
    _say(config, last, meta, served, mails, states)
    return 0


def _say(config: Any, last: Any, meta: dict[str, str], served: bool, mails: int, states: list[dict[str, Any]]) -> None:
    from syncd.config.times import local_time
    from syncd.core import words
    from syncd.core.verdicts import Verdict

    if last:
        say(
            f"Dernière synchronisation : {words.date_time(local_time(config, last[1]))} – {words.label(Verdict(last[2]))}"
        )
    else:
        say("Aucune synchronisation encore.")
    if served:
        say(
            f"Le service travaille ; prochain passage complet : {words.date_time(local_time(config, _next(config, meta)))}"
        )
    else:
        say("Le service ne travaille pas : syncd watch.")
    if seen := float(meta.get("portal_seen", 0)):
        say(f"La plateforme a répondu {words.age(time.time() - seen).replace('depuis', 'il y a')}.")
    if mails:
        say(f"{words.count(mails, 'e-mail attend', 'e-mails attendent')} que le serveur de messagerie réponde.")
    for each in states:
        why = [words.reason(r) for r in each["reasons"]]
        if each["restored"]:
            why.append(
                "une sauvegarde a été remise en place : les deux côtés sont en cours de rapprochement (syncd doctor)"
            )
        if each["waiting"]:
            why.append(words.count(each["waiting"], "changement retenu", "changements retenus"))
        detail = " – " + " ; ".join(why) if why else ""
        say(
            f"{each['client']}  {each['name']} : {each['label']}, {words.count(each['documents'], 'document', 'documents')}{detail}"
        )


def _client(row: Any) -> dict[str, Any]:
    code, name, closed, listed, recovery, documents, left, waiting, held, told = row
    state, reasons = _state(bool(closed), bool(listed), waiting, told)
    return {
        "client": code, "name": name, "state": state, "label": LABELS[state], "reasons": reasons, "documents": documents,
        "left": left, "waiting": held or 0,
        "refused": sum(1 for r in (told or "").split(",") if r and not r.startswith(("guard_", "stop_"))),
        "restored": [] if closed else sorted(filter(None, (recovery or "").split(","))),
    }  # fmt: skip


def _state(closed: bool, seen: bool, waiting: str | None, told: str | None) -> tuple[str, list[str]]:
    reasons = sorted(set((told or "").split(",")) - {""})
    if closed:
        return "closed", []
    if any(r.startswith("stop_") for r in reasons):
        return "stopped", [r for r in reasons if r.startswith("stop_")]
    if waiting:
        return "waiting", sorted(set(waiting.split(",")))
    real = [r for r in reasons if not r.startswith("guard_")]
    if real:
        return "look", real
    return ("fine" if seen else "not_yet"), []


def _served(state: Path) -> bool:
    """Whether a service holds its lock; asked without taking part in it."""
    try:
        import fcntl

        with (state / "service.lock").open("rb+") as f:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(f, fcntl.LOCK_UN)
    except FileNotFoundError:
        return False
    except ImportError:  # Windows
        from filelock import FileLock, Timeout

        try:
            FileLock(state / "service.lock", timeout=0, mode=0o600).acquire().lock.release()
        except Timeout:
            return True
    except OSError:
        return True
    return False


def _next(config: Any, meta: dict[str, str]) -> float:
    """When the next full pass or job of the calendar is due."""
    from syncd.schedule.job import Calendars

    due = Calendars(config.jobs, config.timezone).next(time.time())
    times = [float(meta.get("next_full", 0)) or time.time(), *([due.at] if due else [])]
    return min(times)
