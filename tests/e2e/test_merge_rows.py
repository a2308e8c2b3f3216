"""RULES 2, every row, with two real processes."""

from __future__ import annotations

import os

import pytest

from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e
A = "Achats/a.pdf"


def both_have(world: World, path: str = A, data: str = "one") -> None:
    world.write(path, data)
    assert world.run().code == 0
    assert path in world.online()


def test_nothing_changed_nothing_done(world: World) -> None:
    both_have(world)
    world.same()


def test_new_here_goes_online_new_online_comes_here(world: World) -> None:
    world.write("Achats/2026/été.pdf", "here")
    world.put("Ventes/v.pdf", "online")
    done = world.run()
    assert done.code == 0 and {e["action"] for e in done.events} == {"make_folder", "upload", "download"}
    assert world.here() == {"Achats/2026/été.pdf": b"here", "Ventes/v.pdf": b"online"}
    assert set(world.online()) == set(world.here())
    assert world.online()["Ventes/v.pdf"]["received_at"] is not None
    world.same()


def test_equal_on_both_sides_is_recorded_without_transfer(world: World) -> None:
    world.write(A, "same")
    world.put(A, "same")
    done = world.run()
    assert [e["action"] for e in done.events] == ["record"]
    world.same()


def test_edited_here_is_a_new_version_and_the_old_one_is_kept(world: World) -> None:
    both_have(world)
    world.write(A, "two, longer")
    done = world.run()
    assert [e["action"] for e in done.events] == ["upload"]
    assert world.online()[A]["version"] == 2
    assert world.bytes_online(A, 1) == b"one" and world.bytes_online(A) == b"two, longer"
    world.same()


def test_edited_online_comes_here_and_the_old_bytes_are_kept(world: World) -> None:
    both_have(world)
    world.put(A, "online two")
    assert [e["action"] for e in world.run().events] == ["download"]
    assert world.here() == {A: b"online two"}
    assert any(p.read_bytes() == b"one" for p in (world.dir() / ".syncd/replaced").iterdir())
    world.same()


def test_edited_on_both_sides_keeps_both(world: World) -> None:
    both_have(world)
    world.write(A, "cabinet's")
    world.put(A, "company's")
    done = world.run()
    assert done.summary["kept_both"] == 1 and done.summary["verdict"] == "warning"
    here = world.here()
    assert here.pop(A) == b"company's"
    ((copy, data),) = here.items()
    assert data == b"cabinet's" and copy.startswith("Achats/a (version du cabinet 20") and copy.endswith(").pdf")
    assert set(world.online()) == {A, copy}
    world.same()


def test_a_copy_that_conflicts_again_gets_its_stamp_replaced(world: World) -> None:
    both_have(world)
    world.write(A, "cabinet's")
    world.put(A, "company's")
    world.run()
    copy = next(p for p in world.here() if "version du cabinet" in p)
    world.write(copy, "cabinet's again")
    world.put(copy, "company's, in the copy")
    world.run()
    names = [p for p in world.here() if "version du cabinet" in p]
    assert len(names) == 2 and all(n.count("version du cabinet") == 1 for n in names)
    world.same()


def test_new_on_both_sides_with_different_bytes_keeps_both(world: World) -> None:
    world.write(A, "cabinet's")
    world.put(A, "company's")
    world.run()
    assert world.here()[A] == b"company's" and len(world.here()) == 2
    world.same()


def test_deleted_online_is_set_aside_and_never_copied_again(world: World) -> None:
    both_have(world)
    world.remove(A)
    done = world.run()
    assert [(e["action"], e["to"]) for e in done.events] == [("set_aside", "Achats/supp_a.pdf")]
    assert world.here() == {"Achats/supp_a.pdf": b"one"} and world.online() == {}
    world.same()


def test_edited_here_and_deleted_online_is_set_aside_with_a_warning(world: World) -> None:
    both_have(world)
    world.write(A, "edited")
    world.remove(A)
    done = world.run()
    assert done.summary["verdict"] == "warning" and world.here() == {"Achats/supp_a.pdf": b"edited"}
    world.same()


def test_restored_from_the_bin_is_renamed_back_without_transfer(world: World) -> None:
    both_have(world)
    world.remove(A)
    world.run()
    world.portal("document", "restore", CODE, A)
    done = world.run()
    assert [e["action"] for e in done.events] == ["restore"] and done.summary["downloaded"] == 0
    assert world.here() == {A: b"one"}
    world.same()


def test_restored_after_the_set_aside_was_edited_comes_anew_and_the_set_aside_stays(world: World) -> None:
    both_have(world)
    world.remove(A)
    world.run()
    world.write("Achats/supp_a.pdf", "notes of the accountant")
    world.portal("document", "restore", CODE, A)
    assert [e["action"] for e in world.run().events] == ["download"]
    assert world.here() == {A: b"one", "Achats/supp_a.pdf": b"notes of the accountant"}
    world.same()


