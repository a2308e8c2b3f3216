"""A mail server and a person's address as the configuration says them: looked at before anything depends on them."""

from __future__ import annotations

import re
from email.utils import parseaddr
from urllib.parse import urlsplit

import msgspec

from syncd.core.web_address import is_loopback

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class Server(msgspec.Struct, frozen=True):
    """`scheme`: smtp (as it comes), smtp+starttls or smtps."""

    scheme: str
    host: str
    port: int

    @property
    def private(self) -> bool:
        """Whether a password may go there: encrypted, or on this machine."""
        return self.scheme != "smtp" or is_loopback(self.host)


def server(text: str) -> Server:
    """Raises ValueError with what to write instead."""
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    clean = parts.path in ("", "/") and not parts.query and not any(c.isspace() for c in text.strip())
    if parts.scheme not in _PORTS or not host or "@" in parts.netloc or port == 0 or not clean:
        raise ValueError("write it as smtp://host:25, smtp+starttls://host:587 or smtps://host:465")
    return Server(parts.scheme, host, port or _PORTS[parts.scheme])


def mail_address(text: str) -> str:
    """`name@host`, or `Name <name@host>`, its host in ASCII. Raises ValueError.

    A host with accents has an ASCII form; a name with accents has none, and few servers take it.
    """
    text = text.strip()
    found = parseaddr(text)[1]
    name, _, host = found.rpartition("@")
    try:
        plain = host.encode("idna").decode().lower()
    except UnicodeError:
        plain = ""
    if not name.isascii():
        raise ValueError("write it as claire@cabinet-martin.fr: mail servers take no accents before the @")
    alone = text == found or text.endswith(f"<{found}>")
    dots = ".." in name or name.startswith(".") or name.endswith(".")
    labels = all(_LABEL.fullmatch(part) for part in plain.split("."))
    if not (alone and labels and _LOCAL.fullmatch(name)) or dots or not text.isprintable():
        raise ValueError("write it as claire@cabinet-martin.fr")
    return text if host.isascii() else text.replace(f"@{host}", f"@{plain}")
