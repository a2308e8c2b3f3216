"""Killed at each step that lasts, one after the other: then new passes, and each scan is one document, online, put away once."""

from __future__ import annotations

import contextlib
import functools
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import syncd.disk.durability
from syncd.disk.directory import Directory
from syncd.state.transaction import Transaction
from tests.jobs.intake.robot import ONE, Robot
from tests.support.scans import pdf, tiff

SCANS = {
    f"{ONE}/Achats/a.pdf": pdf("a"), f"{ONE}/Achats/b.tif": tiff([b"b"]), f"{ONE}/c.pdf": pdf("c"),
    f"{ONE}/Achats/again.pdf": pdf("a"), f"{ONE}/Achats/bad.pdf": b"%PDF-1.4",
}  # fmt: skip
DOCUMENTS = {hashlib.sha256(d).hexdigest() for d in (pdf("a"), tiff([b"b"]), pdf("c"))}


class Killed(BaseException):
    """The process ends here: nothing of it runs any more."""


class Fuse:
    """`at`: the step, counted from 1, right before or after which it burns; `steps`: how many there were."""

    def __init__(self, at: int) -> None:
        self.at, self.steps, self.burnt = at, 0, False

    def step(self) -> None:
        if self.burnt:
            raise Killed
        self.steps += 1
        if self.steps == self.at:
            self.burnt = True
            raise Killed

    def around(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(inner)
        def fused(*args: Any, **options: Any) -> Any:
            self.step()
            result = inner(*args, **options)
            self.step()
            return result

        return fused


@contextlib.contextmanager
def fused(fuse: Fuse) -> Iterator[None]:
    atomic = Transaction.atomic

    @contextlib.contextmanager
    def committing(self: Transaction) -> Iterator[None]:
        outer = not self.conn.in_transaction
        with atomic(self):
            yield
            if outer:
                fuse.step()
        if outer:
            fuse.step()

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in (
            (Directory, "move"), (Directory, "make"), (Directory, "create"), (Directory, "remove"),
            (syncd.disk.durability, "sync_names"), (syncd.disk.durability, "sync_documents"),
        ):  # fmt: skip
            patch.setattr(owner, name, fuse.around(getattr(owner, name)))
        patch.setattr(Transaction, "atomic", committing)
        yield


def story(robot: Robot) -> None:
    """From the scanner to the archive: three looks and the passes between them."""
    for _ in range(3):
        robot.look()
        robot.lab.run()


def given(base: Path, *, delete: bool) -> Robot:
    robot = Robot(base, delete=delete, codes=(ONE,))
    for place, data in SCANS.items():
        robot.scan(place, data)
    return robot


@pytest.mark.parametrize(("delete", "first", "each"), [*((False, n, 4) for n in range(1, 5)), (True, 1, 4)])
def test_killed_at_each_step_each_scan_is_one_document(tmp_path: Path, delete: bool, first: int, each: int) -> None:
    """`first`, `each`: in several processes at once. Where sources are deleted, the steps are the same but for the last."""
    counted, robot = Fuse(0), given(tmp_path / "counted", delete=delete)
    with fused(counted):
        story(robot)
    assert counted.steps > 50
    for at in range(first, counted.steps + 1, each):
        robot, fuse = given(tmp_path / f"{at}", delete=delete), Fuse(at)
        with fused(fuse), contextlib.suppress(Killed):
            story(robot)
        assert fuse.burnt or at > counted.steps - 10, at  # a listing in another order has a step more or less
        proved = {hashlib.sha256(d).hexdigest() for d in robot.online().values()}
        assert robot.everywhere() | proved >= DOCUMENTS, at  # no source went before it was proved
        robot.anew()
        for _ in range(2):
            story(robot)
        online = [hashlib.sha256(d).hexdigest() for d in robot.online().values()]
        assert sorted(online) == sorted(DOCUMENTS), at
        assert robot.origins() == {"scanner"}, at
        left = robot.left()
        assert robot.claims() == [] and all(p.startswith((".traites/", ".doublons/", ".rejets/")) for p in left), (
            at,
            left,
        )
        assert sum(p.startswith(".rejets/") for p in left) == 2, (at, left)
