"""Documents go by hand, both ways, and both sides end up the same."""

from __future__ import annotations

from pathlib import Path

from syncd.jobs.packages.creation import Wish
from tests.jobs.packages.sides import CODE, Sides, parity


def test_what_the_company_adds_changes_and_deletes_comes_to_the_cabinet_and_online(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/facture.pdf", b"%PDF one")
    sides.write("Fiscalité/été.pdf", b"%PDF nowhere")
    sides.take_cabinet(sides.send_company().file)
    assert sides.cabinet() == sides.online() == {"Achats/facture.pdf": b"%PDF one"}
    sides.write("Achats/facture.pdf", b"%PDF two")
    sides.write("Ventes/b.pdf", b"%PDF b")
    sides.take_cabinet(sides.send_company().file)
    assert sides.online() == {"Achats/facture.pdf": b"%PDF two", "Ventes/b.pdf": b"%PDF b"}
    (sides.at / "Ventes/b.pdf").unlink()
    sides.take_cabinet(sides.send_company().file)
    assert "Ventes/b.pdf" not in sides.online()
    assert sides.cabinet() == {"Achats/facture.pdf": b"%PDF two", "Ventes/supp_b.pdf": b"%PDF b"}


def test_what_the_cabinet_has_comes_to_the_company_and_a_deletion_is_set_aside(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.lab.write("Achats/été.pdf", b"%PDF a", CODE)
    sides.lab.write("Interne/secret.pdf", b"%PDF s", CODE)
    sides.take_company(sides.send_cabinet().file)
    assert sides.company() == {"Achats/été.pdf": b"%PDF a"}
    sides.exchange()
    sides.lab.portal.remove(sides.client, "Achats/été.pdf")
    sides.exchange()
    assert sides.company() == {"Achats/supp_été.pdf": b"%PDF a"}
    sides.exchange()
    assert parity(sides.cabinet()) == parity({**sides.online(), "Interne/secret.pdf": b"%PDF s"})


def test_both_changed_one_document_both_versions_are_kept_under_the_same_names(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF 0")
    sides.exchange()
    sides.write("Achats/a.pdf", b"%PDF company")
    sides.lab.write("Achats/a.pdf", b"%PDF cabinet", CODE)
    one, other = sides.send_company(), sides.send_cabinet(Wish())
    sides.take_cabinet(one.file)
    sides.take_company(other.file)
    sides.exchange()
    assert sides.company() == sides.cabinet() == sides.online()
    assert sides.company()["Achats/a.pdf"] == b"%PDF company"
    assert sorted(sides.company().values()) == [b"%PDF cabinet", b"%PDF company"]


def test_a_renamed_document_is_moved_and_nothing_is_sent_again(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF 0")
    sides.exchange()
    (sides.at / "Achats/a.pdf").rename(sides.at / "Achats/b.pdf")
    made = sides.send_company()
    assert made.manifest is not None and made.manifest.count == 0
    sides.take_cabinet(made.file)
    assert sides.cabinet() == sides.online() == {"Achats/b.pdf": b"%PDF 0"}


def test_with_nothing_new_there_is_nothing_to_send(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF 0")
    sides.exchange()
    sides.exchange()
    assert sides.send_company().file == "" and sides.send_cabinet().file == ""


def test_what_stays_online_is_no_deletion_before_the_company_answered_either(tmp_path: Path) -> None:
    """The company holds what was sent, though the cabinet has no word of it yet."""
    sides = Sides(tmp_path)
    sides.lab.write("Achats/a.pdf", b"%PDF a", CODE)
    sides.lab.write("Achats/b.pdf", b"%PDF b", CODE)
    sides.take_company(sides.send_cabinet().file)
    (sides.lab.root / next(r.dir for r in sides.lab.state.clients.all()) / "Achats/a.pdf").unlink()
    sides.lab.write("Achats/c.pdf", b"%PDF c", CODE)
    sides.take_company(sides.send_cabinet().file)
    assert sides.online() == {"Achats/a.pdf": b"%PDF a", "Achats/b.pdf": b"%PDF b", "Achats/c.pdf": b"%PDF c"}
    assert sides.company() == sides.online()


def test_what_lies_outside_the_tree_is_said_to_stay_here(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    sides.write("Factures 2026/b.pdf", b"%PDF b")
    sides.write("c.pdf", b"%PDF c")
    made, left = sides.desk.create("", sides.stick, Wish())
    assert made.manifest is not None and made.manifest.count == 1
    assert [(n.path, n.reason) for n in left] == [("Factures 2026", "unknown_folder"), ("c.pdf", "unknown_folder")]
    assert [n.path for n in sides.desk.create("", sides.stick, Wish(full=True))[1]] == ["Factures 2026", "c.pdf"]
