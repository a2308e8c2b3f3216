"""Whatever call upon the disk fails for one client, at whichever moment: the others are served in that very run
(HAZARDS 62)."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncd.core.folder_rules import Direction, FolderRule
from syncd.engine import Ports, run_once
from syncd.local.mirror import DiskMirror
from syncd.ports.local import Mirror, Stale
from tests.simulation.engine_in_memory import Lab

FOLDERS = (FolderRule("Achats"), FolderRule("Interne", direction=Direction.NONE))
CODES = ("001", "002")
ONE = "001 - Client 001"
LARGE = 4000
ERRORS: tuple[Callable[[], Exception], ...] = (
    lambda: FileNotFoundError(2, "No such file or directory"),
    lambda: Stale("another one is there"),
)


def of_a_client() -> list[str]:
    """Methods of the port that are about a client's directory, or about several of them."""
    found = []
    for name, method in inspect.getmembers(Mirror, inspect.isfunction):
        if list(inspect.signature(method).parameters)[1:2] in (["client"], ["temps"], ["disks"]):
            found.append(name)
    return found


# no work of a pass: what is asked of a person's own directory, and what is done once after a failure
ELSEWHERE = {"export", "drop_kept", "drop_temp"}
METHODS = sorted(set(of_a_client()) - ELSEWHERE)


class Calls:
    """Counts the calls about the first client; the `fails`-th of `method` raises."""

    def __init__(self, method: str, fails: int, error: Callable[[], Exception]) -> None:
        self.method, self.fails, self.error, self.made = method, fails, error, 0

    def patched(self, patch: pytest.MonkeyPatch) -> None:
        real = getattr(DiskMirror, self.method)

        def call(mirror: DiskMirror, about: Any, *args: Any, **more: Any) -> Any:
            if about == ONE or any(each[0] == ONE for each in about if isinstance(each, tuple)):
                self.made += 1
                if self.made == self.fails or (self.fails and isinstance(about, list) and self.made > self.fails):
                    raise self.error()
            return real(mirror, about, *args, **more)

        patch.setattr(DiskMirror, self.method, call)


class Busy(Lab):
    """Every kind of work, and a wait for what is young, lies before the first of two clients."""

    rounds = 0

    def passed(self, calls: Calls | None = None) -> dict[str, Any]:
        self.events = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("syncd.engine.apply.uploads.LARGE", LARGE - 1)
            patch.setattr("syncd.engine.apply.downloads.LARGE", LARGE - 1)
            if calls is not None:
                calls.patched(patch)
            parts = Ports(self.remote, DiskMirror(str(self.root), settle=5.0), self.state, self.clock)
            return asyncio.run(run_once(parts, self.settings, self.events.append)).as_dict()

    def more(self) -> str:
        """Another round of work, in a folder of its own, whose name is given."""
        self.rounds += 1
        top, client = f"Achats/{self.rounds}", self.clients["001"]
        space = self.portal.spaces[client]
        for name in ("a", "b", "c", "d", "e", "f", "g/x", "h"):
            self.write(f"{top}/{name}.pdf", f"{name} {self.rounds}".encode())
        self.deposit(f"{top}/dossier/m.pdf", f"in a folder {self.rounds}".encode())
        self.passed()

        def move(name: str, to: str) -> None:
            held = space.live(f"{top}/{name}.pdf")
            assert held is not None
            self.portal.move_doc(client, held.doc.id, f"{top}/{to}.pdf")

        self.deposit(f"{top}/a.pdf", f"another a {self.rounds}".encode())  # comes over the one that is there
        self.deposit(f"{top}/b.pdf", f"b of the company {self.rounds}".encode())
        self.write(f"{top}/b.pdf", f"b of the cabinet {self.rounds}".encode())  # both are kept
        self.portal.remove(client, f"{top}/c.pdf")  # set aside
        move("d", "moved")
        folder = space.folder(f"{top}/dossier")
        assert folder is not None
        self.portal.move_folder(client, folder, f"{top}/Dossier bis")
        for name, to in (("e", "tmp"), ("f", "e"), ("tmp", "f")):  # two that change names
            move(name, to)
        self.rename(f"{top}/g/x.pdf", f"{top}/g/y.pdf")
        self.rename(f"{top}/h.pdf", f"Interne/h {self.rounds}.pdf")  # out of reach
        self.portal.make_folder(space, f"{top}/new")
        self.deposit(f"{top}/large.pdf", os.urandom(LARGE))
        self.write(f"{top}/large here.pdf", os.urandom(LARGE))
        for code in CODES:
            self.write(f"{top}/mine.pdf", f"mine of {code} {self.rounds}".encode(), code)
            self.deposit(f"{top}/yours.pdf", f"yours of {code} {self.rounds}".encode(), code)
        self.state.progress.change(swept=0.0)
        return top


@pytest.mark.parametrize("method", METHODS)
def test_a_call_that_fails_for_one_client_leaves_the_other_served(tmp_path: Path, method: str) -> None:
    lab = Busy(tmp_path / "lab", FOLDERS, CODES)
    lab.passed()
    for fails, error in ((1, ERRORS[0]), (1, ERRORS[1]), (2, ERRORS[0])):
        top = lab.more()
        calls = Calls(method, fails, error)
        summary = lab.passed(calls)
        assert calls.made >= fails or fails > 1, f"{method} is no part of this work any more"
        assert not summary.get("reason"), (fails, summary)
        assert {e.client for e in lab.events if e.reason} <= {"001"}, lab.events
        assert f"{top}/mine.pdf" in lab.online("002") and f"{top}/yours.pdf" in lab.here("002"), (fails, lab.events)
        for _ in range(6):  # and it heals by itself
            if lab.passed()["exit_code"] == 0 and not lab.changes:
                break
        assert not lab.changes, lab.events
        assert f"{top}/mine.pdf" in lab.online() and f"{top}/yours.pdf" in lab.here()
        lab.clock.time += 3600.0
    lab.check()
