"""`syncd status`: one line per client, from the state alone."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import click

from syncd.cli import shell_completion
from syncd.cli.common import config_of, json_option
from syncd.cli.output import language, line, say, tell
from syncd.core.reasons import TECHNICAL, Family, family
from syncd.core.words import commands as said
from syncd.core.words import faults
from syncd.disk.lock import held
from syncd.wiring.overview import FILE, ClientOverview, LastRun, Overview, Unreadable, overview

CLOCKS = 120.0  # seconds that two clocks may differ


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
    from syncd.core.errors import UsageError

    config = config_of(ctx)
    directory = Path(config.mirror.state)
    if not (directory / FILE).exists():
        raise UsageError(f"there is no state in '{config.mirror.state}' yet.", mend="Run 'syncd init' first.")
    try:
        there = overview(directory, client)
    except Unreadable as e:
        raise UsageError(
            f"the state in '{directory}' cannot be read ({e}).", mend="Run once: it is brought up to date."
        ) from None
    if client is not None and not there.clients:
        raise UsageError(faults.NO_CLIENT.of(codes=client), mend=faults.SEE_CLIENTS.of())
    served, figures = _served(directory), _measured(config, there)
    given_up = there.last is not None and there.last.verdict == "abandoned"
    states = [_client(each, given_up) for each in there.clients]
    if as_metrics:
        for name, value in [*_metrics(figures), ("service_running", served), *_counted(states)]:
            say(f"syncd_{name} {float(value) if isinstance(value, float) else int(value)}")
        return 0
    if as_json:
        for each in states:
            line({"type": "client", **each})
        line({"type": "health", **figures})
        if last := there.last:
            line({
                "type": "run", "run": last.run, "started": last.started, "verdict": last.verdict,
                "exit_code": last.exit_code,
            })  # fmt: skip
        line({
            "type": "service", "running": served, "portal_seen": there.portal_seen or None,
            "next": _next(config, there) if served else None, "mails_waiting": there.mails_failed,
        })  # fmt: skip
        return 0
    _say(config, there, served, states)
    return 0


def _say(config: Any, there: Overview, served: bool, states: list[dict[str, Any]]) -> None:
    from syncd.config.local_time import local_time
    from syncd.core import words

    if last := there.last:
        at = words.date_time(local_time(config, last.started))
        tell(said.LAST_RUN, at=at, verdict=_verdict(config, last, served=served))
    else:
        tell(said.NO_RUN)
    if last and (cause := _why(last, config.language)):
        tell(said.INTERRUPTED, why=cause)
    if served:
        tell(said.SERVED, at=words.date_time(local_time(config, _next(config, there))))
    else:
        tell(said.NOT_SERVED, start=_how_to_start())
    if (seen := there.portal_seen) > time.time() + CLOCKS:
        tell(said.PORTAL_SEEN_LATER, at=words.date_time(local_time(config, seen)))
    elif seen:
        tell(said.PORTAL_SEEN, ago=words.ago(time.time() - seen, language()))
    if mails := there.mails_failed:
        say(said.MAILS(language(), mails))
    for each in states:
        detail = said.BETWEEN(language()).join(_details(config, each))
        tell(
            said.CLIENT, code=each["client"], name=each["name"], label=each["label"],
            documents=said.DOCUMENTS(language(), each["documents"]), detail=f" – {detail}" if detail else "",
        )  # fmt: skip


def _verdict(config: Any, last: LastRun, *, served: bool) -> str:
    from syncd.core import words
    from syncd.core.verdicts import Verdict

    if last.verdict == Verdict.RUNNING and not served and not held(Path(config.mirror.state) / "engine.lock"):
        return said.CUT_SHORT(language())
    return words.label(Verdict(last.verdict), language(), last.exit_code or 0)


def _details(config: Any, each: dict[str, Any]) -> list[str]:
    """What there is to say of a client besides its state."""
    from syncd.config.local_time import local_time
    from syncd.core import words

    no = {
        d["reason"]: words.declined(
            words.reason(d["reason"], "", language()), d["by"], local_time(config, d["at"]), language()
        )
        for d in each["declined"]
    }
    why = [no.get(r) or words.reason(r, "", language()) for r in each["reasons"]]
    if each["restored"]:
        why.append(said.RECONCILING(language()))
    if each["waiting"]:
        why.append(said.HELD(language(), each["waiting"]))
    return why


def _why(last: LastRun, language: str) -> str:
    """Why the last run was given up, with what the portal or the disk said of it; '' when it was not."""
    from syncd.core import words

    if last.verdict != "abandoned" or last.reason not in words.REASONS:
        return ""
    return words.reason(last.reason, last.cause, language)


def _measured(config: Any, there: Overview) -> dict[str, Any]:
    """Figures for whoever watches many installations: bytes, seconds, numbers; None where nothing is known."""
    free: dict[str, int | None] = {}
    for name in ("root", "state", "logs"):
        try:
            free[name] = shutil.disk_usage(getattr(config.mirror, name)).free
        except OSError:
            free[name] = None
    last = there.last
    ended = last.ended if last else None
    return {
        "free": free, "outbox": there.outbox, "outbox_since": there.outbox_since, "mails": there.mails,
        "mails_since": there.mails_since,
        "errors": sum(n for reason, n in there.reports.items() if reason in TECHNICAL or family(reason) is Family.STOP),
        "duration": ended - last.started if last and ended else None,
        "exit_code": last.exit_code if last else None, "age": time.time() - ended if ended else None,
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
    return [(f'clients{{state="{state}"}}', sum(s["state"] == state for s in states)) for state in said.STATES]


def _client(each: ClientOverview, given_up: bool) -> dict[str, Any]:
    """`given_up`: the last run did not come to its end, and nobody knows of what it did not look at."""
    state, reasons = _state(each)
    state = "behind" if state == "fine" and given_up else state
    return {
        "client": each.code, "name": each.name, "state": state, "label": said.STATES[state](language()), "reasons": reasons,
        "documents": each.documents, "left": each.left, "waiting": each.held,
        "refused": sum(1 for r in each.reports if family(r) not in (Family.GUARD, Family.STOP)),
        "declined": [d._asdict() for d in each.declined] if state == "waiting" else [],
        "restored": [] if each.closed else sorted(each.restored),
    }  # fmt: skip


def _state(each: ClientOverview) -> tuple[str, list[str]]:
    reasons = sorted(set(each.reports))
    if each.closed:
        return "closed", []
    if any(family(r) is Family.STOP for r in reasons):
        return "stopped", [r for r in reasons if family(r) is Family.STOP]
    if each.waiting:
        return "waiting", sorted(set(each.waiting))
    real = [r for r in reasons if family(r) is not Family.GUARD]
    if real:
        return "look", real
    return ("fine" if each.listed else "not_yet"), []


def _how_to_start() -> str:
    """What starts the service that this machine has; by hand where it has none."""
    from syncd.cli.service_manager import systemd_units

    units = (*systemd_units.PACKAGED, systemd_units.UNITS / systemd_units.NAME)
    return f"systemctl start {systemd_units.NAME}" if any(u.exists() for u in units) else "syncd watch"


def _served(state: Path) -> bool:
    """Whether a service holds its lock; asked without taking part in it."""
    return held(state / "service.lock")


def _next(config: Any, there: Overview) -> float:
    """When the next full pass or job of the calendar is due."""
    from syncd.schedule.job import Calendars

    due = Calendars(config.jobs, config.timezone).next(time.time())
    times = [there.next_full or time.time(), *([due.at] if due else [])]
    return min(times)
