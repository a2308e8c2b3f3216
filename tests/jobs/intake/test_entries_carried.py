"""Entries go both ways as they are: from the share to the folder « Écritures », and from the portal to the software's directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.disk.directory import Directory
from tests.jobs.intake.robot import ONE, OTHER, Robot
from tests.support.scans import pdf

DEX = b"\x01\x02 no text, and nobody's business \x00\xff"


@pytest.fixture
def robot(tmp_path: Path) -> Robot:
    return Robot(tmp_path, export=tmp_path / "export")


def handed(robot: Robot) -> dict[str, bytes]:
    root = Path(robot.options.export)
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_what_lies_on_the_share_goes_to_the_folder_of_entries_and_is_not_handed_back(robot: Robot) -> None:
    robot.scan(f"{ONE}/a.DEX", DEX)
    robot.scan(f"{ONE}/Factures/b.ecr", b"VER   02000008550\r\n")
    robot.scan(f"{ONE}/scan.pdf", pdf())
    robot.whole()
    robot.look()
    assert set(robot.online()) == {"Écritures/a.DEX", "Écritures/b.ecr", "À classer/scan.pdf"}
    assert robot.online()["Écritures/a.DEX"] == DEX and handed(robot) == {}
    assert all(p.startswith(".traites/") for p in robot.left())


def test_one_name_twice_with_other_content_is_two_documents_in_their_order(robot: Robot) -> None:
    robot.scan(f"{ONE}/a.DEX", b"first")
    robot.look()
    robot.scan(f"{ONE}/a.DEX", b"second")
    robot.whole()
    assert robot.online() == {"Écritures/a.DEX": b"first", "Écritures/a (2).DEX": b"second"}


def test_what_the_portal_received_is_handed_over_in_order_and_once(robot: Robot) -> None:
    for name in ("z", "a", "m"):
        robot.lab.deposit(f"Écritures/{name}.dex", name.encode(), ONE)
        robot.lab.run()
    robot.lab.deposit("Écritures/o.ecr", b"other", OTHER)
    robot.lab.deposit("Achats/x.dex", b"elsewhere", ONE)
    robot.lab.run()
    robot.look(dry_run=True)
    assert handed(robot) == {} and len([e for e in robot.events if e.action == "export"]) == 4
    robot.look()
    assert [e.to for e in robot.events if e.action == "export"] == [
        f"{ONE}/z.dex", f"{ONE}/a.dex", f"{ONE}/m.dex", f"{OTHER}/o.ecr",
    ]  # fmt: skip
    there = {f"{ONE}/z.dex": b"z", f"{ONE}/a.dex": b"a", f"{ONE}/m.dex": b"m", f"{OTHER}/o.ecr": b"other"}
    assert handed(robot) == there
    for path in Path(robot.options.export).rglob("*.*"):  # the software has read them
        path.unlink()
    robot.anew()
    robot.look()
    assert handed(robot) == {} and robot.said() == []
    robot.lab.deposit("Écritures/later.dex", b"z again", ONE)
    robot.lab.run()
    robot.look()
    assert handed(robot) == {f"{ONE}/later.dex": b"z again"}


def test_a_name_that_was_not_read_yet_is_not_replaced(robot: Robot) -> None:
    (Path(robot.options.export) / ONE).mkdir(parents=True)
    (Path(robot.options.export) / ONE / "a.dex").write_bytes(b"the software's own")
    robot.lab.deposit("Écritures/a.dex", b"new", ONE)
    robot.lab.run()
    robot.look()
    assert handed(robot) == {f"{ONE}/a.dex": b"the software's own", f"{ONE}/a (2).dex": b"new"}


def test_what_the_cabinet_put_there_itself_is_not_handed_to_the_software_that_made_it(robot: Robot) -> None:
    robot.lab.write("Écritures/own.dex", b"own", ONE)
    robot.lab.converge()
    for _ in range(2):
        robot.look()
        assert handed(robot) == {} and robot.said() == []
    assert set(robot.online()) == {"Écritures/own.dex"}


@pytest.mark.parametrize("after", [False, True], ids=["before it has its name", "afterwards"])
def test_cut_at_its_name_it_is_handed_over_once(robot: Robot, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    robot.lab.deposit("Écritures/a.dex", b"a" * 50, ONE)
    robot.lab.run()
    move = Directory.move

    def cut(self: Directory, name: str, into: Directory, to: str) -> None:
        if to != "a.dex":
            move(self, name, into, to)
            return
        if after:
            move(self, name, into, to)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Directory, "move", cut)
        robot.look()
    for _ in range(2):
        robot.anew()
        robot.look()
    assert {n: d for n, d in handed(robot).items() if not n.endswith(".part")} == {f"{ONE}/a.dex": b"a" * 50}
