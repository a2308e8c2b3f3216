"""A manifest's moments, as the reader's side shows them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from syncd.config.model import Config
from syncd.core import words

PARIS = "Europe/Paris"


def local(zone: str) -> Callable[[float], datetime]:
    where = ZoneInfo(zone)
    return lambda at: datetime.fromtimestamp(at, where)


def shown_in(zone: str) -> Callable[[str], str]:
    def shown(created: str) -> str:
        at = datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return words.date_time(at.astimezone(ZoneInfo(zone)))

    return shown


def shown(config: Config) -> Callable[[str], str]:
    return shown_in(config.timezone)


def copies(zone: str) -> Callable[[float], str]:
    """As the names of copies bear it."""
    where = ZoneInfo(zone)
    return lambda at: f"{datetime.fromtimestamp(at, where):%Y-%m-%d %Hh%M}"
