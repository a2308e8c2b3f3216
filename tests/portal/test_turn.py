"""One at a time, on both databases; who serves is seen by whoever would be alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.portal.turn import Held, Name, Serving, served, turn_of
from tests.support import databases


def test_one_has_the_turn_until_it_lets_it_go(shared: Path) -> None:
    one, another, other = turn_of(Name.ROUNDS), turn_of(Name.ROUNDS), turn_of(Name.TEXTS)
    assert not one.mine
    one.acquire()
    other.acquire()
    assert one.mine and other.mine
    with pytest.raises(Held):
        another.acquire(0.1)
    assert not another.mine
    one.release()
    assert not one.mine
    another.acquire()
    for turn in (another, other):
        turn.release()


def test_who_serves_is_seen(shared: Path) -> None:
    assert not served()
    here = Serving()
    here.acquire()
    assert served()
    with pytest.raises(Held):
        Serving().acquire()
    here.release()
    assert not served()


def test_a_turn_ends_with_its_connection(shared: Path) -> None:
    if not databases.SERVER:
        pytest.skip("a file's lock ends with its process")
    from django.db import connection

    one, another = turn_of(Name.ROUNDS), turn_of(Name.ROUNDS)
    one.acquire()
    name = str(connection.settings_dict["NAME"])
    databases.ask("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", name)
    another.acquire(5.0)
    assert another.mine and not one.mine
    another.release()


def test_another_machine_that_serves_the_same_database_is_seen(shared: Path, tmp_path: Path) -> None:
    if not databases.SERVER:
        pytest.skip("an embedded database is of one machine")
    from django.conf import settings

    first = Serving()
    first.acquire()
    here, settings.DATA = settings.DATA, tmp_path  # as another machine has it: another directory, the same database
    try:
        assert served()
        second = Serving()
        second.acquire()
        second.release()
        assert served()
    finally:
        settings.DATA = here
    first.release()
    assert not served()
