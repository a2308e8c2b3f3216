"""No exception reaches people as a traceback, and its traceback reaches a log of the engine's own."""

from __future__ import annotations

import re
import sqlite3
import sys
from pathlib import Path

import pytest

import syncd.cli
from syncd.cli import config as command
from syncd.cli.service_log import log_to
from syncd.config.load import loads
from syncd.config.model import Config
from syncd.core.errors import StateFailed
from syncd.engine import unexpected_errors as engine_faults
from syncd.state.store import open_store
from syncd.wiring import fault_log

CONFIG = """
[mirror]
root = "{0}/root"
state = "{0}/state"
logs = "{0}/logs"
[portal]
url = "http://127.0.0.1:1"
token_file = "{0}/token"
"""


@pytest.fixture
def config(tmp_path: Path) -> Config:
    for name in ("root", "state", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "syncd.toml").write_text(CONFIG.format(tmp_path))
    return loads(CONFIG.format(tmp_path), "syncd.toml", {})


def trip() -> None:
    raise ZeroDivisionError("nobody thought of it")


def test_the_last_sentence_is_said_though_nothing_more_can_be_read_or_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As where the program lies in a directory that the account of now may not enter."""
    from syncd.cli.output import unexpected

    def refused(error: BaseException, state: str) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setitem(sys.modules, "syncd.engine.unexpected_errors", None)
    assert unexpected(KeyError("x")) == 1
    monkeypatch.undo()
    monkeypatch.setattr(fault_log, "write_down", refused)
    assert unexpected(KeyError("y")) == 1
    one, two = capsys.readouterr().err.splitlines()
    assert "KeyError: 'x'" in one and "ModuleNotFoundError" in one
    assert "KeyError: 'y'" in two and "Permission denied" in two
    monkeypatch.setattr(sys, "stderr", None)
    assert unexpected(KeyError("z")) == 1


def test_a_command_that_trips_says_a_sentence_and_where_the_rest_is(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["syncd", "--config", str(tmp_path / "syncd.toml"), "config", "show"])
    monkeypatch.setattr(command, "line", lambda *_: trip(), raising=False)
    monkeypatch.setattr(command, "say", lambda *_: trip(), raising=False)
    with pytest.raises(SystemExit) as end:
        syncd.cli.main()
    said, log = capsys.readouterr().err, tmp_path / "state" / "faults.log"
    assert end.value.code == 1 and "Traceback" not in said and str(log) in said and "ZeroDivisionError" in said
    assert len(said.splitlines()) == 1
    assert "Traceback" in log.read_text() and log.stat().st_mode & 0o777 == 0o600


def test_before_there_is_a_configuration_it_is_among_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("syncd.cli.output.STATE", "")
    monkeypatch.setattr(sys, "argv", ["syncd", "--version"])
    monkeypatch.setattr("syncd.cli.group.cli.main", lambda **_: trip())
    with pytest.raises(SystemExit) as end:
        syncd.cli.main()
    said = capsys.readouterr().err
    named = re.search(r"Send '([^']+)'", said)
    assert end.value.code == 1 and named and "Traceback" in Path(named[1]).read_text()


def test_what_the_engine_notes_is_in_the_states_file_and_not_shown(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Path(config.mirror.state) / fault_log.FILE
    fault_log.listen(config)
    assert not log.exists(), "made when there is something to be written"
    for _ in range(2):
        try:
            trip()
        except ZeroDivisionError as e:
            assert engine_faults.note("plan of 001", e).startswith(
                "ZeroDivisionError: nobody thought of it (test_fault_log"
            )
    assert log.read_text().count("Traceback") == 2 and log.stat().st_mode & 0o777 == 0o600
    assert capsys.readouterr() == ("", "")


def test_the_services_log_has_it_in_the_line_of_the_event(tmp_path: Path, config: Config) -> None:
    for as_json in (False, True):
        path = tmp_path / f"service-{as_json}.log"
        log_to(str(path), as_json=as_json)
        fault_log.listen(config)
        try:
            trip()
        except ZeroDivisionError as e:
            engine_faults.note("plan of 001", e)
        text = path.read_text()
        assert "plan of 001" in text and "Traceback" in text and "--- Logging error" not in text
        assert (len(text.splitlines()) == 1) is as_json
    assert not (Path(config.mirror.state) / fault_log.FILE).exists()


def test_a_state_that_another_program_holds_is_said_in_words(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.conn.execute("pragma busy_timeout = 1")
    with sqlite3.connect(tmp_path / "state.db") as other:
        other.execute("begin immediate")
        with pytest.raises(StateFailed, match="held by another program"):
            store.progress.change(resume_at="b")
        other.rollback()
    other.close()
    store.progress.change(resume_at="b")
    store.close()
