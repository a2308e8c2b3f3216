"""A client that the portal no longer names, or made anew: told, believed late, adopted once agreed; nothing of it is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from tests.engine.test_strange_answers import Spoken, honest
from tests.simulation.engine_in_memory import fresh_state


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Spoken]:
    with stamina.set_testing(True, attempts=1):
        made = Spoken(tmp_path)
        assert made.passed()["verdict"] == "done"
        for code in made.clients:
            made.deposit("Achats/a.pdf", b"deposited " + code.encode(), code)
            made.write("Ventes/v.pdf", b"of the cabinet " + code.encode(), code)
        for _ in range(2):
            assert made.passed()["verdict"] == "done"
        yield made


def restored(answer: dict[str, Any], keep: Callable[[str], bool]) -> None:
    answer["unknown_cursor"] = True
    answer["clients"] = [c for c in answer["clients"] if keep(c["id"])]


def test_an_answer_that_names_no_client_closes_none(lab: Spoken) -> None:
    """One spoiled answer: the second, asked for everything, is believed."""
    left = [1]

    def spoil(path: str, answer: Any) -> Any:
        if path == "/hello" and left:
            left.clear()
            restored(answer, lambda client: False)
        return answer

    lab.deposit("Achats/new.pdf", b"new", "001")
    lab.spoil = spoil
    for _ in range(2):
        lab.passed()
    assert not any(row.closed for row in lab.state.clients.all())
    assert (lab.dir("001") / "Achats/new.pdf").read_bytes() == b"new"


def test_a_portal_that_goes_on_naming_no_client_is_not_believed(lab: Spoken) -> None:
    lab.spoil = lambda path, answer: restored(answer, lambda client: False) or answer if path == "/hello" else answer
    summary = lab.passed()
    assert (summary["exit_code"], summary["reason"]) == (5, "stop_no_clients")
    lab.spoil = honest
    lab.deposit("Achats/new.pdf", b"new", "001")
    lab.passed()
    assert (lab.dir("001") / "Achats/new.pdf").read_bytes() == b"new"


def test_a_client_that_the_portal_lost_is_told_at_every_run_and_served_once_it_is_named_again(lab: Spoken) -> None:
    gone = lab.client("001")

    def without(path: str, answer: Any) -> Any:
        if path == "/hello":
            restored(answer, lambda client: client != gone)
        return answer

    lab.spoil = without
    lab.passed()
    lab.spoil = lambda path, answer: (
        {**answer, "clients": [c for c in answer["clients"] if c["id"] != gone]} if path == "/hello" else answer
    )
    for _ in range(2):
        lab.passed()
        assert ("001", "lost_online") in [(e.client, e.reason) for e in lab.events if e.action == "problem"]
    lab.deposit("Achats/new.pdf", b"new", "001")
    lab.spoil = honest
    lab.passed()
    assert (lab.dir("001") / "Achats/new.pdf").read_bytes() == b"new" and not lab.state.progress.read().lost_clients


def test_one_that_was_made_anew_is_adopted_once_agreed_though_the_state_was_lost_too(lab: Spoken) -> None:
    """What `doctor` advises, a state anew, left it standing still for good as well."""
    lab.write("Achats/mine.pdf", b"mine", "001")
    lab.passed()
    kept = lab.portal.spaces.pop(lab.client("001"))
    lab.clients["001"] = anew = lab.portal.add_client("001", "Client 001", kept.tree.folders)
    lab.state = fresh_state()
    for _ in range(2):
        summary = lab.passed()
        assert (summary["waiting"], summary["stopped"]) == (["001"], [])
        assert "not_a_client" not in [e.reason for e in lab.events] and not lab.online("001")
    (held,) = lab.state.guards.waiting()
    lab.state.guards.agree(held.client, held.digests, lab.clock.now(), "claire")
    lab.passed()
    assert lab.online("001") == lab.here("001") and lab.online("001")["Achats/mine.pdf"] == b"mine"
    assert json.loads((lab.dir("001") / ".syncd/client.json").read_text())["client"] == anew
    assert lab.passed()["exit_code"] == 0


def test_a_directory_of_another_cabinet_or_one_too_many_is_still_nobodys(lab: Spoken) -> None:
    lab.passed()
    marker = json.loads((lab.dir("001") / ".syncd/client.json").read_text())
    for name, cabinet in (("001 - Copy", marker["cabinet"]), ("002 - Other", "f" * 32)):
        (lab.root / name / ".syncd").mkdir(parents=True)
        (lab.root / name / ".syncd/client.json").write_text(
            json.dumps({**marker, "client": "e" * 32, "cabinet": cabinet})
        )
    lab.passed()
    said = [e.path for e in lab.events if e.reason == "not_a_client"]
    assert said == ["001 - Copy", "002 - Other"] and not lab.state.guards.waiting()


def test_a_client_that_the_portal_lost_and_that_was_made_anew_is_adopted_once_agreed(lab: Spoken) -> None:
    """What people are told to do brings it back; the marker of before stopped it for good."""
    lab.write("Achats/mine.pdf", b"mine", "001")
    lab.passed()
    gone, kept = lab.client("001"), lab.portal.spaces.pop(lab.client("001"))
    lab.clients["001"] = anew = lab.portal.add_client("001", "Client 001", kept.tree.folders)

    def put_back(path: str, answer: Any) -> Any:
        if path == "/hello":
            restored(answer, lambda client: client != gone)
        return answer

    lab.spoil = put_back
    lab.passed()
    lab.spoil = honest
    for _ in range(2):
        summary = lab.passed()
        assert (summary["waiting"], summary["stopped"]) == (["001"], [])
        assert "lost_online" not in [e.reason for e in lab.events] and not lab.online("001")
    (held,) = lab.state.guards.waiting()
    lab.state.guards.agree(held.client, held.digests, lab.clock.now(), "claire")
    lab.passed()
    assert lab.online("001") == lab.here("001") and lab.online("001")["Achats/mine.pdf"] == b"mine"
    assert json.loads((lab.dir("001") / ".syncd/client.json").read_text())["client"] == anew
    assert lab.passed()["exit_code"] == 0


def test_what_the_company_had_deposited_stays_the_companys_in_a_client_made_anew(lab: Spoken) -> None:
    lab.write("Achats/mine.pdf", b"mine", "001")
    lab.deposit("Achats/theirs.pdf", b"theirs", "001")
    lab.passed()
    gone, kept = lab.client("001"), lab.portal.spaces.pop(lab.client("001"))
    lab.clients["001"] = anew = lab.portal.add_client("001", "Client 001", kept.tree.folders)
    lab.spoil = lambda path, answer: (
        restored(answer, lambda client: client != gone) or answer if path == "/hello" else answer
    )
    lab.passed()
    lab.spoil = honest
    lab.passed()
    (held,) = lab.state.guards.waiting()
    lab.state.guards.agree(held.client, held.digests, lab.clock.now(), "claire")
    lab.passed()
    docs = {str(s.doc.path): s.doc.by_company for s in lab.portal.spaces[anew].docs.values()}
    assert (docs["Achats/mine.pdf"], docs["Achats/theirs.pdf"]) == (False, True)
