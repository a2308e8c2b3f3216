"""A portal whose key is not there is not served, changed or restored with another one."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from syncd.cli.group import cli
from syncd.core.errors import UsageError
from syncd.portal import bootstrap


@pytest.mark.parametrize("left", [None, ""])
def test_a_portal_without_its_key_is_refused_in_a_sentence(tmp_path: Path, left: str | None) -> None:
    """It was served with a throw-away one: everybody signed out, and every letter that waited marked as sent."""
    (tmp_path / "portal.db").touch()
    if left is not None:
        (tmp_path / "secret_key").write_text(left)
    with pytest.raises(UsageError, match=r"no key in '.*secret_key'.*backup"):
        bootstrap.use(tmp_path)


def test_a_backup_without_the_key_makes_no_portal(tmp_path: Path) -> None:
    source, directory = tmp_path / "copy", tmp_path / "back"
    source.mkdir()
    (source / "portal.db").touch()
    (source / "backup.txt").touch()
    done = CliRunner().invoke(cli, ["portal", "restore", str(source), str(directory)], standalone_mode=False)
    assert isinstance(done.exception, UsageError) and "secret_key" in str(done.exception) and not directory.exists()
