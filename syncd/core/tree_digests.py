"""Digests by which both sides prove that they hold the same (RULES 9), and by which a listing proves itself whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from syncd.core import paths
from syncd.core.content import Content
from syncd.core.entry import RemoteDoc, RemoteFolder


def documents(held: Iterable[tuple[str, Content]]) -> tuple[int, str]:
    """Count and SHA-256 (hex) over sorted `key TAB size TAB sha256` lines of (path, content)."""
    lines = sorted(f"{paths.key(path)}\t{content.size}\t{content.hex}" for path, content in held)
    return len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()


def listing(docs: Iterable[RemoteDoc], folders: Iterable[RemoteFolder]) -> tuple[int, str]:
    """Count and SHA-256 (hex) over every line of a listing, tombstones and folders included."""
    lines = sorted(f"d\t{d.id}\t{d.path}\t{d.content.size}\t{d.content.hex}\t{d.version}\t{d.state}" for d in docs)
    lines += sorted(f"f\t{f.id}\t{f.path}" for f in folders)
    return len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest()
