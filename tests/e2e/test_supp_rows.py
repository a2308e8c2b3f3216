"""RULES 3, and HAZARDS 30, 33 and 42, with two real processes."""

from __future__ import annotations

import os

import pytest

from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e
A = "Achats/a.pdf"


def set_aside(world: World, path: str = A, data: str = "one") -> None:
    world.write(path, data)
    world.run()
    world.remove(path)
    assert world.run().summary["set_aside"] == 1


def test_the_prefix_alone_never_decides(world: World) -> None:
    names = ("supports.pdf", "supplément.pdf", "supp_loyer.pdf")
    for name in names:
        world.write(f"Achats/{name}", name)
    world.run()
    assert set(world.online()) == {f"Achats/{n}" for n in names}
    world.same()


def test_a_name_deposited_again_is_a_new_document_and_the_old_supp_stays(world: World) -> None:
    set_aside(world)
    world.put(A, "again")
    world.run()
    assert world.here() == {A: b"again", "Achats/supp_a.pdf": b"one"}
    world.same()
    world.remove(A)
    world.run()
    assert world.here() == {"Achats/supp_a.pdf": b"one", "Achats/supp_2_a.pdf": b"again"}
    assert world.online() == {}
    world.same()


def test_renamed_back_by_a_person_it_goes_online_as_a_new_document(world: World) -> None:
    set_aside(world)
    old = world.online(deleted=True)[A]["id"]
    os.rename(world.path("Achats/supp_a.pdf"), world.path(A))
    world.run()
    assert world.online()[A]["id"] != old
    world.same()


def test_people_may_edit_move_and_delete_a_set_aside(world: World) -> None:
    set_aside(world)
    world.write("Achats/supp_a.pdf", "an accountant's note")
    world.same()
    os.rename(world.path("Achats/supp_a.pdf"), world.path("Ventes/supp_a.pdf"))
    world.same()
    world.path("Ventes/supp_a.pdf").unlink()
    world.same()
    assert world.online() == {}


def test_a_folder_with_set_asides_inside_is_renamed(world: World) -> None:
    set_aside(world, "Achats/2025/a.pdf")
    world.write("Achats/2025/b.pdf", "live")
    world.run()
    os.rename(world.path("Achats/2025"), world.path("Achats/2025 bis"))
    world.run()
    assert set(world.online()) == {"Achats/2025 bis/b.pdf"}
    world.write("Achats/2025 bis/supp_a.pdf", "edited after the move")
    world.run()
    assert set(world.online()) == {"Achats/2025 bis/b.pdf"}
    world.same()


def test_a_document_really_called_supp_is_mirrored_even_beside_records(world: World) -> None:
    set_aside(world)
    world.put("Achats/supp_a.pdf", "deposited under that very name")
    world.run()
    here = world.here()
    assert here["Achats/supp_a.pdf"] == b"deposited under that very name" and b"one" in here.values()
    assert set(world.online()) == {"Achats/supp_a.pdf"}
    world.same()


def test_deleted_a_second_after_it_was_received(world: World) -> None:
    world.put(A, "one")
    world.run()
    world.remove(A)
    world.run()
    assert world.here() == {"Achats/supp_a.pdf": b"one"}
    world.same()


def test_deleted_before_it_was_received_never_comes(world: World) -> None:
    world.put(A, "one")
    world.remove(A)
    world.run()
    assert world.here() == {}
    world.same()


def test_a_long_name_is_shortened_in_its_stem(world: World) -> None:
    name = "f" * 247 + "é.pdf"
    assert len(name.encode()) == 253
    set_aside(world, f"Achats/{name}")
    (kept,) = world.here()
    assert kept.startswith("Achats/supp_fff") and kept.endswith(".pdf") and len(kept.rpartition("/")[2].encode()) <= 255
    world.same()
    world.portal("document", "restore", CODE, f"Achats/{name}")
    world.run()
    assert set(world.here()) == {f"Achats/{name}"}
    world.same()


def test_moved_online_then_deleted_is_set_aside_where_it_is_now(world: World) -> None:
    world.write(A, "one")
    world.run()
    os.rename(world.path(A), world.path("Ventes/moved.pdf"))
    world.remove(A)
    world.run()
    assert world.here() == {"Ventes/supp_moved.pdf": b"one"}
    world.same()
