"""Where a mail server is, as the configuration says it. Alone, so that reading a configuration loads no SMTP."""

from __future__ import annotations

from urllib.parse import urlsplit

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def address(url: str) -> tuple[str, str, int]:
    """(scheme, host, port). Raises ValueError with what to write instead."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username:
        raise ValueError("write it as smtp://host:25, smtp+starttls://host:587 or smtps://host:465")
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]