def test_removed_here_stays_online_and_is_not_fetched_again(world: World) -> None:
    both_have(world)
    world.path(A).unlink()
    assert [e["action"] for e in world.run().events] == ["leave"]
    assert world.here() == {} and A in world.online()
    world.same()


def test_a_left_document_comes_back_when_it_changes_online(world: World) -> None:
    both_have(world)
    world.path(A).unlink()
    world.run()
    world.put(A, "changed")
    assert [e["action"] for e in world.run().events] == ["download"]
    world.same()


def test_a_left_document_that_is_here_again_is_mirrored_again(world: World) -> None:
    both_have(world)
    world.path(A).unlink()
    world.run()
    world.write(A, "one")
    assert world.run().code == 0
    world.same()
    world.write(A, "one, edited")
    assert [e["action"] for e in world.run().events] == ["upload"]
    world.same()


def test_removed_here_and_edited_online_comes_back(world: World) -> None:
    both_have(world)
    world.path(A).unlink()
    world.put(A, "edit wins")
    assert [e["action"] for e in world.run().events] == ["download"]
    world.same()


def test_removed_here_and_deleted_online_is_forgotten(world: World) -> None:
    both_have(world)
    world.path(A).unlink()
    world.remove(A)
    assert [e["action"] for e in world.run().events] == ["forget"]
    world.same()


def test_a_withdrawn_right_is_no_deletion(world: World) -> None:
    both_have(world, "Social/paie.pdf")
    world.portal("engine-right", CODE, "Social", "off")
    done = world.run()
    assert "withdrawn_right" in done.reasons and world.here() == {"Social/paie.pdf": b"one"}
    world.write("Social/paie.pdf", "edited meanwhile")
    world.write("Social/new.pdf", "new")
    done = world.run()
    assert done.summary["uploaded"] == 0 and done.reasons >= {"no_right", "withdrawn_right"}
    world.portal("engine-right", CODE, "Social", "on")
    world.run()
    assert world.bytes_online("Social/paie.pdf") == b"edited meanwhile"
    world.same()


def test_moved_here_moves_online_with_id_and_no_transfer(world: World) -> None:
    both_have(world)
    before = world.online()[A]
    world.path("Ventes").mkdir(exist_ok=True)
    os.rename(world.path(A), world.path("Ventes/b.pdf"))
    done = world.run()
    assert [(e["action"], e["side"], e["from"], e["path"]) for e in done.events] == [
        ("move", "remote", A, "Ventes/b.pdf")
    ]
    assert world.online()["Ventes/b.pdf"]["id"] == before["id"]
    world.same()


def test_moved_online_moves_here_without_transfer(world: World) -> None:
    both_have(world)
    inode = world.path(A).stat().st_ino
    world.portal("document", "move", CODE, A, "Banque/z.pdf")
    done = world.run()
    assert [(e["action"], e["side"]) for e in done.events] == [("move", "local")]
    assert world.path("Banque/z.pdf").stat().st_ino == inode
    world.same()


def test_moved_to_two_places_the_portals_wins(world: World) -> None:
    both_have(world)
    os.rename(world.path(A), world.path("Achats/here.pdf"))
    world.portal("document", "move", CODE, A, "Achats/online.pdf")
    world.run()
    assert world.here() == {"Achats/online.pdf": b"one"} and set(world.online()) == {"Achats/online.pdf"}
    world.same()


def test_moved_here_and_edited_online(world: World) -> None:
    both_have(world)
    os.rename(world.path(A), world.path("Achats/b.pdf"))
    world.put(A, "edited online")
    world.run()
    world.run()
    assert world.here() == {"Achats/b.pdf": b"edited online"} and set(world.online()) == {"Achats/b.pdf"}
    world.same()


def test_moved_online_and_edited_here(world: World) -> None:
    both_have(world)
    world.write(A, "edited here")
    world.portal("document", "move", CODE, A, "Ventes/b.pdf")
    world.run()
    world.run()
    assert world.here() == {"Ventes/b.pdf": b"edited here"} and world.bytes_online("Ventes/b.pdf") == b"edited here"
    world.same()


def test_a_change_of_case_alone_is_a_rename(world: World) -> None:
    both_have(world)
    before = world.online()[A]["id"]
    os.rename(world.path(A), world.path("Achats/A.PDF"))
    done = world.run()
    assert [e["action"] for e in done.events] == ["move"] and world.online()["Achats/A.PDF"]["id"] == before
    world.portal("document", "move", CODE, "Achats/A.PDF", "Achats/a.Pdf")
    world.run()
    assert set(world.here()) == {"Achats/a.Pdf"}
    world.same()


