"""Numbers decide the order: what is missing, replayed or older is named, and what is chosen, thrown away or restored adds up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from syncd.core.errors import SyncdError
from syncd.core.guards import Limits
from syncd.core.packages.manifest import PackageRefused
from syncd.disk.directory import Directory
from syncd.jobs.packages.creation import Wish
from syncd.operations.package_desk import in_order
from syncd.package_file import archive
from tests.jobs.packages.sides import CODE, Sides, parity


def test_a_lost_package_is_not_missed_and_an_older_one_is_named(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    lost = sides.send_company()
    sides.write("Achats/b.pdf", b"%PDF b")
    sides.take_cabinet(sides.send_company().file)
    assert sides.online() == {"Achats/a.pdf": b"%PDF a", "Achats/b.pdf": b"%PDF b"}
    with pytest.raises(PackageRefused, match=r"no. 1 is older than no. 2"):
        sides.take_cabinet(lost.file)


def test_a_replay_does_nothing_and_says_so(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    made = sides.send_company()
    sides.take_cabinet(made.file)
    sides.lab.portal.remove(sides.client, "Achats/a.pdf")
    sides.lab.run()
    with pytest.raises(PackageRefused, match=r"no. 1 was dealt with already"):
        sides.take_cabinet(made.file)
    assert sides.online() == {}


def test_a_gap_is_named_with_its_day_and_a_whole_package_fills_it(tmp_path: Path) -> None:
    """The cabinet's memory was put back from a backup: it acknowledged what it does not know any more."""
    sides = Sides(tmp_path)
    shutil.copytree(sides.home, tmp_path / "backup")
    sides.write("Achats/a.pdf", b"%PDF a")
    sides.take_cabinet(sides.send_company().file)
    sides.take_company(sides.send_cabinet().file)
    shutil.rmtree(sides.home)
    shutil.copytree(tmp_path / "backup", sides.home)
    sides.write("Achats/b.pdf", b"%PDF b")
    with pytest.raises(PackageRefused, match=r"no. 1 of \d\d/\d\d/\d{4} \d\d:\d\d is missing"):
        sides.take_cabinet(sides.send_company().file)
    sides.take_cabinet(sides.send_company(Wish(full=True)).file)
    sides.exchange()
    assert (
        sides.company() == sides.cabinet() == sides.online() == {"Achats/a.pdf": b"%PDF a", "Achats/b.pdf": b"%PDF b"}
    )


