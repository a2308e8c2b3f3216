"""What commands load (decision 7): a module that comes along unasked costs every run."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "httpx",
    "pathspec",
    "jinja2",
    "rich",
    "cronsim",
    "structlog",
    "sqlite_utils",
    "django",
    "watchfiles",
    "stamina",
    "PIL",
    "pypdfium2",
    "pillow_heif",
    "oxmsg",
)


def loaded(code: str) -> set[str]:
    """Names of packages and of our own modules that are loaded after `code`, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("\n")[0].split("\n")[-1].split())


@pytest.mark.parametrize("command", ["--version", "--help"])
def test_what_answers_from_the_command_line_loads_no_library(command: str) -> None:
    code = (
        f"from syncd.cli import main\nsys.argv = ['syncd', {command!r}]\ntry:\n    main()\nexcept SystemExit:\n    pass"
    )
    assert not loaded(code) & set(HEAVY)


def test_a_configuration_without_patterns_loads_nothing_that_reads_them() -> None:
    assert "pathspec" not in loaded("from syncd.config import validators\nassert validators.patterns([]) == ()")


@pytest.mark.parametrize(("module", "unasked"), [("day_end", "scheduler"), ("notifier", "scheduler")])
def test_one_part_of_the_service_loads_that_part(module: str, unasked: str) -> None:
    assert f"syncd.engine.{unasked}" not in loaded(f"import syncd.service.{module}")
