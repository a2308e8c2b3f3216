"""`portal.toml` says which database a portal works on; what is wrong with it is one sentence that shows no password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from syncd.core.errors import UsageError
from syncd.portal import portal_file
from syncd.portal.portal_file import PortalFile

ADDRESS = "postgresql://portail:s%40cret@base.example:5433/cabinets?sslmode=verify-full"


def test_without_a_file_the_database_is_the_embedded_one(tmp_path: Path) -> None:
    assert portal_file.read(tmp_path, {}) == PortalFile() and not portal_file.there(tmp_path, {})


def test_what_was_written_is_read_and_is_its_owners_alone(tmp_path: Path) -> None:
    portal_file.write(tmp_path, PortalFile(ADDRESS))
    assert portal_file.read(tmp_path, {}) == PortalFile(ADDRESS) and portal_file.there(tmp_path, {})
    assert (tmp_path / "portal.toml").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        portal_file.write(tmp_path, PortalFile(ADDRESS))


def test_the_environment_has_the_last_word(tmp_path: Path) -> None:
    portal_file.write(tmp_path, PortalFile(ADDRESS))
    (tmp_path / "secret").write_text("p/w?d\n")
    environ = {
        "SYNCD_PORTAL_DATABASE": "postgresql://u@[::1]:5/other",
        "SYNCD_PORTAL_DATABASE_PASSWORD_FILE": str(tmp_path / "secret"),
    }
    found = portal_file.read(tmp_path, environ).database
    assert found == "postgresql://u:p%2Fw%3Fd@[::1]:5/other" and "p%2F" not in portal_file.shown(found)
    settings = portal_file.postgresql(found)
    assert (settings["PASSWORD"], settings["HOST"], settings["PORT"]) == ("p/w?d", "::1", "5")
    assert portal_file.read(tmp_path, {**environ, "SYNCD_PORTAL_DATABASE": ADDRESS}).database == ADDRESS


def test_what_django_is_told() -> None:
    settings = portal_file.postgresql(ADDRESS)
    assert (settings["NAME"], settings["USER"], settings["PASSWORD"]) == ("cabinets", "portail", "s@cret")
    assert settings["OPTIONS"]["sslmode"] == "verify-full" and "synchronous_commit=on" in settings["OPTIONS"]["options"]
    socket = portal_file.postgresql("postgresql:///cabinets?host=/run/postgresql")
    assert (socket["HOST"], socket["USER"], socket["PORT"]) == ("/run/postgresql", "", "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('database = "mysql://u:hush@h/d"', "begin with postgresql"), ('database = "postgresql://u:hush@h:x/d"', "cannot be read"),
        ('database = "postgresql://u:hush@h/"', "no database"), ('database = "postgresql://u:hush@h/d?x=1"', "'x' is not known"),
        ('database = "postgresql://u:hush hush@h/d"', "%20"), ("database = 5", "text between quotes"),
        ('data = "x"', "'data' is not known"), ("hush", "no TOML"), ("\x00", "no TOML"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_without_the_password(tmp_path: Path, given: str, said: str) -> None:
    (tmp_path / "portal.toml").write_text(given)
    (tmp_path / "portal.toml").chmod(0o600)
    with pytest.raises(UsageError, match=said) as refused:
        portal_file.read(tmp_path, {})
    assert "hush" not in str(refused.value)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    portal_file.write(tmp_path, PortalFile(ADDRESS))
    (tmp_path / "portal.toml").chmod(0o640)
    with pytest.raises(UsageError, match=r"read by others.*chmod 600"):
        portal_file.read(tmp_path, {})


def test_a_password_file_that_is_not_there_is_said() -> None:
    with pytest.raises(UsageError, match="'/nowhere' cannot be read"):
        portal_file.database("postgresql://u@h/d", {"SYNCD_PORTAL_DATABASE_PASSWORD_FILE": "/nowhere"})


def test_a_password_on_the_command_line_is_refused(tmp_path: Path, monkeypatch: Any) -> None:
    from syncd.cli.group import cli

    monkeypatch.setenv("SYNCD_PORTAL_DATABASE", "")
    asked = ["portal", "init", str(tmp_path / "p"), "--cabinet", "x", "--admin-email", "a@b.fr", "--database", ADDRESS]
    done = CliRunner().invoke(cli, asked, standalone_mode=False)
    assert isinstance(done.exception, UsageError) and "command line" in str(done.exception)
    assert not (tmp_path / "p").exists()


def test_an_embedded_portal_loads_nothing_of_servers() -> None:
    import subprocess
    import sys

    looked = (
        "import sys; from syncd.portal import bootstrap; bootstrap.without_directory(); from syncd.portal.asgi import application;"
        "application(); from syncd.portal import storage, waking, turn;"
        "print([m for m in ('psycopg', 'obstore', 'syncd.portal.storage.objects') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", looked], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
