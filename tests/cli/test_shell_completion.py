"""The shell completes what only this installation knows: its clients' codes, the templates it brings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.shell_completion import ShellComplete

from syncd.cli.group import cli
from syncd.core.protocol import ClientState
from syncd.state.store import open_store
from tests.service.test_notifier import CONFIG


def completed(*words: str, last: str = "") -> list[tuple[str, Any]]:
    shell = ShellComplete(cli, {}, "syncd", "_SYNCD_COMPLETE")
    return [(item.value, item.help) for item in shell.get_completions(list(words), last)]


@pytest.fixture
def config(tmp_path: Path) -> str:
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "syncd.toml").write_text(CONFIG.format(tmp_path))
    store = open_store(tmp_path / "state")
    for code, closed in (("007868", False), ("007900", False), ("001", False), ("007000", True)):
        store.clients.put(ClientState(code, code, f"Client {code}", 1, closed))
    store.close()
    return str(tmp_path / "syncd.toml")


@pytest.mark.parametrize("command", ["run", "status", "verify", "restore", "approve", "journal"])
def test_codes_of_clients(config: str, command: str) -> None:
    wanted = [("007868", "Client 007868"), ("007900", "Client 007900")]
    assert completed("--config", config, command, last="007") == wanted
    if command == "restore":
        assert completed("--config", config, command, "-c", last="007") == wanted


def test_where_nothing_may_be_read_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNCD_CONFIG", str(tmp_path / "none.toml"))
    assert completed("run", last="0") == []
    assert completed("portal", "client", "set", str(tmp_path), last="0") == []


def test_templates() -> None:
    assert "commerce" in [value for value, _ in completed("template", "show")]
    assert completed("portal", "client", "add", "/nowhere", "001", "Name", "--template", last="sc") == [("sci", None)]
    assert ("mine.t", None) in completed("template", "show", last="mine.t")  # files are the shell's own matter
