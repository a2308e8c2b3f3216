"""What `syncd doctor` looks at: each part of an installation, one finding each, with its mend."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.checkup import disk, mail, memory, portal
from syncd.checkup.finding import Finding, Level
from syncd.checkup.repair import repair
from syncd.config.model import Config

__all__ = ["Finding", "Level", "examine", "repair"]


def examine(config: Config) -> Iterator[Finding]:
    """Every finding as it is made; reads, and leaves nothing behind."""
    yield Finding("configuration", Level.OK, "La configuration est valable.")
    yield from disk.examine(config)
    yield from memory.examine(config)
    yield from portal.examine(config)
    yield from mail.examine(config)
