"""A configuration that cannot be read keeps the service from starting: people are told all the same, with the line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from syncd.cli import watch
from syncd.cli.group import cli
from syncd.config import last_good
from tests.e2e.mail_server import Sink, text_of
from tests.service.test_notifier import CONFIG

UNREADABLE = {
    "a quote is missing": lambda text: text.replace('root = "', "root = ", 1),
    "an unknown key": lambda text: text.replace("[mail]", "[mail]\nstmp = 'geheim'", 1),
    "a wrong value": lambda text: text + "\n[schedule]\nmax_duration = 'geheim: viel'\n",
    "gone": None,
}


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.close()


@pytest.fixture
def config(tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a service that worked once."""
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir(mode=0o700)
    path = tmp_path / "syncd.toml"
    path.write_text(CONFIG.format(tmp_path).replace("smtp://127.0.0.1:1", sink.url))
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))  # as systemd says it

    async def serve(ctx: Any, config: Any, say: Any) -> tuple[int, Any]:
        return 143, config

    monkeypatch.setattr(watch, "_serve", serve)
    monkeypatch.setattr("syncd.cli.service_log.log_to", lambda *_, **__: lambda *_, **__: None)
    assert syncd(path, "watch").return_value == 143
    return path


def syncd(path: Path, *args: str) -> Result:
    return CliRunner().invoke(cli, ["--config", str(path), *args], standalone_mode=False)


def spoil(config: Path, how: Any) -> None:
    if how is None:
        config.unlink()
    else:
        broken = how(config.read_text())
        assert broken != config.read_text()
        config.write_text(broken)


@pytest.mark.parametrize("how", list(UNREADABLE.values()), ids=list(UNREADABLE))
def test_the_unit_that_tells_of_the_end_says_which_line(config: Path, sink: Sink, how: Any) -> None:
    assert syncd(config, "mail", "stopped").return_value == 0
    (plain,) = sink.to("direction@cabinet-martin.fr")
    assert "Prévenez la personne qui s'occupe du serveur" in text_of(plain)
    spoil(config, how)
    done = syncd(config, "mail", "stopped")
    assert done.return_value == 0, done.exception
    told = text_of(sink.to("direction@cabinet-martin.fr")[-1])
    assert "fichier de configuration ne peut pas être lu" in told and "syncd.toml" in told and "geheim" not in told
    assert how is None or "syncd.toml:" in told


def test_without_such_a_unit_the_service_tells_itself_once(
    config: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = config.read_text()
    spoil(config, UNREADABLE["an unknown key"])
    for _ in range(3):  # a task, or Windows, starts it again and again
        assert syncd(config, "watch").exception is not None
    assert len(sink.to("direction@cabinet-martin.fr")) == 1
    spoil(config, UNREADABLE["a wrong value"])
    assert syncd(config, "watch").exception is not None
    assert len(sink.to("direction@cabinet-martin.fr")) == 2
    config.write_text(whole)
    assert syncd(config, "watch").return_value == 143
    spoil(config, UNREADABLE["a wrong value"])
    assert syncd(config, "watch").exception is not None
    assert len(sink.to("direction@cabinet-martin.fr")) == 3
    monkeypatch.setenv("INVOCATION_ID", "x")  # systemd's: its unit tells
    spoil(config, UNREADABLE["an unknown key"])
    assert syncd(config, "watch").exception is not None
    assert len(sink.to("direction@cabinet-martin.fr")) == 3


@pytest.mark.parametrize("said", ["as written", "unreadable"])
def test_the_state_is_found_without_a_service_manager(config: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.delenv("STATE_DIRECTORY")
    spoil(config, UNREADABLE["a quote is missing" if said == "unreadable" else "an unknown key"])
    found = last_good.find(config)
    assert found is not None and found[1] == config.parent / "state" and found[0].mail.smtp


def test_what_is_kept_is_the_services_alone_and_of_that_state(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = config.parent / "state" / last_good.NAME
    assert kept.read_text() == config.read_text()
    if os.name == "posix":
        assert kept.stat().st_mode & 0o077 == 0
    kept.write_text(kept.read_text().replace("/state", "/elsewhere"))  # another's: copied here by hand
    monkeypatch.setenv("SYNCD_SCHEDULE_INTERVAL", "0")  # a wrong variable is a mistake too
    assert last_good.find(config) is None
