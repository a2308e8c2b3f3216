"""What a link hid for a while is looked at once the link is gone (RULES 6, RULES 7)."""

from __future__ import annotations

from msgspec.structs import replace

from syncd.core.folder_rules import FolderRule
from tests.simulation.engine_in_memory import Lab, fresh_state

FOLDERS = (FolderRule("Achats"), FolderRule("Social"))
CODES = ("001",)


def test_what_was_set_aside_behind_a_link_is_not_published_once_the_link_is_gone(lab: Lab) -> None:
    lab.write("Achats/2025/a.pdf", b"deleted online")
    lab.write("Achats/2025/b.pdf", b"stays")
    lab.converge()
    lab.portal.remove(lab.clients["001"], "Achats/2025/a.pdf")
    lab.converge()
    assert "Achats/2025/supp_a.pdf" in lab.here("001")
    folder, away = lab.dir("001") / "Achats/2025", lab.base / "away"
    folder.rename(away)
    folder.symlink_to(away)
    lab.state = fresh_state()
    lab.run()
    folder.unlink()
    away.rename(folder)
    lab.converge()
    assert "Achats/2025/supp_a.pdf" in lab.here("001")
    assert sorted(lab.online("001")) == ["Achats/2025/b.pdf", "Achats/first.pdf"]


def test_a_document_whose_name_a_link_took_in_other_letters_goes_online_once_the_link_is_gone(lab: Lab) -> None:
    lab.write("Achats/A.pdf", b"new here")
    link = lab.dir("001") / "Achats/a.pdf"
    link.symlink_to("nowhere")
    lab.converge()
    assert sorted(lab.online("001")) == ["Achats/first.pdf"]
    link.unlink()
    lab.converge()
    assert sorted(lab.online("001")) == ["Achats/A.pdf", "Achats/first.pdf"]


def test_what_was_not_seen_in_a_folder_that_moves_online_is_not_taken_for_removed(lab: Lab) -> None:
    lab.write("Achats/2025/Q1/a.pdf", b"behind")
    lab.write("Achats/2025/b.pdf", b"beside")
    lab.converge()
    client = lab.clients["001"]
    inner, away = lab.dir("001") / "Achats/2025/Q1", lab.base / "away"
    folder = lab.portal.spaces[client].folder("Achats/2025")
    assert folder is not None
    inner.rename(away)
    inner.symlink_to(away)
    lab.portal.move_folder(client, folder, "Achats/2026")
    for _ in range(3):
        lab.run()
        assert not [e for e in lab.events if e.action in ("leave", "remove", "withdraw")]
    there = lab.dir("001") / "Achats/2026/Q1"
    there.unlink()
    away.rename(there)
    lab.converge()
    assert sorted(lab.online("001")) == ["Achats/2026/Q1/a.pdf", "Achats/2026/b.pdf", "Achats/first.pdf"]
    lab.check()


def test_what_was_set_aside_is_not_published_when_its_deletion_lies_where_the_engine_may_not_look(lab: Lab) -> None:
    lab.write("Achats/2025/a.pdf", b"deleted online")
    lab.write("Achats/2025/b.pdf", b"stays")
    lab.converge()
    client = lab.clients["001"]
    lab.portal.remove(client, "Achats/2025/a.pdf")
    lab.converge()
    assert "Achats/2025/supp_a.pdf" in lab.here("001")
    space = lab.portal.spaces[client]
    folder = space.folder("Achats/2025")
    assert folder is not None
    lab.portal.move_folder(client, folder, "Social/2025")
    space.tree = replace(space.tree, tree=space.tree.tree + 1, withheld=("social",))
    lab.state = fresh_state()
    for _ in range(3):
        lab.run()
    assert "Achats/2025/supp_a.pdf" in lab.here("001")
    assert not [path for path in lab.online("001") if "supp_" in path]
