"""What goes online for the first time is asked, whatever its number (RULES 5)."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from syncd.core.folder_rules import FolderRule
from syncd.core.guards import Limits
from tests.simulation.engine_in_memory import Lab, fresh_state

TREE = (FolderRule("Achats"), FolderRule("Ventes"), FolderRule("Social", kind="payroll", restricted=True))


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    made = Lab(tmp_path, TREE, ("001", "002"))
    made.settings = replace(made.settings, limits=Limits())
    made.run()
    return made


def agree(lab: Lab, *reasons: str) -> None:
    for row in lab.state.guards.waiting():
        if not reasons or row.reason in reasons:
            lab.state.guards.agree(row.client, row.digests, lab.clock.now(), "cabinet")


def held(lab: Lab, code: str = "001") -> dict[str, list[str]]:
    return {
        row.reason: [event.path for event in row.lines if event.action == "upload"]
        for row in lab.state.guards.waiting(lab.clients[code])
    }


def test_one_document_of_a_client_that_never_published_waits(lab: Lab) -> None:
    lab.write("Achats/1.pdf", b"first")
    assert lab.run()["exit_code"] == 4 and lab.online() == {}
    agree(lab)
    assert lab.run()["exit_code"] == 0 and list(lab.online()) == ["Achats/1.pdf"]


def test_what_the_company_deposits_publishes_nothing(lab: Lab) -> None:
    lab.deposit("Achats/theirs.pdf", b"theirs")
    assert lab.run()["downloaded"] == 1
    lab.write("Achats/ours.pdf", b"ours")
    assert lab.run()["exit_code"] == 4 and list(lab.online()) == ["Achats/theirs.pdf"]


def test_a_restricted_folder_is_asked_once_the_client_is_known_another_only_beyond_twenty(lab: Lab) -> None:
    lab.write("Achats/1.pdf", b"first")
    lab.run()
    agree(lab)
    lab.run()
    for n in range(20):
        lab.write(f"Ventes/{n}.pdf", b"sale %d" % n)
    lab.write("Social/bulletin.pdf", b"a payslip")
    assert lab.run()["uploaded"] == 20
    assert held(lab) == {"guard_first_publication": ["Social/bulletin.pdf"]}
    agree(lab)
    assert lab.run()["uploaded"] == 1
    lab.write("Social/second.pdf", b"another payslip")
    assert lab.run()["uploaded"] == 1


def test_a_lost_state_finds_again_what_was_published(lab: Lab) -> None:
    lab.write("Social/1.pdf", b"payslip")
    lab.run()
    agree(lab)
    lab.run()
    lab.state = fresh_state()
    lab.write("Social/2.pdf", b"a second payslip")
    assert lab.run()["exit_code"] == 0 and len(lab.online()) == 2


def test_an_installation_older_than_the_rule_has_completed_what_it_had(lab: Lab) -> None:
    lab.state.clients.set_completed(lab.clients["001"], ["achats"])
    lab.write("Achats/1.pdf", b"one")
    assert lab.run()["exit_code"] == 0


def test_a_copied_directory_is_named_as_another_clients(tmp_path: Path) -> None:
    lab = Lab(tmp_path, TREE, ("001",))
    lab.run()
    for n in range(5):
        lab.write(f"Achats/{n}.pdf", b"of the first %d" % n)
    lab.converge()
    lab.settings = replace(lab.settings, limits=Limits())
    lab.clients["002"] = lab.portal.add_client("002", "Client 002", TREE)
    copy = lab.root / "002 - Client 002" / "Achats"
    copy.mkdir(parents=True)
    for document in (lab.dir("001") / "Achats").glob("*.pdf"):
        (copy / document.name).write_bytes(document.read_bytes())
    (copy / "own.pdf").write_bytes(b"its own")
    assert lab.run()["exit_code"] == 4
    assert held(lab, "002") == {
        "guard_first_publication": ["Achats/own.pdf"],
        "guard_other_client": [f"Achats/{n}.pdf" for n in range(5)],
    }
    agree(lab, "guard_first_publication")
    lab.run()
    assert list(lab.online("002")) == ["Achats/own.pdf"]
    assert list(held(lab, "002")) == ["guard_other_client"]
