"""A document whose places differ for good, since a folder lets one direction only: its versions go on crossing (RULES 2)."""

from __future__ import annotations

import pytest

from syncd.core.folder_rules import Direction, FolderRule
from tests.simulation.engine_in_memory import Lab

FOLDERS = (
    FolderRule("Achats"),
    FolderRule("Comptes", direction=Direction.TO_PORTAL),
    FolderRule("Caisse", direction=Direction.TO_CABINET),
)
CODES = ("001",)


@pytest.fixture
def filed(lab: Lab) -> Lab:
    """Deposited where nothing is sent, and filed elsewhere by an accountant."""
    lab.deposit("Caisse/tk.pdf", b"1")
    lab.converge()
    lab.rename("Caisse/tk.pdf", "Achats/tk.pdf")
    lab.run()
    return lab


@pytest.fixture
def taken(lab: Lab) -> Lab:
    """Published where nothing is taken, and moved elsewhere online."""
    lab.write("Comptes/bilan.pdf", b"1")
    lab.converge()
    stored = lab.portal.spaces[lab.clients["001"]].live("Comptes/bilan.pdf")
    assert stored is not None
    lab.portal.move_doc(lab.clients["001"], stored.doc.id, "Achats/bilan.pdf")
    lab.run()
    return lab


def settle(lab: Lab) -> None:
    for _ in range(3):
        lab.run()


def test_a_new_version_reaches_the_document_where_an_accountant_filed_it(filed: Lab) -> None:
    filed.deposit("Caisse/tk.pdf", b"2, corrected")
    settle(filed)
    assert filed.here()["Achats/tk.pdf"] == b"2, corrected" and "Caisse/tk.pdf" not in filed.here()
    assert filed.online()["Caisse/tk.pdf"] == b"2, corrected"


def test_a_companys_version_of_what_it_moved_out_reaches_the_cabinet(taken: Lab) -> None:
    taken.deposit("Achats/bilan.pdf", b"2, signed")
    settle(taken)
    assert taken.here()["Comptes/bilan.pdf"] == b"2, signed" and "Achats/bilan.pdf" not in taken.here()


def test_the_cabinets_version_of_it_reaches_the_company_and_moves_nothing(taken: Lab) -> None:
    taken.write("Comptes/bilan.pdf", b"2, of the cabinet")
    settle(taken)
    assert taken.online()["Achats/bilan.pdf"] == b"2, of the cabinet" and "Comptes/bilan.pdf" not in taken.online()
    assert taken.here()["Comptes/bilan.pdf"] == b"2, of the cabinet"


def test_both_changed_are_both_kept(taken: Lab) -> None:
    taken.write("Comptes/bilan.pdf", b"2, of the cabinet")
    taken.deposit("Achats/bilan.pdf", b"2, signed")
    settle(taken)
    assert {b"2, of the cabinet", b"2, signed"} <= set(taken.here().values())


def test_that_the_places_differ_is_told_at_every_run(filed: Lab, taken: Lab) -> None:
    for lab in (filed, taken):
        for _ in range(3):
            lab.run()
            assert [e.reason for e in lab.events if e.reason] and {e.reason for e in lab.events if e.reason} == {
                "direction"
            }
