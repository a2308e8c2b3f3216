"""Programs save a document by renaming, removing and naming anew: whenever a run comes in between, nothing was taken away,
and one version more is online."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncd.core.folder_rules import FolderRule, OnLocalRemoval
from syncd.engine.apply.remote import RemoteWork
from tests.simulation.engine_in_memory import Lab

Step = Callable[[Path], object]


def made(name: str) -> Step:
    return lambda folder: (folder / name).write_bytes(b"the new version")


def named(old: str, new: str) -> Step:
    return lambda folder: os.rename(folder / old, folder / new)


def gone(name: str) -> Step:
    return lambda folder: (folder / name).unlink()


SAVES: dict[str, tuple[str, tuple[Step, ...]]] = {
    "Word": ("a.docx", (
        made("~WRD0001.tmp"), named("a.docx", "~WRL0002.tmp"), named("~WRD0001.tmp", "a.docx"), gone("~WRL0002.tmp"),
    )),
    "Excel": ("a.xlsx", (
        made("5B2F1000"), named("a.xlsx", "7C3D2F10.tmp"), named("5B2F1000", "a.xlsx"), gone("7C3D2F10.tmp"),
    )),
    "vim": ("a.txt", (made("4913"), gone("4913"), named("a.txt", "a.txt~"), made("a.txt"), gone("a.txt~"))),
    "macOS": ("a.pdf", (made("a.pdf.sb-1a2b3c4d-Xy12Zw"), named("a.pdf.sb-1a2b3c4d-Xy12Zw", "a.pdf"))),
}  # fmt: skip


@pytest.fixture(params=list(OnLocalRemoval))
def lab(tmp_path: Path, request: pytest.FixtureRequest) -> Lab:
    lab = Lab(tmp_path, (FolderRule("Achats", on_local_removal=request.param),))
    lab.run()
    return lab


@pytest.mark.parametrize("program", SAVES)
def test_a_run_between_two_steps_of_a_save_takes_nothing_away(lab: Lab, program: str) -> None:
    name, steps = SAVES[program]
    lab.write(f"Achats/{name}", b"the old version")
    lab.converge()
    (before,) = documents(lab)
    for step in steps:
        step(lab.dir() / "Achats")
        lab.run()
        assert [e.action for e in lab.changes if e.action != "upload"] == []
        assert {e.reason for e in lab.events if e.reason} <= {"unstable"}
    lab.converge()
    (after,) = documents(lab)
    assert (after.id, after.path, after.version) == (before.id, f"Achats/{name}", 2)


def documents(lab: Lab) -> list[Any]:
    return [stored.doc for stored in lab.portal.spaces[lab.clients["001"]].docs.values()]


def test_what_stays_renamed_was_taken_away_after_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab(tmp_path, (FolderRule("Achats"),))
    lab.run()
    lab.write("Achats/a.docx", b"the old version")
    lab.converge()
    named("a.docx", "~WRL0002.tmp")(lab.dir() / "Achats")
    lab.run()
    assert [(e.action, e.reason) for e in lab.events] == [("problem", "unstable")]
    monkeypatch.setattr("syncd.local.scan.SAVING_NS", 0)
    lab.run()
    assert [e.action for e in lab.changes] == ["leave"] and lab.online() == {"Achats/a.docx": b"the old version"}


@pytest.mark.parametrize("removal", [OnLocalRemoval.LEAVE, OnLocalRemoval.REMOVE])
def test_what_is_there_again_before_it_is_said_was_never_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removal: OnLocalRemoval
) -> None:
    """Acrobat removes it, and names another so, with no trace in between."""
    lab = Lab(tmp_path, (FolderRule("Achats", on_local_removal=removal),))
    lab.run()
    lab.write("Achats/a.pdf", b"the old version")
    lab.converge()
    lab.unlink("Achats/a.pdf")
    real = RemoteWork.all

    async def saved_meanwhile(self: RemoteWork, jobs: Any) -> None:
        lab.write("Achats/a.pdf", b"the new version")
        await real(self, jobs)

    monkeypatch.setattr(RemoteWork, "all", saved_meanwhile)
    lab.run()
    assert lab.changes == [] and [e.reason for e in lab.events] == ["unstable"]
    monkeypatch.undo()
    lab.run()
    assert [(e.action, e.version) for e in lab.changes] == [("upload", 2)] and len(documents(lab)) == 1
