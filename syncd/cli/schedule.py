"""`syncd schedule`: when passes are due."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from syncd.cli.common import config_of, json_option
from syncd.cli.output import language, line, say, tell
from syncd.core.words import commands as said


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
        tell(said.INTERVAL, minutes=f"{minutes:g}")
        if config.schedule.bandwidth.text:
            rate = config.schedule.bandwidth.rate(now)
            tell(said.RATE, text=config.schedule.bandwidth.text, now=_rate(rate))
    for job in config.jobs:
        coming = job.next(now)
        if as_json:
            line({"type": "job", "name": job.name, "when": job.calendar.text, "active": job.active,
                  "clients": sorted(job.clients), "max_duration": job.max_duration, "migrate": job.migrate,
                  "next": coming.isoformat() if coming else None})  # fmt: skip
            continue
        who = said.EVERYBODY(language()) if not job.clients else ", ".join(sorted(job.clients))
        if job.migrate:
            who = said.MIGRATES(language(), source=job.migrate)
        limit = said.AT_MOST(language(), minutes=f"{job.max_duration / 60:g}") if job.max_duration else ""
        following = (
            said.NEXT_AT(language(), at=words.date_time(coming))
            if coming
            else (said.NEVER if job.active else said.OFF)(language())
        )
        say(f"{job.name} – {job.calendar.text} – {who}{limit} – {following}")
    if not config.jobs and not as_json:
        tell(said.NO_JOBS)
    return 0


def _rate(rate: float | None) -> str:
    from syncd.core import words

    if rate is None:
        return said.NO_LIMIT(language())
    if not rate:
        return said.NO_TRANSFER(language())
    return said.PER_SECOND(language(), size=words.size(int(rate), language()))
