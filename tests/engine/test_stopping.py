"""A run that is to end asks often whether it is, and remembers what it has read until then."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.cli.signals import ending
from syncd.core.folder_rules import FolderRule
from syncd.core.guards import Limits
from syncd.core.planner import merge, workspace
from syncd.engine import Ports, interruptible_remote, recorder, run
from syncd.engine.run import Run
from syncd.local import scan
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab, fresh_state
from tests.support.memory_portal import MemoryRemote

MANY = 60
SIGTERM = 143


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path, (FolderRule("Achats"),), ("001", "002"))
    lab.run()
    for n in range(MANY):
        lab.write(f"Achats/{n}.pdf", b"%d" % n)
    yield lab
    lab.close()


def stopped_in(lab: Lab, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, after: int) -> tuple[int, int]:
    """How often that was done, in a run told to end when it was done `after` times; and the run's code."""
    one = Run(
        Ports(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock), lab.settings, lambda e: None
    )
    real: Callable[..., Any] = getattr(owner, name)
    done = 0

    def counted(*args: Any, **named: Any) -> Any:
        nonlocal done
        done += 1
        if done == after:
            one.stop(SIGTERM)
        return real(*args, **named)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, counted)
        summary = asyncio.run(one()).as_dict()
    return done, summary["exit_code"]


def test_a_walk_ends_within_so_many_entries_and_the_next_one_goes_on_from_there(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "STEPS", 10)
    monkeypatch.setattr(scan, "RACY_NS", 0)
    done, code = stopped_in(lab, monkeypatch, scan.Walk, "read", 15)
    assert code == SIGTERM and 15 <= done <= 25
    assert len(lab.state.trees.local.known(lab.clients["001"])) == done
    again, _ = stopped_in(lab, monkeypatch, scan.Walk, "read", MANY * 2)
    assert again == MANY - done
    assert len(lab.online()) == MANY


def test_large_documents_that_are_not_read_yet_are_left_to_the_next_run(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "LARGE", 1)
    monkeypatch.setattr(scan, "RACY_NS", 0)
    done, code = stopped_in(lab, monkeypatch, scan.Walk, "read", 5)
    assert code == SIGTERM and done < 15  # several were being read at that moment
    assert len(lab.state.trees.local.known(lab.clients["001"])) == done


def test_no_other_client_is_planned(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stopped_in(lab, monkeypatch, run, "plan_alone", 1) == (1, SIGTERM)


def test_no_other_document_of_a_batch_is_read_to_be_sent(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stopped_in(lab, monkeypatch, DiskMirror, "read", 5) == (5, SIGTERM)
    assert not lab.online()
    lab.converge()
    assert len(lab.online()) == MANY


def test_the_plan_of_one_client_is_given_up_within_so_many_documents(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "STEPS", 10)
    done, code = stopped_in(lab, monkeypatch, merge, "_publish", 15)
    assert code == SIGTERM and 15 <= done <= 25
    assert not lab.online()
    lab.converge()
    assert len(lab.online()) == MANY


def deposits(lab: Lab) -> None:
    for n in range(MANY):
        lab.deposit(f"Achats/deposit {n}.pdf", b"deposit %d" % n)


def test_a_batch_that_has_come_is_placed_document_by_document(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.converge()
    deposits(lab)
    monkeypatch.setattr(recorder, "LATE", 0.0)
    done, code = stopped_in(lab, monkeypatch, DiskMirror, "place", 7)
    assert (done, code) == (7, SIGTERM)
    assert (
        len(lab.state.trees.base.load(lab.clients["001"]).docs) == MANY + 7
    )  # those that have their names are written down
    lab.converge()
    lab.check()
    assert len(lab.here()) == 2 * MANY


@pytest.mark.parametrize("verb", ["hello", "put", "get", "summary"])
def test_a_portal_that_does_not_answer_is_not_waited_for(lab: Lab, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    """Whatever was asked for: a run, and a service, end."""
    deposits(lab)
    for name, value in ((recorder, "LATE"), (interruptible_remote, "LAST")):
        monkeypatch.setattr(name, value, 0.0)
    parts = Ports(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock)
    one = Run(parts, lab.settings, lambda e: None)
    cut = False

    async def silent(*args: Any, **named: Any) -> None:
        nonlocal cut
        one.stop(SIGTERM)
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            cut = True
            raise

    with monkeypatch.context() as patch:
        patch.setattr(MemoryRemote, verb, silent)
        summary = asyncio.run(asyncio.wait_for(one(), 10)).as_dict()
    assert cut and summary["exit_code"] == (SIGTERM if verb != "summary" else 0)  # everything was done by then
    lab.converge()
    lab.check()
    assert len(lab.online()) == 2 * MANY


def test_what_is_agreed_is_written_down_in_pieces(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that was lost: all is adopted, and nothing of it twice."""
    lab.converge()
    lab.state = fresh_state()
    monkeypatch.setattr(recorder, "TOGETHER", 10)
    done, code = stopped_in(lab, monkeypatch, type(lab.state.trees.base), "put", 15)
    assert code == SIGTERM and done == len(lab.state.trees.base.load(lab.clients["001"]).docs) and 15 <= done <= 20
    lab.converge()
    lab.check()
    assert len(lab.state.trees.base.load(lab.clients["001"]).docs) == MANY


def test_set_asides_and_folders_end_between_two(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.converge()
    monkeypatch.setattr(recorder, "LATE", 0.0)
    for n in range(MANY):
        lab.portal.remove(lab.clients["001"], f"Achats/{n}.pdf")
        lab.portal.deposit(lab.clients["002"], f"Achats/{n}/a.pdf", b"%d below" % n)
    done, code = stopped_in(lab, monkeypatch, DiskMirror, "rename", 7)
    assert (done, code) == (7, SIGTERM) and not lab.state.set_asides.intended()
    assert len([p for p in lab.here() if "supp_" in p]) == 7
    done, code = stopped_in(lab, monkeypatch, DiskMirror, "make_folder", 9)
    assert (done, code) == (9, SIGTERM)
    lab.converge()
    lab.check()
    assert len([p for p in lab.here() if "supp_" in p]) == len(lab.here("002")) == MANY


def test_what_waits_for_agreement_is_said_in_pieces(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.settings = replace(lab.settings, limits=Limits())
    monkeypatch.setattr(recorder, "TOGETHER", 10)
    done, code = stopped_in(lab, monkeypatch, type(lab.state.journal), "open_report", 15)
    assert code == SIGTERM and done == 20 and not lab.state.guards.waiting()
    assert lab.run()["waiting"] == ["001"]
    assert len(lab.state.guards.waiting()[0].lines) == MANY


def test_a_signal_is_heard_while_something_is_computed() -> None:
    """The loop has no turn until then: its own handlers would hear of it when all is done."""
    heard: list[int] = []

    async def work() -> int:
        with ending(heard.append):
            os.kill(os.getpid(), signal.SIGTERM)
            for n in range(10_000_000):
                if heard:
                    return n
            await asyncio.sleep(0)
        return -1

    before = signal.getsignal(signal.SIGTERM)
    assert asyncio.run(work()) >= 0 and heard == [SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_wakes_whoever_sleeps() -> None:
    async def work() -> None:
        over = asyncio.Event()
        loop = asyncio.get_running_loop()
        with ending(lambda code: loop.call_soon_threadsafe(over.set)):
            loop.call_later(0.05, os.kill, os.getpid(), signal.SIGINT)
            await asyncio.wait_for(over.wait(), 10)

    asyncio.run(work())
