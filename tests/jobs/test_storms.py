"""A sample of histories in which scanners, a migration and people work at once (storm.py); more: `./scripts/fuzz --jobs`."""

from __future__ import annotations

import collections
import os

import pytest

from tests.jobs import storm as jobs
from tests.simulation import storm

STORMS = int(os.environ.get("SYNCD_JOB_STORMS", "28"))
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_scanners_a_migration_and_people_at_once(part: int) -> None:
    counts: collections.Counter[str] = collections.Counter()
    for seed in range(part, STORMS, PARTS):
        why = storm.fails(seed, counts, played=jobs.play)
        assert not why, f"./scripts/fuzz --jobs {seed}\n{why}"
    assert counts["contents lost"] == 0 and counts["owed"] and counts["scans taken"] and counts["launches"]
