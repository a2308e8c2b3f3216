"""Times as the cabinet reads them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from syncd.config.model import Config


def local_time(config: Config, at: float) -> datetime:
    """Seconds since 1970 in the configured time zone."""
    return datetime.fromtimestamp(at, ZoneInfo(config.timezone))
