"""Two thousand histories in bad weather (storm.py), and a loss of power at every step of a run, unsynced writes gone.

`SYNCD_STORMS` sets how many; seeds are fixed, so that a failure is the same for everybody: `./scripts/fuzz SEED`.
"""

from __future__ import annotations

import collections
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.simulation import storm
from tests.simulation.engine_in_memory import fresh_state
from tests.simulation.test_crashes import a_chain, everything_at_once, taken_names, two_names_swapped

STORMS = int(os.environ.get("SYNCD_STORMS", "2000"))
PARTS = 10


@pytest.fixture(autouse=True)
def _without_threads() -> Iterator[None]:
    patch = storm.without_threads()
    yield
    patch.undo()


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_the_weather_nothing_is_lost_and_both_sides_come_together(part: int) -> None:
    counts: collections.Counter[str] = collections.Counter()
    for seed in range(part, STORMS, PARTS):
        why = storm.fails(seed, counts)
        assert not why, f"./scripts/fuzz {seed}\n{why}"
    assert counts["contents lost"] == 0 and counts["contents tracked"]
    if STORMS >= 2000:  # the weather was bad indeed
        assert (
            counts["looked the same"] > 50
            and counts["walked ahead"] > 50
            and counts["crashes"] > 50
            and counts["people in a run"] > 50
            and counts["answers lost"] > 5
        )
        assert {k for k in counts if k.startswith("put back")} >= {
            "put back: portal",
            "put back: mirror",
            "put back: state",
        }
        kinds = {k.removeprefix("neighbour: ") for k in counts if k.startswith("neighbour: ")}
        assert kinds == {"link", "fifo", "marker", "folder", "engine", "client", "leaves"}


def _put_back(lab: storm.Storm, which: str) -> None:
    before = lab.counts[f"put back: {which}"]  # of the storms before this one
    while lab.counts[f"put back: {which}"] == before:
        lab.put_back()


def a_mirror_from_a_backup(lab: storm.Storm) -> None:
    everything_at_once(lab)
    lab.mirror_copy = None
    lab.rng = random.Random(1)
    while lab.mirror_copy is None:
        lab.back_up()
    lab.storm_run()
    lab.storm_run()
    _put_back(lab, "mirror")


def a_portal_from_a_backup(lab: storm.Storm) -> None:
    lab.rng = random.Random(2)
    while lab.portal_copy is None:
        lab.back_up()
    everything_at_once(lab)
    lab.storm_run()
    lab.storm_run()
    _put_back(lab, "portal")


def a_lost_state(lab: storm.Storm) -> None:
    everything_at_once(lab)
    lab.storm_run()
    lab.portal.remove(lab.clients["001"], "Ventes/new.pdf")
    lab.deleted_ever |= set(lab.portal.spaces[lab.clients["001"]].docs)
    lab.state.close()
    lab.state = fresh_state()


@pytest.mark.parametrize(
    "history",
    [
        two_names_swapped,
        a_chain,
        everything_at_once,
        taken_names,
        a_mirror_from_a_backup,
        a_portal_from_a_backup,
        a_lost_state,
    ],
)
def test_power_lost_at_every_step_of_a_run(history: Callable[[storm.Storm], None], tmp_path: Path) -> None:
    """Every step is a call of the mirror, a request, its answer, or a commit; each is the last one once."""
    steps = 0
    kinds: collections.Counter[str] = collections.Counter()
    while True:
        steps += 1
        lab = storm.Storm(tmp_path / str(steps), random.Random(5), kinds)
        lab.people_chance = lab.network_chance = lab.disk_chance = 0.0
        lab.storm_run()
        history(lab)
        lab.steps, lab.crash_at = 0, steps
        lab.storm_run()
        crashed = lab.steps >= steps
        lab.crash_at = 0
        try:
            lab.calm()
        except AssertionError as e:
            raise AssertionError(f"power lost at step {steps}: {e}") from e
        lab.close()
        if not crashed:
            break
    assert steps > 8 and {k.removeprefix("crash at ") for k in kinds if k.startswith("crash at")} >= {
        "commit",
        "scan",
        "hello: answer",
    }
