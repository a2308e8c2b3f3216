"""Killed at each step that lasts, while a package is made or dealt with: the same command again brings all of it, once."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.core.packages.manifest import PackageRefused
from syncd.disk.directory import Directory
from syncd.jobs.packages import receiving
from syncd.jobs.packages.creation import Wish
from tests.jobs.intake.test_killed import Fuse, Killed, fused
from tests.jobs.packages.sides import CODE, Sides, parity

EACH = int(os.environ.get("SYNCD_EACH_STEP", "9"))  # ./scripts/fuzz packages: every one
PLAIN = Wish(sealed=False)


def given(base: Path) -> Sides:
    """Both sides have something new for the other, of each kind of change."""
    sides = Sides(base)
    for name in ("gone", "moved", "edited", "both"):
        sides.write(f"Achats/{name}.pdf", name.encode())
    sides.exchange()
    (sides.at / "Achats/gone.pdf").unlink()
    (sides.at / "Achats/moved.pdf").rename(sides.at / "Ventes/moved.pdf")
    sides.write("Achats/edited.pdf", b"edited by the company")
    sides.write("Achats/both.pdf", b"both, the company's")
    sides.write("Ventes/new.pdf", b"new")
    sides.lab.write("Achats/both.pdf", b"both, the cabinet's", CODE)
    sides.lab.write("Banque/new.pdf", b"new of the cabinet", CODE)
    return sides


def made(sides: Sides) -> None:
    sides.send_company()


def taken_by_the_cabinet(sides: Sides) -> None:
    with contextlib.suppress(PackageRefused):  # it was dealt with: only the end of the command was cut
        sides.take_cabinet(_last(sides, "to_cabinet"))


def taken_by_the_company(sides: Sides) -> None:
    with contextlib.suppress(PackageRefused):
        sides.take_company(_last(sides, "to_company"))


def _last(sides: Sides, way: str) -> str:
    found = {}
    for path in sides.stick.glob("*.syncpkg"):
        with receiving.opened(path, None) as one:  # none of them is half of one
            if one.manifest.way == way:
                found[one.manifest.sequence] = path.name
    return found[max(found)]


def before(act: Callable[[Sides], None], sides: Sides) -> None:
    if act is taken_by_the_cabinet:
        sides.send_company()
    elif act is taken_by_the_company:
        sides.send_cabinet(PLAIN)


def check(sides: Sides, at: int) -> None:
    sides.exchange()
    assert parity(sides.company()) == parity(sides.cabinet()) == parity(sides.online()), at
    contents = sorted(sides.online().values())
    assert contents == sorted(
        [
            b"moved",
            b"edited by the company",
            b"both, the company's",
            b"both, the cabinet's",
            b"new",
            b"new of the cabinet",
        ]
    ), at
    assert sides.cabinet()["Achats/supp_gone.pdf"] == b"gone", at
    assert not [p for p in sides.stick.iterdir() if not p.name.endswith(".syncpkg")], at


@pytest.mark.parametrize("act", [made, taken_by_the_cabinet, taken_by_the_company])
def test_killed_at_each_step_nothing_is_lost_or_doubled(tmp_path: Path, act: Callable[[Sides], None]) -> None:
    counted, sides = Fuse(0), given(tmp_path / "counted")
    before(act, sides)
    with more_fused(counted):
        act(sides)
    assert counted.steps > 10
    for at in range(1 + EACH // 2, counted.steps + 1, EACH):
        sides, fuse = given(tmp_path / f"{at}"), Fuse(at)
        before(act, sides)
        with more_fused(fuse), contextlib.suppress(Killed):
            act(sides)
        act(sides)
        check(sides, at)


@contextlib.contextmanager
def more_fused(fuse: Fuse):  # type: ignore[no-untyped-def]
    with pytest.MonkeyPatch.context() as patch:
        for name in ("supplant", "exchange"):
            patch.setattr(Directory, name, fuse.around(getattr(Directory, name)))
        with fused(fuse):
            yield
