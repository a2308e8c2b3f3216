"""`syncd service`: what the system's keeper of services is told, as far as it can be asked anywhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from syncd.cli import service
from syncd.cli.group import cli
from syncd.cli.service_manager import systemd_units, windows_service
from syncd.cli.service_manager.windows_event_log import (
    ERROR,
    INFORMATION,
    OVER,
    STARTED,
    STOPPED,
    TROUBLE,
    WARNING,
    EventLog,
)
from syncd.config.load import loads
from syncd.core.errors import UsageError

LINES = list[tuple[str, int, str]]


def journal() -> tuple[EventLog, LINES]:
    lines: LINES = []
    return EventLog(lambda kind, number, text: lines.append((kind, number, text))), lines


def test_trouble_that_stands_is_one_line_and_its_end_another() -> None:
    told, lines = journal()
    told("started", root="D:\\Clients", portal="https://p.example")
    for _ in range(3):
        told("pass", why="full", verdict="abandoned", error="The disk failed.")
    told("pass", why="full", verdict="abandoned", error="The root is away.")
    told("portal_away", error="no answer")
    told("portal_away", error="no answer")
    told("portal_back")
    told("mail_failed", error="refused")
    told("mail_failed", error="refused")
    told("pass", why="full", verdict="warning")
    told("pass", why="full", verdict="done")
    told("stopped", code=143)
    assert [(kind, number) for kind, number, _ in lines] == [
        (INFORMATION, STARTED), (ERROR, TROUBLE), (ERROR, TROUBLE), (WARNING, TROUBLE), (INFORMATION, OVER),
        (WARNING, TROUBLE), (INFORMATION, OVER), (INFORMATION, STOPPED),
    ]  # fmt: skip
    assert lines[1][2] == "The disk failed." and lines[2][2] == "The root is away." and "root is away" in lines[6][2]


def test_a_pass_that_ends_since_the_service_was_asked_to_is_no_trouble_and_no_end_of_one() -> None:
    told, lines = journal()
    told("pass", why="full", verdict="error")
    told("pass", why="events", verdict="abandoned")
    told("stopped", code=143)
    assert [(kind, number) for kind, number, _ in lines] == [(ERROR, TROUBLE), (INFORMATION, STOPPED)]


def test_an_end_with_a_fault_is_an_error() -> None:
    told, lines = journal()
    told("stopped", code=1)
    assert lines[0][:2] == (ERROR, STOPPED) and "code 1" in lines[0][2]


def test_the_program_of_a_service_is_quoted_whatever_its_path() -> None:
    line = windows_service.command_line(
        [r"C:\Program Files\syncd\syncd.exe", "--config", r"C:\Program Data\s.toml", "service", "host"]
    )
    assert line == r'"C:\Program Files\syncd\syncd.exe" --config "C:\Program Data\s.toml" service host'
    assert windows_service.command_line([r"C:\syncd.exe", "x"]).startswith('"')


def test_a_services_account_has_the_number_that_windows_makes_of_its_name() -> None:
    known = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"  # documented by Microsoft
    assert windows_service.number_of("TrustedInstaller") == windows_service.number_of("trustedinstaller") == known


def test_where_no_syncd_is_to_be_found_the_program_is_this_python_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(sys, "argv", ["/somewhere/pytest"])
    assert service._program() == [sys.executable, "-m", "syncd"]
    monkeypatch.setattr(sys, "executable", "/opt/zip/syncd.exe")
    assert service._program() == ["/opt/zip/syncd.exe"]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "syncd.toml"
    root = tmp_path / "clients"
    root.mkdir()
    path.write_text(
        f'[mirror]\nroot = "{root}"\nstate = "/var/lib/syncd"\nlogs = "{tmp_path / "logs"}"\n'
        f'[portal]\nurl = "https://p.example.fr"\ntoken_file = "{tmp_path / "token"}"\n'
    )
    return path


def told(config: Path, *words: str) -> int:
    return int(cli.main(["--config", str(config), "service", *words], standalone_mode=False, obj=None) or 0)


def test_install_writes_the_unit_and_says_what_is_left(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    units = tmp_path / "units"
    units.mkdir()
    monkeypatch.setattr(systemd_units, "UNITS", units)
    monkeypatch.setattr(systemd_units, "works", lambda: False)
    assert told(config, "install") == 0
    assert "systemctl enable --now syncd" in capsys.readouterr().out
    assert f"--config {config} watch" in (units / "syncd.service").read_text()
    assert told(config, "status") == 3
    assert systemd_units.uninstall(units) and not list(units.iterdir())
    assert systemd_units.uninstall(units) == []
    with pytest.raises(UsageError, match="for Windows"):
        told(config, "install", "--account", "LocalSystem")


def test_as_root_under_systemd_it_is_enabled_and_taken_away_again(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    units, asked = tmp_path / "units", tmp_path / "asked"
    units.mkdir()
    systemctl = tmp_path / "bin" / "systemctl"
    systemctl.parent.mkdir()
    systemctl.write_text(
        f'#!/bin/sh\necho "$*" >> {asked}\n[ "$1" != show ] || printf "LoadState=loaded\\nActiveState=active\\nMainPID=12\\n"\n'
    )
    systemctl.chmod(0o755)
    monkeypatch.setattr(systemd_units, "UNITS", units)
    monkeypatch.setattr(systemd_units, "works", lambda: True)
    monkeypatch.setattr(systemd_units, "may", lambda: True)
    monkeypatch.setenv("PATH", str(systemctl.parent), prepend=":")
    assert told(config, "install") == 0 and "en marche" in capsys.readouterr().out
    assert told(config, "status") == 0 and "12" in capsys.readouterr().out
    assert systemd_units.uninstall(units)
    said = asked.read_text().splitlines()
    assert said[:2] == ["daemon-reload", "enable --now syncd.service"] and "disable --now syncd.service" in said


def test_what_the_service_manager_starts_is_nothing_for_here(config: Path) -> None:
    with pytest.raises(UsageError, match="Windows' service manager"):
        told(config, "host")


def test_the_services_account_may_use_every_path_that_the_configuration_names(config: Path) -> None:
    text = (
        config.read_text() + '[mail]\nsmtp = "smtps://m.example.fr:465"\nfrom = "s@example.fr"\nto = ["d@example.fr"]\n'
    )
    text = (
        text.replace("[portal]\n", '[portal]\nca_file = "/etc/ca.pem"\n') + 'user = "s"\npassword_file = "/etc/smtp"\n'
    )
    rights = service._rights(loads(text, "s", {}), config)
    named = set(re.findall(r'^(?:\w+_file|root|state|logs) = "(.+)"', text, flags=re.MULTILINE))
    assert len(named) == 6 and {r.path for r in rights} == {*named, str(config)}
    assert {r.path.rpartition("/")[2] for r in rights if r.write} == {"clients", "syncd", "logs"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_password_is_read_as_windows_own_editors_leave_it(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "secret.txt").write_bytes("été 2026\r\n".encode(encoding))
    assert service._password(tmp_path / "secret.txt") == "été 2026"
    (tmp_path / "secret.txt").write_bytes("été".encode("cp1252"))
    with pytest.raises(UsageError, match="save it as UTF-8"):
        service._password(tmp_path / "secret.txt")
