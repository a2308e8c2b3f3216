"""On a machine with the package, what is said of the service fits it."""

from __future__ import annotations

import importlib
import os
import pwd
from pathlib import Path
from types import SimpleNamespace

import pytest

from syncd.cli import common
from syncd.cli.service_manager import systemd_units
from syncd.core.errors import UsageError


def test_a_service_that_does_not_work_is_started_as_this_machine_starts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = importlib.import_module("syncd.cli.status")  # the package names its command so
    monkeypatch.setattr(systemd_units, "PACKAGED", (tmp_path / "syncd.service",))
    monkeypatch.setattr(systemd_units, "UNITS", tmp_path / "etc")
    assert status._how_to_start() == "syncd watch"
    (tmp_path / "syncd.service").touch()
    assert status._how_to_start() == "systemctl start syncd.service"


@pytest.mark.parametrize(("owner", "account", "refused"), [(0, True, True), (0, False, False), (990, True, False)])
def test_the_services_memory_that_root_owns_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: int, account: bool, refused: bool
) -> None:
    """Root worked on it as root, and stopped at each client as somebody else's."""

    def named(name: str) -> object:
        if account:
            return SimpleNamespace(pw_name=name)
        raise KeyError(name)

    state = tmp_path / "state"
    state.mkdir()
    monkeypatch.setattr(common, "PACKAGED", state)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", named)
    monkeypatch.setattr(Path, "stat", lambda self, **how: SimpleNamespace(st_uid=owner, st_mode=0o040700))
    if not refused:
        common._not_roots(state)
        return
    with pytest.raises(UsageError, match=r"belongs to root.*chown -R syncd:syncd"):
        common._not_roots(state)