def test_a_sender_that_was_put_back_goes_on_above_what_was_acknowledged(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    home = sides.at / ".syncd-exchange"
    shutil.copytree(home, tmp_path / "backup")
    for name in "ab":
        sides.write(f"Achats/{name}.pdf", name.encode())
        sides.take_cabinet(sides.send_company().file)
    shutil.rmtree(home)
    shutil.copytree(tmp_path / "backup", home)
    sides.take_company(sides.send_cabinet().file)
    sides.write("Achats/c.pdf", b"c")
    made = sides.send_company()
    assert made.manifest is not None and made.manifest.sequence == 3 and made.manifest.full
    sides.take_cabinet(made.file)
    assert parity(sides.cabinet()) == parity(sides.company()) == parity(sides.online())


def test_the_clock_says_nothing(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.lab.write("Achats/a.pdf", b"%PDF a", CODE)
    sides.now += 400 * 86400
    first = sides.send_cabinet()
    sides.now -= 800 * 86400
    sides.lab.write("Achats/b.pdf", b"%PDF b", CODE)
    second = sides.send_cabinet()
    files = [sides.stick / second.file, sides.stick / first.file]
    assert in_order(files, None) == files[::-1]
    for file in in_order(files, None):
        sides.take_company(file.name)
    assert sorted(sides.company()) == ["Achats/a.pdf", "Achats/b.pdf"]


def test_sealed_ones_go_by_their_numbers_too(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.lab.write("Achats/a.pdf", b"%PDF a", CODE)
    first = sides.send_cabinet(Wish(sealed=True))
    sides.lab.write("Achats/b.pdf", b"%PDF b", CODE)
    second = sides.send_cabinet(Wish(sealed=True))
    files = [sides.stick / second.file, sides.stick / first.file]
    assert sides.desk.in_order(files) == files[::-1]


def test_folders_are_chosen_and_the_rest_comes_another_time(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    sides.write("Ventes/v.pdf", b"%PDF v")
    made = sides.send_company()
    sides.take_cabinet(made.file, ("achats",))
    assert sides.online() == {"Achats/a.pdf": b"%PDF a"}
    back = sides.send_cabinet()
    sides.take_company(back.file)
    again = sides.send_company()
    assert again.manifest is not None and [e.path for e in again.manifest.entries] == ["Ventes/v.pdf"]
    sides.take_cabinet(made.file)
    with pytest.raises(PackageRefused):
        sides.take_cabinet(made.file)
    sides.exchange()
    assert (
        sides.company() == sides.cabinet() == sides.online() == {"Achats/a.pdf": b"%PDF a", "Ventes/v.pdf": b"%PDF v"}
    )


def test_what_was_thrown_away_comes_with_the_next_one_and_leaves_a_trace(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.lab.write("Achats/a.pdf", b"%PDF a", CODE)
    made = sides.send_cabinet()
    sides.desk.discard(sides.stick / made.file)
    assert not (sides.stick / made.file).exists()
    assert [line.state for line in sides.desk.listed(None)] == ["received", "discarded"]
    assert sides.company() == {}
    sides.take_company(sides.send_cabinet().file)
    assert sides.company() == {"Achats/a.pdf": b"%PDF a"}


def test_a_mass_of_deletions_waits_for_the_cabinets_agreement(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    for n in range(30):
        sides.write(f"Achats/{n}.pdf", str(n).encode())
    sides.exchange()
    sides.lab.settings = replace(sides.lab.settings, limits=Limits(first_publication="allow"))
    for n in range(25):
        (sides.at / f"Achats/{n}.pdf").unlink()
    made = sides.send_company()
    assert sides.take_cabinet(made.file, dry_run=True).waits == 25
    sides.take_cabinet(made.file)
    assert len(sides.cabinet()) == 30 and not any("supp_" in p for p in sides.cabinet())
    assert len(sides.lab.state.guards.waiting(sides.client)) == 1


def test_what_the_rules_refuse_is_said_and_comes_back_to_nobody(tmp_path: Path) -> None:
    """Nor is it deleted at the company because the cabinet does not have it."""
    sides = Sides(tmp_path)
    sides.write("Achats/tool.pdf", b"x")
    made = sides.send_company()
    sides.lab.write("Achats/tool.pdf", b"ours", CODE)
    sides.take_cabinet(made.file)
    sides.write("Achats/run.exe", b"MZ")
    made, left = sides.desk.create("", sides.stick, Wish())
    assert [(n.path, n.reason) for n in left] == [("Achats/run.exe", "extension_not_allowed")]
    sides.exchange()
    assert "Achats/run.exe" in sides.company() and "Achats/run.exe" not in sides.online()


def test_documents_held_back_at_the_cabinet_are_not_taken_from_the_company(tmp_path: Path) -> None:
    """First publications wait: the cabinet's next package neither deletes nor reverts what the company has just sent."""
    sides = Sides(tmp_path)
    sides.lab.settings = replace(sides.lab.settings, limits=Limits())
    sides.write("Achats/a.pdf", b"%PDF a")
    sides.take_cabinet(sides.send_company().file)
    assert sides.online() == {} and sides.cabinet() == {"Achats/a.pdf": b"%PDF a"}
    back = sides.send_cabinet()
    assert back.manifest is not None and back.manifest.entries == ()
    sides.take_company(back.file)
    assert sides.company() == {"Achats/a.pdf": b"%PDF a"}


def test_documents_that_change_while_it_is_made_are_left_for_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = Sides(tmp_path)
    for name in "abc":
        sides.write(f"Achats/{name}.pdf", name.encode() * 10)
    opening = Directory.document

    def saved(self: Directory, name: str) -> int:
        if name == "b.pdf":
            (sides.at / "Achats/b.pdf").write_bytes(b"another one, longer than before")
        return opening(self, name)

    monkeypatch.setattr(Directory, "document", saved)
    made = sides.send_company()
    assert made.left == ("Achats/b.pdf",)
    monkeypatch.undo()
    sides.take_cabinet(made.file)
    assert sorted(sides.online()) == ["Achats/a.pdf", "Achats/c.pdf"]
    sides.take_cabinet(sides.send_company().file)
    assert sides.online()["Achats/b.pdf"] == b"another one, longer than before"


def test_a_stick_that_is_full_or_pulled_leaves_no_half_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    before = sorted(p.name for p in sides.stick.iterdir())

    def full(self: archive.Writer) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.Writer, "close", full)
    with pytest.raises(SyncdError, match="is full"):
        sides.send_company()
    assert sorted(p.name for p in sides.stick.iterdir()) == before
    monkeypatch.undo()
    sides.take_cabinet(sides.send_company().file)
    assert sides.online() == {"Achats/a.pdf": b"%PDF a"}


def test_a_directory_that_cannot_be_read_deletes_nothing(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    sides.exchange()
    shutil.rmtree(sides.at / "Achats")
    (sides.at / "Achats").symlink_to(tmp_path)
    made = sides.send_company()
    assert made.manifest is None or not made.manifest.entries
