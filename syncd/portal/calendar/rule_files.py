"""The rules that come with the portal: one directory for each country, a file for each tax."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from syncd.portal.calendar import rule_reader
from syncd.portal.calendar.rules import Rulebook

DIRECTORY = Path(__file__).parent / "fiscal_rules" / "fr"


@lru_cache(maxsize=1)
def shipped() -> Rulebook:
    """Raises RuleError, where somebody changed them by hand."""
    return rule_reader.joined(
        (path.name, rule_reader.parse(path.read_text(encoding="utf-8"), path.name))
        for path in sorted(DIRECTORY.glob("*.toml"))
    )
