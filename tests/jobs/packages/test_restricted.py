"""Names of restricted folders' documents are told to nobody but the receiver, whichever line bears them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from syncd.core.folder_rules import Direction, FolderRule
from syncd.jobs.packages import ledger
from syncd.jobs.packages.creation import Wish
from tests.jobs.packages.sides import CODE, Sides

SOCIAL = FolderRule("Social", restricted=True)
SECRET = "Social/Licenciement Dupont.pdf"


def _both(base: Path) -> Sides:
    """Both sides hold a confidential document, and know that they do."""
    sides = Sides(base, (FolderRule("Achats"), SOCIAL))
    sides.lab.write(SECRET, b"%PDF s", CODE)
    sides.take_company(sides.send_cabinet(Wish(sealed=True)).file)
    sides.take_cabinet(sides.send_company().file)
    return sides


def _root(sides: Sides) -> Path:
    return sides.lab.root / next(r.dir for r in sides.lab.state.clients.all())


def _renamed(sides: Sides) -> None:
    (_root(sides) / SECRET).rename(_root(sides) / "Social/Dossier.pdf")


def _moved_out(sides: Sides) -> None:
    (_root(sides) / SECRET).rename(_root(sides) / "Achats/a.pdf")


def _deleted(sides: Sides) -> None:
    sides.lab.portal.remove(sides.client, SECRET)


@pytest.mark.parametrize("act", [_renamed, _moved_out, _deleted])
def test_a_line_without_bytes_is_sealed_too_and_waits_for_the_key(tmp_path: Path, act: Callable[[Sides], None]) -> None:
    sides = _both(tmp_path)
    act(sides)
    with ledger.opened(sides.home) as own:
        known = own.trusted(sides.client)
        own.trust(sides.client, tuple(replace(t, key=replace(t.key, sealing="")) for t in known))
    alone = sides.send_cabinet()
    assert not alone.file and len(alone.withheld) == 1  # what waits makes no package by itself
    sides.lab.write("Achats/b.pdf", b"%PDF b", CODE)
    open_one = sides.send_cabinet()
    assert not open_one.sealed and open_one.withheld == alone.withheld
    assert b"Dupont" not in (sides.stick / open_one.file).read_bytes()
    with ledger.opened(sides.home) as own:
        own.trust(sides.client, known)
    made = sides.send_cabinet()
    assert made.sealed and made.manifest is not None
    assert [e.path for e in made.manifest.entries if e.path != "Achats/b.pdf"] == list(open_one.withheld)
    sides.take_company(made.file)
    assert SECRET not in sides.company()


def test_what_could_not_be_done_is_named_to_the_sender_alone(tmp_path: Path) -> None:
    sides = _both(tmp_path)
    sides.lab.write(SECRET, b"%PDF corrected", CODE)
    sides.write("Social/.~lock.Licenciement Dupont.pdf#", b"Dupont,,pc,01.01.2026,file:///;")
    later = sides.take_company(sides.send_cabinet().file).later
    assert [n.path for n in later] == [SECRET]
    made = sides.send_company()
    assert made.sealed and made.manifest is not None and made.manifest.receipts[-1].later == (SECRET,)
    with ledger.opened(sides.at / ".syncd-exchange") as own:
        known = own.trusted(sides.client)
        own.trust(sides.client, tuple(replace(t, key=replace(t.key, sealing="")) for t in known))
    sides.write("Achats/b.pdf", b"%PDF b")
    made = sides.send_company()
    assert made.manifest is not None and not made.sealed
    assert all(SECRET not in r.later for r in made.manifest.receipts)
    sides.take_cabinet(made.file)
    (sides.at / "Social/.~lock.Licenciement Dupont.pdf#").unlink()
    sides.take_company(sides.send_cabinet().file)
    assert sides.company()[SECRET] == b"%PDF corrected"  # an acknowledgement without its names would have lost it
    assert (
        sides.send_company().file and not sides.send_company().file
    )  # what waits for the key makes no package by itself


def test_what_was_refused_in_a_restricted_folder_is_named_to_its_sender_alone(tmp_path: Path) -> None:
    sides = Sides(tmp_path, (FolderRule("Achats"), SOCIAL))
    sides.write(SECRET, b"%PDF s")
    made = sides.send_company()
    space = sides.lab.portal.spaces[sides.client]  # the cabinet takes nothing in that folder any more
    folders = (FolderRule("Achats"), replace(SOCIAL, direction=Direction.TO_PORTAL))
    space.tree, space.state = replace(space.tree, tree=2, folders=folders), replace(space.state, tree=2)
    sides.lab.portal.changed("client", sides.client)
    sides.lab.run()
    assert sides.take_cabinet(made.file).prepared.plan.refused
    sides.lab.write("Achats/a.pdf", b"%PDF a", CODE)
    assert sides.send_cabinet().sealed
