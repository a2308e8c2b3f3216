"""A state that has every migration opens without asking the library that makes them."""

from __future__ import annotations

import sqlite3
import sys

import pytest

from syncd.state import open_store
from syncd.state.store import SCHEMA


def test_the_number_of_the_schema_is_the_number_of_its_migrations(tmp_path):
    store = open_store(tmp_path)
    (applied,) = store.conn.execute("select count(*) from _sqlite_migrations").fetchone()
    assert applied == SCHEMA == store.conn.execute("pragma user_version").fetchone()[0]


def test_a_whole_state_opens_without_the_library(tmp_path, monkeypatch):
    open_store(tmp_path).close()
    monkeypatch.setitem(sys.modules, "sqlite_utils", None)
    assert open_store(tmp_path).clients() == []


def test_an_inner_transaction_that_fails_leaves_the_outer_one_standing(tmp_path):
    store = open_store(tmp_path)
    with store.atomic():
        store.set("outer", "1")
        with pytest.raises(sqlite3.OperationalError), store.atomic():
            store.set("inner", "1")
            store.run("no statement")
        with store.atomic():
            store.set("second", "1")
    assert (store.get("outer"), store.get("inner"), store.get("second")) == ("1", "", "1")
    with pytest.raises(RuntimeError), store.atomic():
        store.set("outer", "2")
        raise RuntimeError
    assert store.get("outer") == "1" and not store.conn.in_transaction
