"""The lists that prove a bag: BagIt's, and `SHA256SUMS` for `sha256sum -c`. They write the same name differently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST, TAG_MANIFEST, SUMS = "manifest-sha256.txt", "tagmanifest-sha256.txt", "SHA256SUMS"
Sum = tuple[str, str]  # SHA-256 as hex, and the place inside the bag


def manifest(sums: Iterable[Sum]) -> bytes:
    """RFC 8493, 2.1.3: the percent sign and line breaks are percent-encoded, nothing else is."""
    return b"".join(f"{digest}  {_percent(place)}\n".encode() for digest, place in sums)


def checksums(sums: Iterable[Sum]) -> bytes:
    """What coreutils write and read: a name with a backslash or a line break is escaped, and its line begins with one."""
    return b"".join(_sum(digest, place).encode() for digest, place in sums)


def info(fields: Mapping[str, str]) -> bytes:
    """`bag-info.txt`: a line per field; what has no value is left out."""
    return b"".join(f"{name}: {' '.join(value.split())}\n".encode() for name, value in fields.items() if value.strip())


def _percent(place: str) -> str:
    return place.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _sum(digest: str, place: str) -> str:
    escaped = place.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{'' if escaped == place else chr(92)}{digest}  {escaped}\n"
