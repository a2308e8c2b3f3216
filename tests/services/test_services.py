"""The script that starts servers for tests: what cannot be had is gone without, what does not start is said."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def services() -> ModuleType:
    spec = importlib.util.spec_from_file_location("services_script", SCRIPTS / "services.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Dead:
    @staticmethod
    def poll() -> int:
        return 1


def test_a_server_that_does_not_start_is_a_fault_and_says_why(
    services: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "log").write_text("could not bind to address")

    @contextmanager
    def postgres(directory: Path) -> Iterator[str]:
        services.wait_for(Dead(), ["false"], tmp_path / "log")
        yield ""

    monkeypatch.setattr(services, "postgres", postgres)
    assert services.main(["run", "true"]) == 1
    assert "PostgreSQL does not start here: could not bind to address" in capsys.readouterr().err


def test_a_server_that_is_not_installed_is_gone_without(
    services: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def programs() -> Path:
        raise services.Missing("PostgreSQL is not installed")

    monkeypatch.setattr(services, "postgres_programs", programs)
    assert services.main(["check"]) == services.main(["run", "true"]) == 77
    assert "not installed" in capsys.readouterr().err


def test_its_environment_is_made_by_the_python_that_its_digests_are_for() -> None:
    assert ".venv/bin/python -m venv .services" in (SCRIPTS / "services").read_text(encoding="utf-8")
