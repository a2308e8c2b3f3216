"""Documents held as another client's stay held until somebody agrees, whatever becomes of the originals (RULES 5)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from syncd.core.folder_rules import FolderRule
from syncd.core.guards import Limits
from tests.simulation.engine_in_memory import NO_LIMITS, Lab, fresh_state

TREE = (FolderRule("Banque"), FolderRule("Recettes"))


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """Seven documents of 001's and one of 002's are online, and both have published."""
    made = Lab(tmp_path, TREE, ("001", "002"))
    made.run()
    for n in range(7):
        made.write(f"Banque/{n}.pdf", b"of the first %d" % n)
    made.write("Banque/rest.pdf", b"the rest of the first")
    for folder in ("Banque", "Recettes"):
        made.write(f"{folder}/own.pdf", b"of the second, " + folder.encode(), "002")
    made.converge()
    made.settings = replace(made.settings, limits=Limits())
    return made


def copy(lab: Lab, *numbers: int) -> None:
    for n in numbers:
        lab.write(f"Recettes/{n}.pdf", b"of the first %d" % n, "002")


def held(lab: Lab) -> list[str]:
    rows = [w for w in lab.state.guards.waiting(lab.clients["002"]) if w.reason == "guard_other_client"]
    return sorted(event.path for row in rows for event in row.lines)


def theirs(lab: Lab) -> list[str]:
    """Of 001's documents, those that 002's people see."""
    return sorted(path for path, data in lab.online("002").items() if data.startswith(b"of the first"))


def test_moved_into_another_client_they_wait_in_every_pass_that_follows(lab: Lab) -> None:
    for n in range(7):
        (lab.dir("002") / "Recettes").mkdir(exist_ok=True)
        os.rename(lab.dir() / f"Banque/{n}.pdf", lab.dir("002") / f"Recettes/{n}.pdf")
    lab.run()
    assert list(lab.online()) == ["Banque/rest.pdf"] and len(held(lab)) == 7  # withdrawn from 001's space
    lab.write("Banque/another.pdf", b"of the second, later", "002")
    for _ in range(2):
        lab.run()
        assert theirs(lab) == [] and len(held(lab)) == 7


def test_copies_wait_when_the_originals_are_deleted_online(lab: Lab) -> None:
    copy(lab, *range(6))
    lab.run()
    assert len(held(lab)) == 6
    for n in range(6):
        lab.portal.remove(lab.clients["001"], f"Banque/{n}.pdf")
    for _ in range(3):
        lab.run()
        assert theirs(lab) == [] and len(held(lab)) == 6
    for path in (lab.dir() / "Banque").glob("supp_*"):
        path.unlink()
    lab.converge()
    assert theirs(lab) == [] and len(held(lab)) == 6


def test_they_wait_when_fewer_than_five_originals_are_left(lab: Lab) -> None:
    copy(lab, *range(6))
    lab.run()
    for n in range(2):
        lab.portal.remove(lab.clients["001"], f"Banque/{n}.pdf")
    lab.run()
    lab.run()
    assert theirs(lab) == [] and len(held(lab)) == 6


def test_those_that_are_left_wait_however_few(lab: Lab) -> None:
    copy(lab, *range(6))
    lab.run()
    for n in range(4):
        lab.unlink(f"Recettes/{n}.pdf", "002")
    lab.run()
    assert theirs(lab) == [] and held(lab) == ["Recettes/4.pdf", "Recettes/5.pdf"]
    (row,) = lab.state.guards.waiting(lab.clients["002"])
    lab.state.guards.agree(lab.clients["002"], row.digests, lab.clock.now(), "cabinet")
    lab.run()
    assert theirs(lab) == ["Recettes/4.pdf", "Recettes/5.pdf"] and held(lab) == []


def test_what_was_the_other_clients_before_any_question_counts(lab: Lab) -> None:
    for n in range(6):
        lab.portal.remove(lab.clients["001"], f"Banque/{n}.pdf")
    lab.run()
    copy(lab, *range(6))
    lab.run()
    assert theirs(lab) == [] and len(held(lab)) == 6


def test_an_earlier_version_counts(lab: Lab) -> None:
    for n in range(6):
        lab.write(f"Banque/{n}.pdf", b"written anew %d" % n)
    lab.settings = replace(lab.settings, limits=NO_LIMITS)
    lab.run()
    lab.settings = replace(lab.settings, limits=Limits())
    copy(lab, *range(6))
    lab.run()
    assert theirs(lab) == [] and len(held(lab)) == 6


def test_a_lost_state_learns_from_tombstones(lab: Lab) -> None:
    for n in range(6):
        lab.portal.remove(lab.clients["001"], f"Banque/{n}.pdf")
    lab.converge()
    lab.state = fresh_state()
    lab.converge()
    copy(lab, *range(6))
    lab.run()
    assert theirs(lab) == [] and len(held(lab)) == 6


def test_a_few_at_a_time_are_as_many(lab: Lab) -> None:
    copy(lab, 0, 1, 2, 3)
    lab.run()
    assert len(theirs(lab)) == 4  # fewer than five are nobody's question
    copy(lab, 4, 5, 6)
    lab.run()
    assert len(theirs(lab)) == 4 and held(lab) == [f"Recettes/{n}.pdf" for n in (4, 5, 6)]


def test_a_request_that_is_about_nothing_any_more_is_said(lab: Lab) -> None:
    copy(lab, *range(6))
    lab.run()
    for n in range(6):
        lab.unlink(f"Recettes/{n}.pdf", "002")
    lab.run()
    assert held(lab) == []
    assert [(e.client, e.reason, e.detail) for e in lab.events] == [("002", "not_asked", "6")]
    lab.run()
    assert lab.events == []


def test_what_cannot_be_seen_for_a_moment_stays_asked(lab: Lab) -> None:
    copy(lab, *range(6))
    lab.run()
    (before,) = lab.state.guards.waiting(lab.clients["002"])
    folder = lab.dir("002") / "Recettes"
    folder.rename(lab.dir("002") / "Ailleurs")
    lab.run()
    assert lab.state.guards.waiting(lab.clients["002"]) == [before]
    (lab.dir("002") / "Ailleurs").rename(folder)
    lab.run()
    assert len(held(lab)) == 6 and theirs(lab) == []


def test_what_a_client_had_is_forgotten_after_a_year_and_more(lab: Lab) -> None:
    for n in range(6):
        lab.portal.remove(lab.clients["001"], f"Banque/{n}.pdf")
        lab.unlink(f"Banque/{n}.pdf")
    lab.converge()
    assert lab.state.conn.execute("select count(*) from former").fetchone() == (6,)
    lab.state.conn.execute("update former set at = at - 390 * 86400")
    lab.run()
    assert lab.state.conn.execute("select count(*) from former").fetchone() == (6,)
    lab.state.conn.execute("update former set at = at - 11 * 86400")
    lab.run()
    assert lab.state.conn.execute("select count(*) from former").fetchone() == (0,)
