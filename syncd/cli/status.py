"""`syncd status`: one line per client, from the state alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import line, say

TECHNICAL = ("failed", "unreadable")  # as core.verdicts has them, which is not loaded for this
_CLIENTS = (
    "select c.code, c.name, c.closed, c.listed, c.recovery, coalesce(d.n, 0), coalesce(d.gone, 0), w.reasons, w.n, t.reasons"
    " from clients c"
    " left join (select client, sum(left_here = 0) n, sum(left_here) gone from base_documents group by client) d on d.client = c.id"
    " left join (select client, group_concat(reason) reasons, sum((select count(*) from json_each(lines)"
    "   where json_extract(value, '$.action') not in ('make_folder', 'record', 'forget'))) n from waiting group by client) w"
    "   on w.client = c.id"
    " left join (select client, group_concat(reason) reasons from told group by client) t on t.client = c.id"
    " where ?1 is null or c.code = ?1 order by c.code"
)
_DECLINED = (
    "select c.code, json_group_array(json_array(w.reason, w.declined_by, w.declined_at)) from waiting w"
    " join clients c on c.id = w.client where w.declined_at > 0 group by c.code"
)
LABELS = {
    "fine": "À jour", "look": "À voir", "waiting": "En attente de votre accord", "stopped": "Interrompu",
    "closed": "Fermé", "not_yet": "Pas encore synchronisé",
}  # fmt: skip


@click.command()
@click.argument("client", required=False, shell_complete=shell_completion.client)
@click.option("--metrics", "as_metrics", is_flag=True, help="Counts and ages for Prometheus (a textfile), no names.")
@json_option
@click.pass_context
def status(ctx: click.Context, client: str | None, as_metrics: bool, as_json: bool) -> int:
    """Where things stand: the last run, the service, each client's state, what waits. Asks nobody, changes nothing.

    \b
    Examples:
      syncd status
      syncd status --metrics > /var/lib/prometheus/node-exporter/syncd.prom
    """
    from syncd.cli import permission_errors
    from syncd.core.errors import UsageError

    config = config_of(ctx)
    path = Path(config.mirror.state) / "state.db"
    if not path.exists():
        raise UsageError(f"there is no state in '{config.mirror.state}' yet.", mend="Run 'syncd init' first.")
    conn = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)
    try:
        last = conn.execute(
            "select id, started, verdict, exit_code, ended, summary from runs order by id desc limit 1"
        ).fetchone()
        rows = conn.execute(_CLIENTS, (client,)).fetchall()
        declined = dict(conn.execute(_DECLINED).fetchall())
        meta = dict(conn.execute("select key, value from meta where key in ('portal_seen', 'next_full')").fetchall())
        mails = conn.execute("select count(*) from mails where attempts > 0").fetchone()[0]
        figures = measured(config, conn, last)
    except sqlite3.OperationalError as e:
        if permission_errors.sentence(e) is not None:
            raise
        raise UsageError(
            f"the state in '{path.parent}' cannot be read ({e}).", mend="Run once: it is brought up to date."
        ) from None
    finally:
        conn.close()
    if client is not None and not rows:
        raise UsageError(f"no client with code {client}.", mend="See: syncd client list.")
    served = _served(path.parent)
    states = [_client(row, json.loads(declined.get(row[0], "[]"))) for row in rows]
    if as_metrics:
        for name, value in [*_metrics(figures), ("service_running", served), *_counted(states)]:
            say(f"syncd_{name} {float(value) if isinstance(value, float) else int(value)}")
        return 0
    if as_json:
        for each in states:
            line({"type": "client", **each})
        line({"type": "health", **figures})
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
        verdict = words.label(Verdict(last[2]))
        if last[2] == Verdict.RUNNING and not served and not held(Path(config.mirror.state) / "engine.lock"):
            verdict = "arrêtée net avant sa fin ; rien n'est perdu, la prochaine reprend là où elle en était"
        say(f"Dernière synchronisation : {words.date_time(local_time(config, last[1]))} – {verdict}")
    else:
        say("Aucune synchronisation encore.")
    if last and (cause := _why(last[5], config.language)):
        say(f"Interrompue : {cause}.")
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
        no = {
            d["reason"]: words.declined(words.reason(d["reason"]), d["by"], local_time(config, d["at"]))
            for d in each["declined"]
        }
        why = [no.get(r) or words.reason(r) for r in each["reasons"]]
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


def _why(summary: str | None, language: str) -> str:
    """Why the last run was given up, with what the portal or the disk said of it; '' when it was not."""
    from syncd.core import words

    found = json.loads(summary or "{}")
    if found.get("verdict") != "abandoned" or found.get("reason") not in words.REASONS:
        return ""
    return words.reason(found["reason"], found.get("cause", ""), language)


def measured(config: Any, conn: sqlite3.Connection, last: Any) -> dict[str, Any]:
    """Figures for whoever watches many installations: bytes, seconds, numbers; None where nothing is known."""
    now = time.time()
    free: dict[str, int | None] = {}
    for name in ("root", "state", "logs"):
        try:
            free[name] = shutil.disk_usage(getattr(config.mirror, name)).free
        except OSError:
            free[name] = None
    (mails, oldest) = conn.execute("select count(*), min(made) from mails").fetchone()
    told = conn.execute("select reason, count(*) from told group by reason").fetchall()
    first = conn.execute("select body from outbox where kind = 'receipt' order by row limit 1").fetchone()
    return {
        "free": free,
        "outbox": conn.execute("select count(*) from outbox").fetchone()[0],
        "outbox_since": json.loads(first[0]).get("at") if first else None,
        "mails": mails, "mails_since": oldest,
        "errors": sum(n for reason, n in told if reason in TECHNICAL or reason.startswith("stop_")),
        "duration": last[4] - last[1] if last and last[4] else None,
        "exit_code": last[3] if last else None, "age": now - last[4] if last and last[4] else None,
    }  # fmt: skip


def _metrics(figures: dict[str, Any]) -> list[tuple[str, float]]:
    now = time.time()
    found = [(f'disk_free_bytes{{directory="{name}"}}', free) for name, free in figures["free"].items()]
    found += [
        ("outbox", figures["outbox"]),
        ("outbox_oldest_seconds", now - figures["outbox_since"] if figures["outbox"] and figures["outbox_since"] else 0),
        ("mails_waiting", figures["mails"]),
        ("mails_oldest_seconds", now - figures["mails_since"] if figures["mails"] else 0),
        ("errors", figures["errors"]),
        ("last_run_seconds", figures["duration"]), ("last_run_exit_code", figures["exit_code"]),
        ("last_run_age_seconds", figures["age"]),
    ]  # fmt: skip
    return [(name, value) for name, value in found if value is not None]


def _counted(states: list[dict[str, Any]]) -> list[tuple[str, float]]:
    return [(f'clients{{state="{state}"}}', sum(s["state"] == state for s in states)) for state in LABELS]


def _client(row: Any, declined: list[list[Any]]) -> dict[str, Any]:
    code, name, closed, listed, recovery, documents, left, waiting, held, told = row
    state, reasons = _state(bool(closed), bool(listed), waiting, told)
    return {
        "client": code, "name": name, "state": state, "label": LABELS[state], "reasons": reasons, "documents": documents,
        "left": left, "waiting": held or 0,
        "refused": sum(1 for r in (told or "").split(",") if r and not r.startswith(("guard_", "stop_"))),
        "declined": [{"reason": r, "by": by, "at": at} for r, by, at in declined] if state == "waiting" else [],
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
    return held(state / "service.lock")


def held(lock: Path) -> bool:
    """Whether a process holds this lock."""
    try:
        import fcntl

        with lock.open("rb+") as f:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(f, fcntl.LOCK_UN)
    except FileNotFoundError:
        return False
    except ImportError:  # Windows
        from filelock import FileLock, Timeout

        try:
            FileLock(lock, timeout=0, mode=0o600).acquire().lock.release()
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
