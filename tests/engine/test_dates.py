"""A document keeps its own date, whichever way it goes; nothing is decided by it, and no run takes it for an edit (ADR 18)."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from syncd.core import modified_dates
from syncd.core.folder_rules import FolderRule
from tests.simulation.engine_in_memory import Lab
from tests.support.memory_portal import MemoryPortal

PAST = 1_400_000_000.0  # 13 May 2014
LARGE = b"x" * 9_000_000


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    made = Lab(tmp_path / "lab", (FolderRule("Achats"),))
    made.run()
    return made


def told(lab: Lab, path: str, data: bytes, modified: float | None) -> None:
    """Deposited by somebody whose browser says when the file was last modified."""
    lab.deposit(path, data)
    lab.portal.modified[version(lab.portal, lab, path)] = modified


def version(portal: MemoryPortal, lab: Lab, path: str) -> str:
    live = portal.spaces[lab.clients["001"]].live(path)
    assert live is not None
    return live.doc.version_id


def date(lab: Lab, path: str) -> float:
    return (lab.dir() / path).stat().st_mtime


def idle(lab: Lab) -> None:
    for _ in range(4):  # some believe what they read at once, others read it again
        lab.run()
        assert lab.events == []


@pytest.mark.parametrize("data", [b"small", LARGE], ids=["small", "large"])
def test_what_arrives_bears_its_own_date_and_is_no_edit(lab: Lab, data: bytes) -> None:
    told(lab, "Achats/a.pdf", data, PAST)
    lab.run()
    assert date(lab, "Achats/a.pdf") == PAST
    idle(lab)
    told(lab, "Achats/a.pdf", data + b" again", PAST - 1000)  # an older file as the newer version
    lab.run()
    assert date(lab, "Achats/a.pdf") == PAST - 1000 and lab.here()["Achats/a.pdf"].endswith(b"again")
    idle(lab)


@pytest.mark.parametrize("modified", [None, 0.0, 1.0, modified_dates.FIRST - 1])
def test_what_nobody_told_or_no_document_has_is_the_moment_of_the_run(lab: Lab, modified: float | None) -> None:
    before = time.time() - 1
    told(lab, "Achats/a.pdf", b"a", modified)
    lab.run()
    assert before <= date(lab, "Achats/a.pdf") <= time.time() + 1
    idle(lab)


def test_no_date_is_still_to_come(lab: Lab) -> None:
    told(lab, "Achats/a.pdf", b"a", 250_000_000_000.0)
    lab.run()
    assert date(lab, "Achats/a.pdf") <= time.time() + 1
    assert modified_dates.kept(PAST + 5, PAST) == PAST and modified_dates.kept(float("nan"), PAST) is None


def test_what_goes_online_tells_its_date_and_comes_back_with_it(lab: Lab) -> None:
    lab.write("Achats/a.pdf", b"a")
    path = lab.dir() / "Achats" / "a.pdf"
    os.utime(path, (PAST, PAST))
    lab.run()
    assert lab.portal.modified[version(lab.portal, lab, "Achats/a.pdf")] == PAST
    path.unlink()
    lab.run()
    told(lab, "Achats/a.pdf", b"b", PAST + 1)  # changed online: it comes back, whole
    lab.run()
    assert date(lab, "Achats/a.pdf") == PAST + 1


def test_an_edit_that_hides_behind_its_date_and_size_is_found(lab: Lab) -> None:
    told(lab, "Achats/a.pdf", b"the portal's", PAST)
    lab.run()
    idle(lab)
    path = lab.dir() / "Achats" / "a.pdf"
    path.write_bytes(b"somebody's..")
    os.utime(path, (PAST, PAST))
    lab.run()
    assert lab.online()["Achats/a.pdf"] == b"somebody's.."


def test_a_second_version_that_is_kept_has_the_date_of_its_own(lab: Lab) -> None:
    lab.write("Achats/a.pdf", b"one")
    lab.converge()
    path = lab.dir() / "Achats" / "a.pdf"
    path.write_bytes(b"of the cabinet")
    os.utime(path, (PAST, PAST))
    told(lab, "Achats/a.pdf", b"of the company", PAST + 50)
    lab.run()
    held = {p.read_bytes(): p.stat().st_mtime for p in (lab.dir() / "Achats").iterdir()}
    assert held == {b"of the cabinet": PAST, b"of the company": PAST + 50}
    lab.converge()
    idle(lab)
