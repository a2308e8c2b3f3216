"""Spaces that no line breaks at, and apostrophes, by a table that the scripts of pages are held to as well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from syncd.core.typography import french

TABLE: list[tuple[str, str]] = [
    (given, printed)
    for given, printed in json.loads((Path(__file__).parents[1] / "data" / "typography.json").read_text("utf-8"))
]


@pytest.mark.parametrize(("given", "printed"), TABLE)
def test_french_is_printed_with_its_spaces_and_apostrophes(given: str, printed: str) -> None:
    assert french(given) == printed
    assert french(printed) == printed
