"""What a value of the configuration may be: one function for each kind. Each raises ValueError with what to write instead."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from syncd.config.durations import duration
from syncd.core.mail_address import mail_address, server
from syncd.core.web_address import safe
from syncd.schedule.calendar import bandwidth, calendar, clock_time

MOST = 1_000_000_000


def text(raw: Any) -> str:
    """Nothing that no path, name or header may hold."""
    if not isinstance(raw, str):
        raise ValueError("give a text")
    if any(ord(c) < 32 or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in raw):
        raise ValueError("it holds a sign that cannot be printed, or is no UTF-8 text")
    return raw


def texts(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(t, str) for t in raw):
        raise ValueError('give a list of texts, as ["a", "b"]')
    return tuple(text(t) for t in raw)


def patterns(raw: Any) -> tuple[str, ...]:
    wanted = texts(raw)
    if not wanted:
        return ()
    import pathspec

    for pattern in wanted:
        try:
            pathspec.GitIgnoreSpec.from_lines([pattern])
        except ValueError:
            raise ValueError(f"'{pattern}' is no gitignore pattern: write '*.bak' or 'Brouillons/'") from None
    return wanted


def times(raw: Any) -> tuple[str, ...]:
    for said in texts(raw):
        clock_time(said)
    return tuple(raw)


def count(raw: Any) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw <= MOST:
        raise ValueError(f"give a whole number from 0 to {MOST}")
    return raw


def share(raw: Any) -> float:
    if not isinstance(raw, int | float) or isinstance(raw, bool) or not 0 <= raw <= 1:
        raise ValueError("give a share from 0 to 1")
    return float(raw)


def interval(raw: Any) -> float:
    if not (seconds := duration(raw)):
        raise ValueError("give a duration above 0, as 30s, 15m or 2h")
    return seconds


def flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("use true or false")
    return raw


def day(raw: Any) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        return date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise ValueError("give a day as 2026-12-01") from None


def path(raw: Any) -> str:
    if not Path(text(raw)).is_absolute():
        raise ValueError("give an absolute path")
    return str(raw)


def mail_server(raw: Any) -> str:
    if text(raw):
        server(raw)
    return str(raw)


def mail(raw: Any) -> str:
    return mail_address(raw) if text(raw) else ""


def language(raw: Any) -> str:
    if text(raw) not in ("fr", "en"):
        raise ValueError("use 'fr' or 'en'")
    return str(raw)


def timezone(raw: Any) -> str:
    try:
        zoneinfo.ZoneInfo(text(raw))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("this time zone is not known") from None
    return str(raw)


def one_of(kind: str, raw: Any) -> str:
    words = kind.split("|")
    if text(raw) not in words:
        raise ValueError("use " + " or ".join(f"'{word}'" for word in words))
    return str(raw)


def columns(raw: Any) -> dict[str, tuple[str, ...]]:
    """What is not said keeps its default."""
    from syncd.config.model import COLUMNS
    from syncd.core.client_register import CLIENT_FIELDS, PERSON_FIELDS, mapped

    if not isinstance(raw, dict):
        raise ValueError('write it as the table [intake.columns], with dossiers = ["code", "name"]')
    found = dict(COLUMNS)
    for name, fields in raw.items():
        if name not in COLUMNS:
            raise ValueError(f"'{name}' is no file of the robot's: {', '.join(COLUMNS)}")
        found[name] = texts(fields)
        if name == "par":
            for line in found[name]:
                mapped(line)
            continue
        known = CLIENT_FIELDS if name == "dossiers" else PERSON_FIELDS
        if {*found[name]} - {*known, ""} or known[0] not in found[name]:
            raise ValueError(f'{name} has {", ".join(known)}, of which {known[0]} is needed; "" is a column to skip')
    return found


KINDS: dict[str, Callable[[Any], Any]] = {
    "text": text,
    "texts": texts,
    "patterns": patterns,
    "times": times,
    "count": count,
    "share": share,
    "duration": duration,
    "interval": interval,
    "flag": flag,
    "date": day,
    "path": path,
    "url": lambda raw: str(safe(text(raw))),
    "smtp": mail_server,
    "mail": mail,
    "mails": lambda raw: tuple(mail_address(t) for t in texts(raw)),
    "calendar": lambda raw: calendar(text(raw)),
    "bandwidth": lambda raw: bandwidth(text(raw)),
    "language": language,
    "timezone": timezone,
    "columns": columns,
}


def value(kind: str, raw: Any) -> Any:
    """`kind`: of KINDS, or words separated by '|'."""
    return KINDS[kind](raw) if kind in KINDS else one_of(kind, raw)


def from_variable(kind: str, raw: str) -> Any:
    """What a variable of the environment says, as the file would have it: lists by commas."""
    if kind in ("texts", "times", "patterns", "mails"):
        return [part.strip() for part in raw.split(",") if part.strip()]
    if kind == "flag" and raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    if kind == "columns":
        raise ValueError("write it into the file, as the table [intake.columns]")
    if kind in ("count", "share"):
        try:
            return float(raw) if "." in raw else int(raw)
        except ValueError:
            raise ValueError("give a number") from None
    return raw
