"""Documents cross, both ways, over a line that never carries a whole batch."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.e2e.breaking_connection import BreakingLine
from tests.e2e.world import World

AFTER = 1_500_000
DOCUMENTS = {f"Achats/{n}.pdf": 400_000 for n in range(12)} | {"Achats/scan.pdf": 4_000_000}
RUNS = 8


@pytest.fixture
def line(world: World) -> Iterator[BreakingLine]:
    made = BreakingLine(world.url, AFTER)
    world.env["SYNCD_PORTAL_URL"] = made.url
    yield made
    made.close()


def _until_done(world: World) -> None:
    for _ in range(RUNS):
        done = world.run()
        assert done.code in (0, 6), done.out + done.err
        if done.code == 0:
            return
    raise AssertionError(f"not done after {RUNS} runs")


def test_what_is_published_arrives(world: World, line: BreakingLine) -> None:
    for path, size in DOCUMENTS.items():
        world.write(path, os.urandom(size))
    _until_done(world)
    assert line.breaks
    assert {path: row["size"] for path, row in world.online().items()} == DOCUMENTS
    line.after = None
    assert world.run().idle and world.syncd("verify").code == 0


def test_what_is_deposited_arrives(world: World, line: BreakingLine) -> None:
    for path, size in DOCUMENTS.items():
        world.put(path, os.urandom(size))
    _until_done(world)
    assert line.breaks
    assert {path: len(data) for path, data in world.here().items()} == DOCUMENTS
    line.after = None
    assert world.run().idle and world.syncd("verify").code == 0
