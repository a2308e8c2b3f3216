"""The accounting software's files of clients, with the commands and a real portal."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e


@pytest.fixture
def config(world: World) -> Path:
    directory = world.base / "import" / "config"
    directory.mkdir(parents=True)
    world.env["SYNCD_INTAKE_ROOT"] = str(directory.parent)
    return directory


def leave(config: Path, name: str, text: str) -> Path:
    path = config / name
    path.write_bytes(text.encode("cp1252"))
    os.utime(path, (time.time() - 3600,) * 2)
    return path


def cards(world: World, *args: str, code: int = 0) -> list[dict[str, Any]]:
    done = world.syncd("intake", "--json", *args)
    assert done.code == code, done.out + done.err
    return [told for told in map(json.loads, done.out.splitlines()) if told["type"] == "card"]


def test_a_dossier_is_created_and_changed_under_the_right_and_its_directory_made(world: World, config: Path) -> None:
    text = f"{CODE}\tSARL Dupont\t31/12/2026\t\tLyon\r\n001234\tÉlevage du Lac\t30/06/2027\tpersonne\t\r\n"
    path = leave(config, "dossiers.txt", text)
    waits = cards(world)
    assert {(c["action"], c["reason"]) for c in waits} == {("unknown", "no_right")}
    assert path.exists()
    world.portal("engine-right", "*", "cards", "on")
    planned = cards(world, "--dry-run")
    assert (
        all(c["dry_run"] for c in planned) and {c["action"] for c in planned} >= {"create", "change"} and path.exists()
    )
    done = {c["client"]: c for c in cards(world) if c["action"] in ("create", "change")}
    assert done["001234"]["values"] == {"name": "Élevage du Lac"} and done["001234"]["exercise"] == "2027"
    assert done[CODE]["values"]["site"] == "Lyon" and not path.exists()
    (kept,) = world.logs.glob("configuration/*/dossiers.txt")
    assert kept.read_bytes() == text.encode("cp1252")
    world.run()
    assert list(world.root.glob("001234 - *"))
    leave(config, "dossiers.txt", text)
    assert [c["action"] for c in cards(world)] == ["unknown"]  # the person alone
    leave(config, "dossiers.txt", text.splitlines()[0] + "\r\n")
    assert [c["action"] for c in cards(world, code=4)] == ["held"]
    assert cards(world, "--yes") == []
