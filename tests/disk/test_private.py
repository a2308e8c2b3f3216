"""Directories that are for an account, and for those whom the directory above lets in."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from syncd.disk import private

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


@pytest.mark.parametrize("umask", [0o007, 0o022, 0o077])
def test_directories_of_reports_need_no_right_to_set_the_group_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int
) -> None:
    """As under RestrictSUIDSGID of the unit: whoever asks for that bit is refused; the system hands it down by itself."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs").chmod(0o2750)
    allowed = Path.chmod

    def refused(self: Path, mode: int, **how: bool) -> None:
        if mode & (stat.S_ISGID | stat.S_ISUID):
            raise PermissionError(1, "Operation not permitted", str(self))
        allowed(self, mode, **how)

    monkeypatch.setattr(Path, "chmod", refused)
    before = os.umask(umask)
    try:
        private.like_above(tmp_path / "logs" / "runs" / "2026")
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "logs").rglob("*")}
    assert modes == {0o2700 if umask == 0o077 else 0o2750}


def test_whatever_the_umask_is_the_group_gets_what_it_has_above(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs").chmod(0o2750)
    before = os.umask(0o077)
    try:
        private.like_above(tmp_path / "logs" / "runs")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "logs" / "runs").stat().st_mode) == 0o2750
