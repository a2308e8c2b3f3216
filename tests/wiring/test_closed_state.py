"""A command closes the state that it opened, however early it ends."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from syncd.cli import main
from syncd.state.store import Store, open_store
from tests.service.test_notifier import CONFIG


@pytest.mark.parametrize("command", ["verify", "restore 001", "doctor --repair", "retrieve 001 --yes --to {}"])
@pytest.mark.parametrize("bound", [False, True], ids=["no cabinet", "no key"])
def test_a_command_that_ends_before_it_begins_closes_the_state(
    command: str, bound: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the state and the ports, the settings could not be made: what had been opened stayed open."""
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "syncd.toml").write_text(CONFIG.format(tmp_path))
    store = open_store(tmp_path / "state")
    if bound:
        store.progress.change(cabinet="cabinet", root="r" * 32, engine="r" * 32)
    store.close()
    opened, closed = [], []
    begin, end = Store.__init__, Store.close

    def opens(self: Store, *args: object, **kwargs: object) -> None:
        begin(self, *args, **kwargs)  # type: ignore[arg-type]
        opened.append(self)

    def closes(self: Store) -> None:
        end(self)
        closed.append(self)

    monkeypatch.setattr(Store, "__init__", opens)
    monkeypatch.setattr(Store, "close", closes)
    monkeypatch.setattr(
        sys, "argv", ["syncd", "--config", str(tmp_path / "syncd.toml"), *command.format(tmp_path / "to").split()]
    )
    with pytest.raises(SystemExit):
        main()
    assert opened and {id(s) for s in opened} == {id(s) for s in closed}
