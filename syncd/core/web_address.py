"""An address of the web, taken apart once: whatever decides by it asks the parts, never the beginning of a text."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

import msgspec

_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?")
EXAMPLE = "give an address as https://documents.example.fr"


class Address(msgspec.Struct, frozen=True):
    """`scheme`: https or http; `host`: lower case, ASCII, without brackets; `path`: '' or beginning with '/', no '/' at its end."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def secure(self) -> bool:
        return self.scheme == "https"

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def origin(self) -> str:
        """As browsers send it: without path, the usual port left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == _PORTS[self.scheme] else f":{self.port}")

    def __str__(self) -> str:
        return self.origin + self.path


def parse(text: str) -> Address:
    """However a word processor or a hand wrote it. Raises ValueError with what to write instead."""
    text = text.strip(" \t\r\n\u00a0\u202f\u200b\ufeff")
    if any(c.isspace() or not c.isprintable() or c in '\\<>"' for c in text):
        raise ValueError(f"{EXAMPLE}, without spaces or signs inside")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        if ":" in host:
            host = str(ipaddress.IPv6Address(host))
        else:
            host = (host if host.isascii() else host.encode("idna").decode()).lower()
    except ValueError:  # the port, the brackets, a label too long
        raise ValueError(f"{EXAMPLE}, the port being a number up to 65535") from None
    if parts.scheme not in _PORTS or not host or "@" in parts.netloc or "?" in text or "#" in text:
        raise ValueError(EXAMPLE)
    if port == 0 or (":" not in host and not _HOST.fullmatch(host)) or ".." in host:
        raise ValueError(EXAMPLE)
    return Address(parts.scheme, host, port or _PORTS[parts.scheme], parts.path.rstrip("/"))


def safe(text: str) -> Address:
    """`https://…`, or `http://` for this machine only. Raises ValueError."""
    found = parse(text)
    if not found.secure and not found.loopback:
        raise ValueError("http:// is accepted for this machine only (127.0.0.1); use https://")
    return found


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
