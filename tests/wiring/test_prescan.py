"""What begins before the command line and the configuration are read: the same as they will say, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.config.load import load
from syncd.config.location import mirror_in
from syncd.core.protocol import ClientState
from syncd.state.store import open_store
from syncd.wiring import prescan

HOW = b"as it looked.."


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A mirror with one client that had nothing to do."""
    (tmp_path / "state").mkdir()
    state = open_store(tmp_path / "state")
    state.clients.put(ClientState("a", "001", "SARL Dupont", 1))
    state.clients.set_dir("a", "001 - Dupont")
    state.clients.set_clean("a", True, HOW)
    state.close()
    path = tmp_path / "syncd.toml"
    text = "".join(f"{key} = '{tmp_path / key}'\n" for key in ("root", "state", "logs"))
    path.write_text(
        f"[mirror]\n{text}[portal]\nurl = 'https://documents.example.fr'\ntoken_file = '{tmp_path / 'key'}'\n"
    )
    return path


def _begun(args: list[str], environ: dict[str, str] | None = None) -> bool:
    with prescan.looking(args, environ or {}) as looks:
        return looks is not None


@pytest.mark.parametrize("options", [[], ["--json"], ["--dry-run"], ["--max-duration=30m"]])
def test_a_run_over_the_whole_cabinet_is_looked_ahead_of(config: Path, options: list[str]) -> None:
    for args in (["--config", str(config), "run"], [f"--config={config}", "run"]):
        assert _begun(args + options)
    assert _begun(["run", *options], {"SYNCD_CONFIG": str(config)})


@pytest.mark.parametrize(
    "args", [["run", "001"], ["run", "--json", "001"], ["run", "--help"], ["status"], ["-h"], [], ["client", "run"]]
)
def test_nothing_begins_ahead_of_any_other_command(config: Path, args: list[str]) -> None:
    assert not _begun(["--config", str(config), *args]) and not _begun(args, {"SYNCD_CONFIG": str(config)})


def test_it_looks_at_the_mirror_that_the_configuration_is_of(config: Path, tmp_path: Path) -> None:
    environ = {"SYNCD_MIRROR_ROOT": str(tmp_path / "other")}
    for given in ({}, environ):
        mirror = load(config, given).mirror
        assert mirror_in(config, given) == (mirror.root, mirror.state)
        with prescan.looking(["--config", str(config), "run"], given) as looks:
            assert looks is not None and looks.about(mirror.root, {"001 - Dupont": HOW})
            assert not looks.about(mirror.root, {"001 - Dupont": b"otherwise....."})


@pytest.mark.parametrize("text", ["[mirror", "root = 1", "mirror = 1", "[mirror]\nroot = 1\nstate = 2", "[mirror]\n"])
def test_what_is_wrong_with_a_configuration_is_said_later(tmp_path: Path, text: str) -> None:
    path = tmp_path / "syncd.toml"
    path.write_text(text)
    assert not _begun(["--config", str(path), "run"]) and not _begun(["--config", str(tmp_path / "none"), "run"])
    path.write_bytes(b"\xff")
    assert not _begun(["--config", str(path), "run"])
