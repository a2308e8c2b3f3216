"""A package is proved once for whoever deals with it, away from the event loop; each order of it is answered by itself."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.core.errors import SyncdError
from syncd.core.packages.manifest import PackageRefused
from syncd.disk.directory import Directory
from syncd.engine import Ports
from syncd.engine.maintenance.maintenance_run import MaintenanceTask
from syncd.jobs.packages import receiving, scheduled
from syncd.jobs.packages.creation import Wish
from syncd.jobs.packages.keys import Keys
from syncd.jobs.packages.ledger import PART
from syncd.local.mirror import DiskMirror
from syncd.operations.package_desk import in_order
from syncd.package_file import archive, public_keys
from syncd.package_file.public_keys import Public
from syncd.ports.state import Request
from tests.jobs.intake.test_killed import Killed
from tests.jobs.packages.sides import CODE, Sides


@pytest.fixture
def proved(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads in which a package was proved."""
    threads, check = list[int](), archive.check

    def counted(file: Any, package: archive.Package) -> None:
        threads.append(threading.get_ident())
        check(file, package)

    monkeypatch.setattr(archive, "check", counted)
    return threads


def test_shown_agreed_to_and_dealt_with_it_is_proved_once(tmp_path: Path, proved: list[int]) -> None:
    sides = Sides(tmp_path)
    sides.lab.write("Achats/a.pdf", b"%PDF a", CODE)
    file = sides.stick / sides.send_cabinet(Wish(sealed=True)).file
    proved.clear()
    assert in_order([file], None) == [file]
    with sides.desk.opened(file) as found:
        assert [e.path for e in sides.desk.view(found, ()).steps] == ["Achats/a.pdf"]
        assert sides.desk.apply(found, ()).done == 1
    assert len(proved) == 1


def served(sides: Sides, *names: str, agreed: str = "") -> list[SyncdError | frozenset[str]]:
    """How the service answers whoever ordered each. `agreed`: digest of the one that was shown, of each its own when empty."""

    def digest(name: str) -> str:
        with contextlib.suppress(PackageRefused), receiving.opened(sides.stick / name, None) as found:
            return found.package.digest
        return ""

    config: Any = SimpleNamespace(mirror=SimpleNamespace(state=str(sides.base)), timezone="Europe/Paris")
    (sides.base / scheduled.HOME).unlink(missing_ok=True)
    (sides.base / scheduled.HOME).symlink_to(sides.home)
    packages, answers = scheduled.ScheduledPackages(config), list[SyncdError | frozenset[str]]()
    places = [scheduled.order(sides.home, sides.stick / name, (), agreed or digest(name)) for name in names]
    for n, place in enumerate(places):
        mirror = DiskMirror(str(sides.lab.root), settle=0.0)
        task = MaintenanceTask(
            Ports(sides.lab.remote, mirror, sides.lab.state, sides.lab.clock), sides.lab.settings, lambda event: None
        )

        asked = Request(n, (), kind="package", wish={"order": place.name})

        async def work(task: MaintenanceTask = task, asked: Request = asked) -> None:
            answers.append(await packages(task.ctx, asked=asked))

        try:
            asyncio.run(task(work))
        except SyncdError as e:
            answers.append(e)
        finally:
            mirror.rest()
    assert not list((sides.home / scheduled.ORDERS).iterdir())
    return answers


def test_each_order_is_answered_by_itself_and_proved_away_from_the_loop(tmp_path: Path, proved: list[int]) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    made = sides.send_company()
    damaged = sides.stick / f"{CODE}-20260101000000.syncpkg"
    damaged.write_bytes((sides.stick / made.file).read_bytes()[:-50])
    proved.clear()
    bad, good = served(sides, damaged.name, made.file)
    assert isinstance(bad, PackageRefused) and "not whole" in str(bad)
    assert good == frozenset({sides.client}) and sides.cabinet()["Achats/a.pdf"] == b"%PDF a"
    by_the_service = proved[-2:]  # before, this test looked for their digests
    assert threading.get_ident() not in by_the_service and len(by_the_service) == 2


