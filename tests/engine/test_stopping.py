"""A run that is to end asks often whether it is, and remembers what it has read until then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.core.folder_rules import FolderRule
from syncd.engine import Parts, run
from syncd.engine.run import Run
from syncd.local import scan
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab

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
        Parts(lab.remote, DiskMirror(str(lab.root), settle=0.0), lab.state, lab.clock), lab.settings, lambda e: None
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
        summary = asyncio.run(one())
    return done, summary["exit_code"]


def test_a_walk_ends_within_so_many_entries_and_the_next_one_goes_on_from_there(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "STEPS", 10)
    monkeypatch.setattr(scan, "RACY_NS", 0)
    done, code = stopped_in(lab, monkeypatch, scan.Walk, "read", 15)
    assert code == SIGTERM and 15 <= done <= 25
    assert len(lab.state.known(lab.clients["001"])) == done
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
    assert len(lab.state.known(lab.clients["001"])) == done


def test_no_other_client_is_planned(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stopped_in(lab, monkeypatch, run, "plan_alone", 1) == (1, SIGTERM)


def test_no_other_document_of_a_batch_is_read_to_be_sent(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert stopped_in(lab, monkeypatch, DiskMirror, "read", 5) == (5, SIGTERM)
    assert not lab.online()
    lab.converge()
    assert len(lab.online()) == MANY
