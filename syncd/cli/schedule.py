"""`syncd schedule`: when passes are due."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import line, say


@click.group()
def schedule() -> None:
    """When passes are due, besides what events bring."""


@schedule.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> int:
    """Every job of the calendar with its next run.

    \b
    Example:
      syncd schedule list
    """
    from syncd.core import words

    config = config_of(ctx)
    now = datetime.fromtimestamp(time.time(), ZoneInfo(config.timezone))
    if not as_json:
        minutes = config.schedule.interval / 60
        say(f"Passage complet : toutes les {minutes:g} min, tant que le service travaille.")
        if config.schedule.bandwidth.text:
            rate = config.schedule.bandwidth.rate(now)
            say(f"Débit : {config.schedule.bandwidth.text} (maintenant : {_rate(rate)})")
    for job in config.jobs:
        coming = job.next(now)
        if as_json:
            line({"type": "job", "name": job.name, "when": job.calendar.text, "active": job.active,
                  "clients": sorted(job.clients), "max_duration": job.max_duration,
                  "next": coming.isoformat() if coming else None})  # fmt: skip
            continue
        who = "tous les clients" if not job.clients else ", ".join(sorted(job.clients))
        limit = f", au plus {job.max_duration / 60:g} min" if job.max_duration else ""
        following = (
            f"prochain passage : {words.date_time(coming)}"
            if coming
            else ("jamais plus" if job.active else "désactivé")
        )
        say(f"{job.name} – {job.calendar.text} – {who}{limit} – {following}")
    if not config.jobs and not as_json:
        say("Aucun passage à heure fixe ([[job]] dans la configuration).")
    return 0


def _rate(rate: float | None) -> str:
    from syncd.core import words

    if rate is None:
        return "sans limite"
    return f"{words.size(int(rate))} par seconde" if rate else "aucun transfert"
