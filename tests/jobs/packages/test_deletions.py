"""What a company deletes by a package is the company's deletion, and no more than the company may do."""

from __future__ import annotations

from pathlib import Path

from syncd.jobs.packages.creation import Wish
from tests.jobs.packages.sides import Sides


def test_a_company_that_may_only_ask_deletes_nothing_and_learns_it(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    sides.exchange()
    sides.lab.portal.asking.add(sides.client)
    (sides.at / "Achats/a.pdf").unlink()
    done = sides.take_cabinet(sides.send_company().file).result
    assert done is not None and done.done == 0 and done.later == ()
    assert [(n.path, n.reason) for n in done.refused] == [("Achats/a.pdf", "ask_deletion")]
    assert [(e.action, e.reason) for e in sides.events if e.path == "Achats/a.pdf"] == [("refused", "ask_deletion")]
    assert sides.online() == sides.cabinet() == {"Achats/a.pdf": b"%PDF a"}
    back = sides.stick / sides.send_cabinet().file
    with sides.desk.opened(back) as found:
        (answer,) = sides.desk.view(found, ()).answers
        assert [(n.path, n.reason) for n in answer.refused] == [("Achats/a.pdf", "ask_deletion")]
    sides.take_company(back.name)
    assert sides.send_company().file == "" and sides.send_cabinet().file == ""  # told once
    sides.take_company(sides.send_cabinet(Wish(full=True)).file)
    assert sides.company() == {"Achats/a.pdf": b"%PDF a"}


def test_a_company_that_may_delete_does_so_in_its_own_name(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    sides.write("Achats/a.pdf", b"%PDF a")
    sides.exchange()
    (sides.at / "Achats/a.pdf").unlink()
    sides.take_cabinet(sides.send_company().file)
    space = sides.lab.portal.spaces[sides.client]
    assert [s.doc.deleted_by for s in space.docs.values()] == [space.state.name]
