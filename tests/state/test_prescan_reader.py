"""What is read of a state before a run has it: nothing where nothing can be said, and never a trace."""

from __future__ import annotations

from pathlib import Path

from syncd.core.protocol import ClientState
from syncd.state.file_name import FILE
from syncd.state.prescan_reader import clean_looks
from syncd.state.store import _as_left, open_store


def _made(directory: Path) -> None:
    store = open_store(directory)
    for code in ("002", "001", "003"):
        store.clients.put(ClientState(code * 2, code, "SARL Dupont", 1))
        store.clients.set_dir(code * 2, f"{code} - Dupont")
        store.clients.set_clean(code * 2, code != "003", b"as it looked")
    store.close()


def test_the_clean_clients_are_read_in_order_and_the_file_stays_as_it_was_left(tmp_path: Path) -> None:
    _made(tmp_path)
    there = sorted(p.name for p in tmp_path.iterdir())
    assert clean_looks(tmp_path) == [(f"{c} - Dupont", b"as it looked") for c in ("001", "002")]
    assert _as_left(tmp_path / FILE) and sorted(p.name for p in tmp_path.iterdir()) == there


def test_nothing_is_read_of_a_state_that_is_missing_damaged_or_being_written(tmp_path: Path) -> None:
    assert clean_looks(tmp_path) == []
    _made(tmp_path)
    store = open_store(tmp_path)
    store.progress.change(resume_at="y")
    assert clean_looks(tmp_path) == []
    store.close()
    assert len(clean_looks(tmp_path)) == 2
    (tmp_path / FILE).write_bytes(b"no database" * 1000)
    assert clean_looks(tmp_path) == []