def test_what_is_dealt_with_is_what_was_shown(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    (other,) = served(sides, sides.send_company().file, agreed="0" * 64)
    assert isinstance(other, PackageRefused) and sides.cabinet() == {}


@pytest.mark.parametrize("name", ["0" * 16, "../../etc", ""])
def test_an_order_that_is_not_there_is_never_said_to_be_dealt_with(tmp_path: Path, name: str) -> None:
    config: Any = SimpleNamespace(mirror=SimpleNamespace(state=str(tmp_path)), timezone="Europe/Paris")
    asked = Request(1, (), kind="package", wish={"order": name})
    ctx: Any = None
    with pytest.raises(SyncdError, match="stopped before"):
        asyncio.run(scheduled.ScheduledPackages(config)(ctx, asked=asked))


def test_an_order_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.syncpkg").write_bytes(b"x")

    def cut(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", cut)
    with pytest.raises(SyncdError, match="is full"):
        scheduled.order(tmp_path / "home", tmp_path / "x.syncpkg", (), "")
    assert not list((tmp_path / "home" / scheduled.ORDERS).iterdir())


def test_whoever_joins_believes_the_key_that_was_compared(tmp_path: Path) -> None:
    sides, strangers = Sides(tmp_path / "sides", known=False), Sides(tmp_path / "strangers", known=False)
    first = sides.stick / sides.send_cabinet(Wish(full=True, sealed=False)).file
    swapped = strangers.stick / strangers.send_cabinet(Wish(full=True, sealed=False)).file
    with sides.desk.first(first) as found:
        compared = sides.desk.introduced(found)
        first.write_bytes(swapped.read_bytes())  # meanwhile
    with sides.desk.first(first) as found, pytest.raises(PackageRefused, match="another key"):
        sides.desk.join(found, compared)
    with sides.desk.first(first) as found, pytest.raises(PackageRefused, match="another key"):
        sides.desk.join(found, Public(sides.desk.introduced(found).signing, compared.sealing))


# -- what a kill and a full disk leave -----------------------------------------------------------------------------------


def named_below(base: Path, needle: bytes) -> list[Path]:
    return [p for p in base.rglob("*") if p.is_file() and needle in p.read_bytes()]


def test_what_is_sealed_lies_open_under_no_name_even_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = Sides(tmp_path)
    sides.lab.write("Achats/paie.pdf", b"%PDF salaries", CODE)
    found = list[Path]()

    def killed(*args: Any) -> None:
        found.extend([*named_below(sides.home, b"salaries"), *named_below(sides.stick, b"salaries")])
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(public_keys, "seal", killed)
        patch.setattr(Directory, "remove", killed)  # a kill tidies nothing
        sides.send_cabinet(Wish(sealed=True))
    assert found == []
    (sides.home / f"{PART}of-an-earlier-version").write_bytes(b"salaries")
    sides.send_cabinet(Wish(sealed=True))
    assert named_below(sides.home, b"salaries") == [] and not list(sides.stick.glob(f"{PART}*"))


def test_a_full_disk_ends_a_package_that_is_taken_up_again_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = Sides(tmp_path)
    for name in "abc":
        sides.lab.write(f"Achats/{name}.pdf", name.encode() * 100, CODE)
    file = sides.send_cabinet(Wish(sealed=False)).file
    written, write = [0], os.write

    def until_full(fd: int, data: bytes) -> int:
        return full() if len(data) == 100 and counted() > 2 else write(fd, data)

    def counted() -> int:
        written[0] += 1
        return written[0]

    with monkeypatch.context() as patch, pytest.raises(SyncdError, match="is full"):
        patch.setattr(os, "write", until_full)
        sides.take_company(file)
    assert set(sides.company()) == {"Achats/a.pdf", "Achats/b.pdf"}
    assert not list((sides.at / ".syncd/tmp").iterdir())
    assert sides.take_company(file).done == 1  # the rest of the very package
    assert set(sides.company()) == {"Achats/a.pdf", "Achats/b.pdf", "Achats/c.pdf"}
    assert not list(sides.at.rglob("*.interrupted"))


def test_the_reserve_of_the_cabinets_disk_is_kept(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    made = sides.send_company()
    usual, sides.lab.settings = sides.lab.settings, replace(sides.lab.settings, reserve=2**60)
    with pytest.raises(SyncdError, match="is full"):
        sides.take_cabinet(made.file, publish=False)
    assert sides.cabinet() == {}
    sides.lab.settings = usual
    sides.take_cabinet(made.file)
    assert sides.online() == {"Achats/a.pdf": b"%PDF a"}


def full(*args: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("where", ["sealing", "unsealing", "a temporary file"])
def test_a_full_disk_is_said_to_be_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    sides = Sides(tmp_path)
    sides.lab.write("Achats/a.pdf", b"%PDF a", CODE)
    act: Callable[[], object] = lambda: sides.send_cabinet(Wish(sealed=True))  # noqa: E731
    if where == "sealing":
        monkeypatch.setattr(public_keys, "seal", full)
    else:
        name = sides.send_cabinet(Wish(sealed=True)).file
        act = lambda: sides.take_company(name)  # noqa: E731
        if where == "unsealing":
            monkeypatch.setattr(Keys, "unseal", full)
        else:
            monkeypatch.setattr(receiving, "tempfile", SimpleNamespace(TemporaryFile=lambda **how: full()))
    with pytest.raises(SyncdError, match="is full") as told:
        act()
    assert not isinstance(told.value, PackageRefused)
