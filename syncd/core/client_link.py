"""« Espace client en ligne.url »: what it says, as Windows reads such a file, and how one of ours is told from a person's."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

NAME = "Espace client en ligne.url"
LARGEST = 2_000  # bytes; a longer one is nobody's of ours
_OURS = re.compile(rb"\[InternetShortcut\]\r\nURL=https?://[!-~]+/c/[0-9a-f]{32}\r\n")


def shortcut(portal: str, client: str) -> bytes:
    """Of a client's space by its id, at the portal's address. ASCII alone: a name with accents as it is asked for (punycode)."""
    parts = urlsplit(portal)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host.encode("idna").decode()
    port = f":{parts.port}" if parts.port else ""
    base = f"{parts.scheme}://{host}{port}{quote(parts.path.rstrip('/'), safe='/%')}"
    return f"[InternetShortcut]\r\nURL={base}/c/{client}\r\n".encode("ascii")


def is_ours(data: bytes) -> bool:
    """Whether the engine wrote it, for whatever portal and client: nobody added a line to it."""
    return _OURS.fullmatch(data) is not None
