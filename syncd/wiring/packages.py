"""The disk of a company's own directory, for exchange packages."""

from __future__ import annotations

from pathlib import Path

from syncd.local.mirror import DiskMirror
from syncd.ports.local import Mirror


def company_mirror(at: Path, settle: float) -> Mirror:
    """Over the directory that `at` lies in: `at` is its one client's."""
    return DiskMirror(str(at.parent), (), settle)
