"""`syncd init` on a terminal."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from syncd.core.errors import Refused, Unreachable

init: Any = importlib.import_module("syncd.cli.init")  # the package names its command so
operation: Any = importlib.import_module("syncd.operations.init")


@pytest.mark.parametrize("fault", [Refused("key", "The portal refuses the key."), Unreachable("No answer.")], ids=repr)
def test_a_key_that_is_refused_is_asked_for_again_and_another_fault_does_not_cost_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    async def met(config: object) -> None:
        raise fault

    monkeypatch.setattr(operation, "_met", met)
    monkeypatch.setattr(init, "on_terminal", lambda: True)
    key = tmp_path / "own" / "key"
    words = [
        "--root",
        tmp_path / "r",
        "--state",
        tmp_path / "s",
        "--logs",
        tmp_path / "l",
        "--portal",
        "https://p.example.fr",
    ]
    words += ["--token-file", key, "--out", tmp_path / "syncd.toml"]
    done = CliRunner().invoke(init.init, list(map(str, words)), input="a-key-of-the-portal\n")
    assert done.exception is fault, done.output
    assert key.exists() is isinstance(fault, Unreachable)
    key.unlink(missing_ok=True)
    key.parent.mkdir(exist_ok=True)
    key.write_text("somebody's own file")
    assert CliRunner().invoke(init.init, list(map(str, words))).exception is fault
    assert key.exists(), "nobody's file is taken away"
