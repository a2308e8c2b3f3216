"""Times as the cabinet reads them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from syncd.config.model import Config
from syncd.core.errors import UsageError
from syncd.core.words import faults

_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M")


def local_time(config: Config, at: float) -> datetime:
    """Seconds since 1970 in the configured time zone."""
    return datetime.fromtimestamp(at, ZoneInfo(config.timezone))


def moment(config: Config, text: str) -> float:
    """A moment as a person writes it, in the configured time zone: seconds since 1970. Raises UsageError."""
    for form in _FORMS:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=ZoneInfo(config.timezone)).timestamp()
        except ValueError:
            continue
    raise UsageError(faults.NO_MOMENT.of(text=text), mend=faults.NO_MOMENT_MEND.of())
