"""What `syncd doctor` looks at: each part of an installation, one finding each, with its mend."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.config.model import Config
from syncd.core.words.doctor import CONFIGURATION
from syncd.doctor import disk, mail, portal, state_database
from syncd.doctor.finding import Finding, Level
from syncd.doctor.repair import repair

__all__ = ["Finding", "Level", "examine", "repair"]


def examine(config: Config) -> Iterator[Finding]:
    """Every finding as it is made; reads, and leaves nothing behind."""
    yield Finding("configuration", Level.OK, CONFIGURATION(config.language))
    yield from disk.examine(config)
    yield from state_database.examine(config)
    yield from portal.examine(config)
    yield from mail.examine(config)
