"""The rows that every disk and system is tried with (tests/rows), told to an engine on Windows."""

from __future__ import annotations

import os

import pytest

from tests.e2e.world import World
from tests.rows import basic, extra
from tests.rows.row import BASIC, ROWS, Row
from tests.windows import rows

assert basic and extra
pytestmark = pytest.mark.e2e
EVERY = bool(os.environ.get("SYNCD_EVERY"))  # ./scripts/test-windows; the test run tells the basic ones
TOLD = [r for r in ROWS if r.needs != "mount" and (EVERY or r.kind == BASIC)]


def _marked(row: Row) -> object:
    weaker = rows.WINE_ROWS.get(row.name)
    return pytest.param(row, id=row.name, marks=[pytest.mark.skip(reason=weaker)] if weaker else [])


@pytest.mark.parametrize("row", [_marked(r) for r in TOLD])
def test_row(world: World, row: Row) -> None:
    instead = row.tell(world)
    assert not instead, f"a weaker rule: {instead}"
