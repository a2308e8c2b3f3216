"""A line that breaks is asked for less, one that holds for more again."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.core.errors import SyncdError, Unreachable
from syncd.engine.apply.batch_size import LEAST, bounded
from syncd.engine.context import BATCH_BYTES
from syncd.state.store import Store, open_store


def _most(store: Store, error: SyncdError | None = None) -> int:
    """What the next run is bounded by, and what becomes of it."""
    try:
        with bounded(store) as most:
            if error is not None:
                raise error
    except SyncdError as e:
        assert e is error
    return most


def test_less_after_it_broke_down_to_a_least_and_more_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    broken = [_most(store, Unreachable("The line broke.")) for _ in range(6)]
    assert broken == [16_000_000, 4_000_000, 1_000_000, LEAST, LEAST, LEAST]
    held = [_most(store) for _ in range(8)]
    assert held[:3] == [LEAST, 2 * LEAST, 4 * LEAST] and held[-1] == BATCH_BYTES
    store.close()


def test_what_the_line_has_no_part_in_changes_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    _most(store, SyncdError("The disk failed."))
    assert _most(store) == BATCH_BYTES
    with pytest.raises(KeyboardInterrupt), bounded(store):
        raise KeyboardInterrupt
    assert _most(store) == BATCH_BYTES
    store.close()
