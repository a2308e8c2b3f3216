"""Directories of the mirror and the clients they are: unmarked, copied, dragged into another, without a marker, excluded."""

from __future__ import annotations

import shutil

from tests.e2e.world import CODE, World


def test_a_directory_that_is_no_client_is_one_line_without_exit_code(world: World) -> None:
    (world.root / "Modèles").mkdir()
    (world.root / "Modèles" / "lettre.docx").write_text("x")
    done = world.run()
    assert done.code == 0 and [(e["path"], e["reason"]) for e in done.events] == [("Modèles", "not_a_client")]


def test_an_unmarked_directory_waits_for_agreement(world: World) -> None:
    world.client("008001", "SCI Les Tilleuls")
    existing = world.root / "008001 - Les Tilleuls" / "Achats"
    existing.mkdir(parents=True)
    (existing / "a.pdf").write_text("one")
    done = world.run()
    assert done.code == 4 and done.summary["waiting"] == ["008001"] and world.online("008001") == {}
    assert world.syncd("approve", "008001", "--yes").code == 0
    assert world.run().code == 0
    assert set(world.online("008001")) == {"Achats/a.pdf"}
    world.same()


def test_a_copied_client_directory_stops_that_client_only(world: World) -> None:
    world.client("007869", "EURL Durand")
    world.run()
    world.write("Achats/a.pdf", "one")
    shutil.copytree(world.dir(), world.root / "copie de Dupont", dirs_exist_ok=True)
    world.write("Achats/b.pdf", "other client's", code="007869")
    done = world.run()
    assert done.code == 3 and done.summary["stopped"] == [CODE] and "stop_doubled" in done.reasons
    assert set(world.online("007869")) == {"Achats/b.pdf"} and world.online() == {}


def test_a_client_directory_dragged_into_another_stops_both(world: World) -> None:
    world.client("007869", "EURL Durand")
    world.write("Achats/a.pdf", "one")
    world.run()
    shutil.move(world.dir(), world.dir("007869") / "Achats")
    done = world.run()
    assert done.code == 3 and done.idle and done.reasons == {"stop_nested", "stop_client_marker"}
    assert set(world.online()) == {"Achats/a.pdf"} and world.online("007869") == {}


def test_a_lost_client_marker_stops_that_client(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.run()
    (world.dir() / ".syncd/client.json").unlink()
    done = world.run()
    assert done.code == 3 and done.reasons == {"stop_client_marker"} and done.idle
    assert set(world.online()) == {"Achats/a.pdf"}


def test_excluded_and_closed_clients_are_left_alone(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.config.write_text(world.config.read_text().replace("exclude = []", f'exclude = ["{CODE}"]'))
    done = world.run()
    assert done.code == 0 and done.reasons == {"excluded"} and world.online() == {}
    world.config.write_text(world.config.read_text().replace(f'exclude = ["{CODE}"]', "exclude = []"))
    world.portal("client", "close", CODE)
    done = world.run()
    assert (
        done.code == 0
        and done.reasons == {"closed"}
        and world.online() == {}
        and world.here() == {"Achats/a.pdf": b"one"}
    )
