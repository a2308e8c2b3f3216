"""What a document holds: size and SHA-256 (RULES 1)."""

from __future__ import annotations

import msgspec

from syncd.core.wire_types import Count, Sha256


class Content(msgspec.Struct, frozen=True, gc=False):
    """Size in bytes and SHA-256 digest (32 bytes). Equal contents are equal documents' bytes, never identities."""

    size: Count
    sha256: Sha256

    @property
    def hex(self) -> str:
        return self.sha256.hex()


class Stamp(msgspec.Struct, frozen=True, gc=False):
    """What stat says of a file: hints that it changed, never proof that it did not (RULES 6). Times in ns."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
