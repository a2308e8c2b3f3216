"""An impossible number that came into state, portal and markers is put out of all of them by one command."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from syncd.core.errors import SyncdError
from syncd.core.folder_rules import FolderRule
from syncd.core.restored_backups import MOST
from syncd.engine import Ports, run_once
from syncd.engine.maintenance import reset_generations
from syncd.engine.maintenance.reset_generations import Repaired
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab

CODES = ("001", "002")
FAR = 2**63 - 2


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = Lab(tmp_path / "lab", (FolderRule("Achats"),), CODES)
    lab.run()
    for code in CODES:
        lab.write("Achats/first.pdf", code.encode(), code)
    lab.converge()
    return lab


def parts(lab: Lab) -> Ports:
    return Ports(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock)


def repaired(lab: Lab) -> Repaired:
    return asyncio.run(reset_generations.set_anew(parts(lab), lab.settings))


def markers(lab: Lab) -> list[Path]:
    return [lab.root / ".syncd" / "root.json", *(lab.dir(code) / ".syncd" / "client.json" for code in CODES)]


def say(path: Path, generation: int) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | {"generation": generation}))


def poison(lab: Lab, side: str) -> None:
    if side in ("state", "all"):
        lab.state.progress.change(generation_started=10**40)
        lab.state.progress.change(generation=FAR)
    if side in ("portal", "all"):
        lab.portal.generation = FAR
    if side in ("root", "all"):
        say(markers(lab)[0], FAR)
    if side in ("a marker", "all"):
        say(markers(lab)[1], FAR)


@pytest.mark.parametrize("side", ["state", "portal", "root", "a marker", "all"])
def test_one_command_mends_what_an_impossible_number_came_into(lab: Lab, side: str) -> None:
    before = {code: (lab.here(code), lab.online(code)) for code in CODES}
    poison(lab, side)
    done = repaired(lab)
    sides = {"state", "portal", "root"} if side == "all" else {side} - {"a marker"}
    assert set(done.sides) == sides and done.clients == (("001",) if side in ("a marker", "all") else ())
    assert not done.faults and not done.kept
    assert repaired(lab) == Repaired(), "once"
    for _ in range(2):
        lab.write("Achats/next.pdf", b"next of 002 %d" % lab.saved, "002")
        summary = lab.run()
        assert (summary["exit_code"], summary["uploaded"]) == (0, 1), lab.events
    lab.converge()
    assert {e.reason for e in lab.events if e.reason} == set()
    assert {row.recovery for row in lab.state.clients.all()} == {frozenset()}
    assert (lab.here(), lab.online()) == before["001"]
    numbers = [json.loads(path.read_text())["generation"] for path in markers(lab)]
    numbers += [
        lab.portal.generation,
        lab.state.progress.read().generation,
        lab.state.progress.read().generation_started,
    ]
    assert max(numbers) < MOST
    lab.check()


def test_a_worn_out_state_says_so_and_does_nothing(lab: Lab) -> None:
    poison(lab, "state")
    lab.write("Achats/second.pdf", b"second")
    summary = asyncio.run(run_once(parts(lab), lab.settings, lab.events.append)).as_dict()
    assert (summary["verdict"], summary["exit_code"], summary["reason"]) == ("abandoned", 1, "generations")
    assert "doctor --repair" in summary["message"] and "Achats/second.pdf" not in lab.online()
    repaired(lab)
    lab.check()
    assert lab.online()["Achats/second.pdf"] == b"second"


def test_a_backup_of_before_the_repair_is_recognised(lab: Lab) -> None:
    """Its markers are sealed with the key of before: nothing that is missing in it was taken away."""
    import shutil

    shutil.copytree(lab.root, lab.base / "backup")
    lab.write("Achats/second.pdf", b"second")
    lab.converge()
    poison(lab, "portal")
    repaired(lab)
    lab.converge()
    shutil.rmtree(lab.root)
    (lab.base / "backup").rename(lab.root)
    lab.run()
    assert lab.here()["Achats/second.pdf"] == b"second"
    lab.check()


def test_it_is_not_done_for_another_cabinets_portal(lab: Lab) -> None:
    poison(lab, "portal")
    lab.portal.cabinet = "another"
    with pytest.raises(SyncdError, match="another cabinet"):
        repaired(lab)
    assert lab.portal.generation == FAR
