"""Each end has its report of a package, and learns what became of its own on the other one."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from syncd.core.folder_rules import Direction
from syncd.core.packages import chain as chains
from syncd.core.packages.manifest import Way
from syncd.core.words import packages as said
from syncd.jobs.packages import ledger
from syncd.jobs.packages.creation import Wish
from syncd.operations.package_desk import found_lying
from syncd.report import package_report
from tests.jobs.packages.sides import CODE, SHOWN, Sides


def report(sides: Sides) -> str:
    (file,) = (sides.at / ".syncd-exchange").glob("compte-rendu-*.txt")
    return file.read_text(encoding="utf-8")


def test_a_company_finds_every_package_in_its_report(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    made = sides.send_company(Wish(purpose="R\u00e9vision"))
    sides.take_cabinet(made.file)
    sides.lab.write("Ventes/b.pdf", b"%PDF b", CODE)
    back = sides.send_cabinet(Wish(sealed=False))
    done = sides.take_company(back.file)
    assert done.report and Path(done.report).read_text(encoding="utf-8") == report(sides)
    told = report(sides).split("\n\n")
    assert "paquet n\u00b0 1 du cabinet trait\u00e9" in told[0]  # the one that the company began with
    assert f"paquet n\u00b0 1 pr\u00e9par\u00e9 ({made.file}) : 1 document" in told[1]
    assert "Objet : R\u00e9vision" in told[1] and "Achats/a.pdf : ajout\u00e9" in told[1]
    assert (
        "Ventes/b.pdf : re\u00e7u" in told[2]
        and "Accus\u00e9 : notre paquet n\u00b0 1 a \u00e9t\u00e9 trait\u00e9" in told[2]
    )
    third = sides.send_cabinet(Wish(full=True, sealed=False))
    sides.desk.discard(sides.stick / third.file)
    assert "\u00e9cart\u00e9" in report(sides).split("\n\n")[3]


def test_whoever_sent_learns_once_what_the_other_side_refused(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    sides.write("Ventes/b.pdf", b"%PDF b")
    made = sides.send_company()
    space = sides.lab.portal.spaces[sides.client]  # the cabinet takes nothing in that folder any more
    folders = [replace(f, direction=Direction.TO_PORTAL) if f.path == "Ventes" else f for f in space.tree.folders]
    space.tree = replace(space.tree, tree=2, folders=tuple(folders))
    space.state = replace(space.state, tree=2)
    sides.lab.portal.changed("client", sides.client)
    sides.lab.run()
    assert [n.path for n in sides.take_cabinet(made.file).prepared.plan.refused] == ["Ventes/b.pdf"]
    back = sides.stick / sides.send_cabinet(Wish(sealed=False)).file
    with sides.desk.opened(back) as found:
        (answer,) = sides.desk.view(found, ()).answers
        assert answer.sequence == 1 and [n.path for n in answer.refused] == ["Ventes/b.pdf"]
        lines = package_report.answered((answer,), "fr")
        assert lines[0] == said.ANSWERED("fr", number=1) and "Ventes/b.pdf" in lines[1]
        sides.desk.apply(found, ())
    again = sides.stick / sides.send_cabinet(Wish(full=True, sealed=False)).file
    with sides.desk.opened(again) as found:
        assert sides.desk.view(found, ()).answers == ()


def test_an_answer_about_some_folders_is_told_again_only_when_there_are_more(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    for folder in ("Achats", "Banque"):
        sides.write(f"{folder}/a.pdf", folder.encode())
    made = sides.send_company()
    sides.take_cabinet(made.file, ("Achats",))
    chain = sides.chain()
    receipts = chains.receipts(chain)
    first = sides.stick / sides.send_cabinet(Wish(sealed=False)).file
    with sides.desk.opened(first) as found:
        assert [a.folders for a in sides.desk.view(found, ()).answers] == [("Achats",)] == [receipts[-1].folders]
        sides.desk.apply(found, ())
    second = sides.stick / sides.send_cabinet(Wish(full=True, sealed=False)).file
    with sides.desk.opened(second) as found:
        assert sides.desk.view(found, ()).answers == ()


def test_a_list_knows_this_sides_own_packages_sealed_or_not(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    own = sides.send_company(Wish(sealed=True)).file
    sides.take_cabinet(own)
    sides.take_company(sides.send_cabinet(Wish(sealed=False)).file)  # it is acknowledged
    states = {one.file: one.state for one in sides.desk.listed(sides.stick) if one.size}
    assert states[own] == "own" and set(states.values()) == {"own", "replayed"}
    with ledger.opened(sides.home) as at_the_cabinet:
        elsewhere = found_lying(sides.stick / own, at_the_cabinet, (), Way.TO_CABINET, SHOWN)
    assert elsewhere.state == "other"
