"""Brakes count for all processes of a portal together, and run out by themselves."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.support import databases


def test_what_is_counted_runs_out(portal: Path) -> None:
    from syncd.portal.people import counters

    assert counters.counted("a") == 0
    assert [counters.count("a", 60) for _ in range(3)] == [1, 2, 3] and counters.counted("a") == 3
    assert counters.count("b", 60) == 1
    counters.count("gone", -1 if databases.SERVER else 0.000001)
    assert counters.counted("gone") == 0
    counters.prune()
    assert counters.counted("a") == 3
    counters.remember("a", 60)
    assert counters.counted("a") == 1


def test_many_at_once_are_all_counted(shared: Path) -> None:
    if not databases.SERVER:
        pytest.skip("one process counts in its memory")
    from django.db import connection

    from syncd.portal.people import counters

    found: list[int] = []

    def one() -> None:
        try:
            for _ in range(10):
                found.append(counters.count("many", 60))
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 61)) and counters.counted("many") == 60
