"""A retrieval killed right before and right after each thing it does on the disk, then the same command again."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.core.bag.layout import Choice
from syncd.disk.directory import Directory
from syncd.jobs.retrieve import fetch, zip_bag
from tests.support import scratch
from tests.support.bags import CODE, NAME, Office, check, documents, unpacked

STEPS = (
    (Directory, "create"), (Directory, "make"), (Directory, "move"), (Directory, "supplant"), (Directory, "remove"),
    (Directory, "resume"), (Directory, "sync"), (Directory, "sync_disk"), (Directory, "synced"), (os, "fsync"),
    (os, "ftruncate"), (zipfile.ZipFile, "writestr"), (zip_bag.ZipBag, "_write_down"),
)  # fmt: skip


class Killed(BaseException):
    """Nothing runs after it: whatever is tried on the disk from then on is this again."""


class Fuse:
    """Dead from the `at`-th step on; `lit`: it got there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left, self.lit = 0, False
        for owner, name in STEPS:
            monkeypatch.setattr(owner, name, self._around(getattr(owner, name)))

    def set(self, at: int) -> None:
        self.left, self.lit = at, False

    def _step(self) -> None:
        if self.lit:
            raise Killed
        if self.left:
            self.left -= 1
            self.lit = not self.left
            if self.lit:
                raise Killed

    def _around(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        def fused(*args: Any, **how: Any) -> Any:
            self._step()
            result = inner(*args, **how)
            try:
                self._step()
            except Killed:
                if isinstance(result, int) and not isinstance(result, bool) and result > 2:
                    os.close(result)
                raise
            return result

        return fused


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """In memory, where the system has such a place: it is synced two hundred times."""
    with tempfile.TemporaryDirectory(dir=scratch.memory()) as at:
        yield Path(at)


@pytest.mark.parametrize("zipped", [False, True])
def test_killed_at_each_step_it_goes_on_and_asks_for_no_document_twice_but_one(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch, zipped: bool
) -> None:
    monkeypatch.setattr(fetch, "LARGE", 1000)
    monkeypatch.setattr(fetch, "BATCH_COUNT", 2)
    fuse, at = Fuse(monkeypatch), 0
    while True:
        at += 1
        office = Office(quick_path / str(at))
        for n in range(2):
            office.put(f"Achats/{n}.pdf")
        office.put("Ventes/a.pdf", b"one")
        office.put("Ventes/a.pdf", b"two")
        office.put("Ventes/large.pdf", b"x" * 5000)
        fuse.set(at)
        try:
            office.retrieve(Choice(versions=True), zipped=zipped)
        except Killed:
            assert fuse.lit
        if not fuse.lit:
            break
        fuse.set(0)
        _goes_on(office, quick_path / f"unpacked {at}", zipped=zipped)
    assert at > 60  # steps: else nothing was enumerated


def _goes_on(office: Office, into: Path, *, zipped: bool) -> None:
    whole = office.to / f"{CODE} - {NAME}{'.zip' if zipped else ''}"
    if whole.exists() and not (office.to / ".syncd-retrieve" / "begun").exists():  # it was over: nothing is left to do
        assert not [name for name in os.listdir(office.to / ".syncd-retrieve") if name.startswith("part-")]
    else:
        office.retrieve(Choice(versions=True), zipped=zipped)
    bag = unpacked(whole, into) if zipped else whole
    check(bag, by_coreutils=False)
    assert len(documents(bag)) == 5 and documents(bag)["_versions/Ventes/a (version 1).pdf"] == b"one"
    assert sum(office.remote.given.values()) <= 6 and max(office.remote.given.values()) <= 2