def test_two_names_swapped_online(world: World) -> None:
    both_have(world, "Achats/x.pdf", "X")
    both_have(world, "Achats/y.pdf", "Y")
    for old, new in (("x", "t"), ("y", "x"), ("t", "y")):
        world.portal("document", "move", CODE, f"Achats/{old}.pdf", f"Achats/{new}.pdf")
    world.run()
    assert world.here() == {"Achats/x.pdf": b"Y", "Achats/y.pdf": b"X"}
    world.same()


def test_a_chain_of_renames_online(world: World) -> None:
    for name in "abc":
        both_have(world, f"Achats/{name}.pdf", name)
    for old, new in (("c", "d"), ("b", "c"), ("a", "b")):
        world.portal("document", "move", CODE, f"Achats/{old}.pdf", f"Achats/{new}.pdf")
    done = world.run()
    assert done.summary["moved"] == 3 and done.summary["downloaded"] == 0
    assert world.here() == {"Achats/b.pdf": b"a", "Achats/c.pdf": b"b", "Achats/d.pdf": b"c"}
    world.same()


def test_moved_online_onto_a_name_taken_here_keeps_both(world: World) -> None:
    both_have(world)
    world.write("Achats/b.pdf", "unknown to the portal")
    world.portal("document", "move", CODE, A, "Achats/b.pdf")
    world.run()
    world.run()
    here = world.here()
    assert here["Achats/b.pdf"] == b"one" and b"unknown to the portal" in here.values() and len(here) == 2
    assert set(world.online()) == set(here)
    world.same()


def test_moved_here_onto_a_name_new_online_keeps_both(world: World) -> None:
    both_have(world)
    os.rename(world.path(A), world.path("Achats/b.pdf"))
    world.put("Achats/b.pdf", "theirs")
    world.run()
    world.run()
    here = world.here()
    assert here["Achats/b.pdf"] == b"theirs" and b"one" in here.values() and len(here) == 2
    world.same()


def test_a_folder_renamed_here_is_one_request(world: World) -> None:
    for n in range(30):
        world.write(f"Achats/2025/Q1/{n}.pdf", f"doc {n}")
    world.run()
    ids = {d["id"] for d in world.online().values()}
    os.rename(world.path("Achats/2025"), world.path("Achats/Exercice 2025"))
    done = world.run()
    assert [(e["action"], e["folder"]) for e in done.events] == [("move", True)] and done.summary["requests"] <= 3
    assert {d["id"] for d in world.online().values()} == ids
    assert set(world.online()) == {f"Achats/Exercice 2025/Q1/{n}.pdf" for n in range(30)}
    world.same()


def test_a_folder_moved_online_is_one_rename(world: World) -> None:
    for n in range(5):
        world.write(f"Achats/2025/{n}.pdf", f"doc {n}")
    world.run()
    world.portal("folder", "move", CODE, "Achats/2025", "Ventes/Anciens/2025")
    done = world.run()
    assert done.summary["downloaded"] == done.summary["uploaded"] == 0
    assert set(world.here()) == {f"Ventes/Anciens/2025/{n}.pdf" for n in range(5)}
    world.same()


def test_a_folder_renamed_with_an_edit_inside(world: World) -> None:
    for n in range(3):
        world.write(f"Achats/2025/{n}.pdf", f"doc {n}")
    world.run()
    ids = {d["id"] for d in world.online().values()}
    os.rename(world.path("Achats/2025"), world.path("Achats/Ex"))
    world.write("Achats/Ex/1.pdf", "edited after the rename")
    world.run()
    assert {d["id"] for d in world.online().values()} == ids and world.online()["Achats/Ex/1.pdf"]["version"] == 2
    world.same()


def test_a_folder_removed_online_sets_its_documents_aside_and_stays(world: World) -> None:
    for n in range(3):
        world.write(f"Achats/2025/{n}.pdf", f"doc {n}")
    world.run()
    world.portal("folder", "remove", CODE, "Achats/2025")
    done = world.run()
    assert done.summary["set_aside"] == 3
    assert set(world.here()) == {f"Achats/2025/supp_{n}.pdf" for n in range(3)}
    world.same()
    assert world.online() == {}
    world.write("Achats/2025/new.pdf", "new")
    world.run()
    assert set(world.online()) == {"Achats/2025/new.pdf"}
    world.same()


def test_empty_folders_are_made_on_the_other_side(world: World) -> None:
    world.path("Achats/vide/dessous").mkdir(parents=True)
    world.portal("folder", "add", CODE, "Ventes/en ligne/vide")
    assert world.run().code == 0
    assert world.path("Ventes/en ligne/vide").is_dir()
    world.portal("folder", "move", CODE, "Achats/vide", "Achats/plein")
