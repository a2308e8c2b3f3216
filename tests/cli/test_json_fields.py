"""`docs/json.md` describes every command with `--json`, and every field that its lines may have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from msgspec.structs import replace

from syncd.cli.client import list_
from syncd.cli.group import cli
from syncd.cli.status import status
from syncd.core.events import FORM, Event
from syncd.core.run_result import of_tally
from syncd.core.verdicts import Tally
from tests.wiring.test_status_output import store, told

pytestmark = pytest.mark.lists

__all__ = ["store"]
PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in PAGE.splitlines() if row.startswith("| ")]


def named(*parts: str) -> set[str]:
    return {word for part in parts for code in re.findall(r"`([^`]+)`", part) for word in code.split()}


def fields(kind: str, command: str) -> set[str]:
    """What the page says of lines of that kind that a command prints."""
    last, found = "", set[str]()
    for asked, type_, *rest in ROWS:
        last = last if asked in ("", "the same, last line") else asked
        if f"`{kind}`" == type_ and command in last:
            found |= named(*rest)
    return found | {"type", "client"}


def with_json(group: click.Group, name: str = "") -> Iterator[str]:
    ctx = click.Context(group)
    for each in group.list_commands(ctx):
        command = group.get_command(ctx, each)
        if isinstance(command, click.Group):
            yield from with_json(command, f"{name}{each} ")
        elif command is not None and any("--json" in p.opts for p in command.params):
            yield f"{name}{each}"


def test_every_command_with_json_is_described() -> None:
    described = " ".join(row[0] for row in ROWS)
    missing = [name for name in with_json(cli) if not re.search(rf"`{name}[` ]", described)]
    assert not missing


def test_every_field_of_an_event_and_of_a_summary_is_described() -> None:
    whole = Event(
        "c", "move", "p", side="local", folder=True, origin="o", to="t", reason="locked", detail="d", size=1, sha256="s",
        version=1, by="b", new=False, notice=True, warning=True, dry_run=True, replaces=True, form=FORM + 1,
    )  # fmt: skip
    assert set(whole.as_dict()) - {"v"} <= fields("event", "run")
    summary = replace(
        of_tally(Tally(), "", 0), dry_run=True, partial=True, message="m", reason="r", cause="c", documents=1, unwritten="u"
    )  # fmt: skip
    assert set(summary.as_dict()) <= fields("summary", "run")


@pytest.mark.parametrize(("command", "name"), [(status, "status"), (list_, "client list")])
def test_every_field_of_an_installations_lines_is_described(
    tmp_path: Path, store: Any, command: click.Command, name: str
) -> None:
    store.conn.commit()
    for line in told(tmp_path, command):
        assert set(line) <= fields(line["type"], name), line["type"]
