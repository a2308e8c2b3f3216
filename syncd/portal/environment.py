"""What the environment says of the portal: how people reach it, and which mail server it has. Wrong values are said by
`serve`, all at once; until then they count as not given."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from syncd.core import untrusted_numbers, web_address
from syncd.core.mail_address import Server, mail_address, server
from syncd.core.plain_text import decoded
from syncd.core.web_address import Address

HERE = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Public:
    """`address`: what people know the portal by; `hosts`: names it answers to; `given`: whether anybody said the address."""

    address: Address
    hosts: tuple[str, ...]
    given: bool


def public(environ: Mapping[str, str] = os.environ) -> Public:
    """SYNCD_PORTAL_URL; without it https and the first name of SYNCD_PORTAL_HOSTS; without both, this machine."""
    names = [h.strip().lower() for h in environ.get("SYNCD_PORTAL_HOSTS", "").split(",")]
    others = [h for h in names if h and h not in HERE]
    given = True
    try:
        found = web_address.safe(environ.get("SYNCD_PORTAL_URL", ""))
    except ValueError:
        given = False
        try:
            found = web_address.safe(f"https://{next(h for h in others if h[0] not in '.*')}")
        except (ValueError, StopIteration):
            found = web_address.safe("http://127.0.0.1:8080")
    host = f"[{found.host}]" if ":" in found.host else found.host
    return Public(found, tuple(dict.fromkeys([*HERE, host, *others])), given)


def reserve(environ: Mapping[str, str] = os.environ) -> int:
    """SYNCD_PORTAL_RESERVE: bytes of the disk that stay free; 1 GB without it."""
    given = untrusted_numbers.number(environ.get("SYNCD_PORTAL_RESERVE", ""))
    return 1_000_000_000 if given is None else given


def connections_per_address(environ: Mapping[str, str] = os.environ) -> int | None:
    """SYNCD_PORTAL_CONNECTIONS_PER_ADDRESS; None: the share that the process gives."""
    return untrusted_numbers.number(environ.get("SYNCD_PORTAL_CONNECTIONS_PER_ADDRESS", "")) or None


def mail(environ: Mapping[str, str] = os.environ) -> Server | None:
    """SYNCD_PORTAL_SMTP; None: the portal sends nothing. A password never goes out as it is typed."""
    try:
        found = server(environ.get("SYNCD_PORTAL_SMTP", ""))
    except ValueError:
        return None
    return found if found.private or not environ.get("SYNCD_PORTAL_SMTP_USER") else None


def password(environ: Mapping[str, str] = os.environ) -> str:
    """Of the mail server, from the file; '' without one, or when it cannot be read."""
    try:
        return _password(environ)
    except (OSError, ValueError):
        return ""


def _password(environ: Mapping[str, str]) -> str:
    path = environ.get("SYNCD_PORTAL_SMTP_PASSWORD_FILE", "")
    return decoded(Path(path).read_bytes()).strip() if path else ""


def faults(environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Each wrong variable in one sentence."""
    if given := environ.get("SYNCD_PORTAL_URL", ""):
        try:
            if web_address.safe(given).path:
                yield f"SYNCD_PORTAL_URL = {given!r}: the portal has its own name, without a path behind it."
        except ValueError as e:
            yield f"SYNCD_PORTAL_URL = {given!r}: {e}."
    yield from _mail_faults(environ)
    if not _zone_exists(given := environ.get("SYNCD_PORTAL_TIMEZONE", "")):
        yield f"SYNCD_PORTAL_TIMEZONE = {given!r}: this time zone is not known; write it as Europe/Paris."
    if (given := environ.get("SYNCD_PORTAL_RESERVE", "")) and untrusted_numbers.number(given) is None:
        yield f"SYNCD_PORTAL_RESERVE = {given!r}: give a number of bytes, as 1000000000."
    if (given := environ.get("SYNCD_PORTAL_CONNECTIONS_PER_ADDRESS", "")) and not untrusted_numbers.number(given):
        yield f"SYNCD_PORTAL_CONNECTIONS_PER_ADDRESS = {given!r}: give a number of connections, as 500."
    if (given := environ.get("SYNCD_PORTAL_QUIET", "")) and _seconds(given) is None:
        yield f"SYNCD_PORTAL_QUIET = {given!r}: give seconds, as 300."
    if (given := environ.get("SYNCD_PORTAL_FULL_TEXT", "yes")) not in ("yes", "no"):
        yield f"SYNCD_PORTAL_FULL_TEXT = {given!r}: give yes or no."
    if (given := environ.get("SYNCD_PORTAL_PLATFORMS_HERE", "no")) not in ("yes", "no"):
        yield f"SYNCD_PORTAL_PLATFORMS_HERE = {given!r}: give yes or no."


def _mail_faults(environ: Mapping[str, str]) -> Iterator[str]:
    if given := environ.get("SYNCD_PORTAL_SMTP", ""):
        try:
            if not server(given).private and environ.get("SYNCD_PORTAL_SMTP_USER"):
                yield "SYNCD_PORTAL_SMTP: a password goes over smtps:// or smtp+starttls:// only."
        except ValueError as e:
            yield f"SYNCD_PORTAL_SMTP = {given!r}: {e}."
        try:
            _password(environ)
        except (OSError, ValueError) as e:
            where = environ.get("SYNCD_PORTAL_SMTP_PASSWORD_FILE", "")
            yield f"SYNCD_PORTAL_SMTP_PASSWORD_FILE: '{where}' cannot be read ({getattr(e, 'strerror', None) or e})."
    if given := environ.get("SYNCD_PORTAL_MAIL_FROM", ""):
        try:
            mail_address(given)
        except ValueError as e:
            yield f"SYNCD_PORTAL_MAIL_FROM = {given!r}: {e}."


def quiet(environ: Mapping[str, str] = os.environ) -> float:
    """SYNCD_PORTAL_QUIET, seconds."""
    found = _seconds(environ.get("SYNCD_PORTAL_QUIET", ""))
    return 300.0 if found is None else found


def full_text(environ: Mapping[str, str] = os.environ) -> bool:
    """SYNCD_PORTAL_FULL_TEXT: whether documents are found by what they say; yes without it."""
    return environ.get("SYNCD_PORTAL_FULL_TEXT", "yes") != "no"


def platforms_here(environ: Mapping[str, str] = os.environ) -> bool:
    """SYNCD_PORTAL_PLATFORMS_HERE: whether an approved platform may be one of this machine's, over http (for tests alone)."""
    return environ.get("SYNCD_PORTAL_PLATFORMS_HERE", "no") == "yes"


def _seconds(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if 0 <= found <= 7 * 86400 else None


def timezone(environ: Mapping[str, str] = os.environ) -> str:
    """SYNCD_PORTAL_TIMEZONE."""
    given = environ.get("SYNCD_PORTAL_TIMEZONE", "")
    return given if given and _zone_exists(given) else "Europe/Paris"


def _zone_exists(name: str) -> bool:
    if not name:
        return True
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
