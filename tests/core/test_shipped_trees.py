"""What the shipped templates have in common."""

from __future__ import annotations

import pytest

from syncd.core.folder_rules import ClientRules, Direction, refuse
from syncd.disk import template_files


@pytest.mark.parametrize("name", template_files.shipped())
def test_entries_cross_both_ways_whatever_their_size(name: str) -> None:
    rules = ClientRules("001", template_files.load(name).folders)
    rule = rules.rule("Écritures")
    assert rule is not None and rule.kind == "ecritures"
    assert rules.folder_direction("Écritures") is Direction.BOTH
    for entries in ("Écritures/2026-11.DEX", "Écritures/2026-11.ecr"):
        assert refuse(rules, entries, 4_000_000_000) is None
    assert refuse(rules, "Écritures/facture.pdf", 1000) is not None
