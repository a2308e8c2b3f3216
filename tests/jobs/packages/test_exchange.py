"""Documents go by hand, both ways, and both sides end up the same."""

from __future__ import annotations

import copy
import zipfile
from pathlib import Path

from syncd.core.folder_rules import FolderRule
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


def test_a_first_package_leaves_restricted_documents_for_when_the_key_is_known(tmp_path: Path) -> None:
    sides = Sides(tmp_path, (FolderRule("Achats"), FolderRule("Social", restricted=True)), known=False)
    sides.lab.write("Achats/a.pdf", b"%PDF a", CODE)
    sides.lab.write("Social/paie.pdf", b"%PDF salaries", CODE)
    first = sides.send_cabinet(Wish(full=True))
    assert not first.sealed and first.withheld == ("Social/paie.pdf",)
    assert b"paie.pdf" not in (sides.stick / first.file).read_bytes()
    with sides.desk.first(sides.stick / first.file) as found:
        sides.trust(sides.desk.join(found, sides.desk.introduced(found)))
    sides.take_company(first.file)
    assert sides.company() == {"Achats/a.pdf": b"%PDF a"}
    second = sides.send_cabinet()
    assert second.sealed and second.withheld == ()
    sides.take_company(second.file)
    sides.exchange()
    assert parity(sides.company()) == parity(sides.cabinet()) == parity(sides.online())


def test_names_with_accents_are_the_same_place_however_a_disk_writes_them(tmp_path: Path) -> None:
    sides = Sides(tmp_path, (FolderRule("Fiscalit\u00e9"),))
    sides.write("Fiscalit\u00e9/e\u0301te\u0301.pdf", b"%PDF summer")  # as a Mac writes it
    file = sides.stick / sides.send_company().file
    with zipfile.ZipFile(file) as opened:  # in UTF-8, and says so: as Explorer and Linux read it
        (info,) = [i for i in opened.infolist() if i.filename.startswith("data/")]
        assert info.filename == "data/Fiscalit\u00e9/\u00e9t\u00e9.pdf" and info.flag_bits & 0x800
    sides.take_cabinet(file.name)
    assert sides.online() == {"Fiscalit\u00e9/\u00e9t\u00e9.pdf": b"%PDF summer"}
    sides.lab.write("Fiscalit\u00e9/\u00e9t\u00e9.pdf", b"%PDF summer, corrected", CODE)
    sides.take_company(sides.send_cabinet(Wish(sealed=False)).file)
    assert list(sides.company().values()) == [b"%PDF summer, corrected"]


def test_a_package_that_is_older_than_the_portals_backup_follows_the_rules_of_recovery(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    sides.exchange()
    before = copy.deepcopy(sides.lab.portal)
    sides.write("Achats/a.pdf", b"%PDF a, corrected")
    sides.write("Achats/b.pdf", b"%PDF b")
    waits = sides.send_company().file
    sides.lab.write("Ventes/c.pdf", b"%PDF c", CODE)
    sides.lab.run()
    before._ids, before.lease, before.epoch = sides.lab.portal._ids, sides.lab.portal.lease + 1, before.new_id()
    sides.lab.portal = sides.lab.remote.portal = before  # put back, and the package lies on the desk
    sides.take_cabinet(waits)
    sides.exchange()
    assert sides.online() == {
        "Achats/a.pdf": b"%PDF a, corrected", "Achats/b.pdf": b"%PDF b", "Ventes/c.pdf": b"%PDF c",
    }  # fmt: skip
    assert parity(sides.company()) == parity(sides.cabinet()) == parity(sides.online())


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
