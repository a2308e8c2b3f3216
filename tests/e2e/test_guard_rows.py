"""RULES 5, and HAZARDS 1, 2, 21, 22, 34, with real processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable

import pytest

from tests.e2e.world import CODE, SYNCD, World

pytestmark = pytest.mark.e2e


def fill(world: World, count: int, folder: str = "Achats") -> None:
    for n in range(count):
        world.write(f"{folder}/{n:03}.pdf", f"{folder} {n}")
    assert world.run().code == 0


def test_a_mass_deletion_waits_and_exactly_what_was_agreed_passes_once(world: World) -> None:
    fill(world, 50)
    for n in range(30):
        world.remove(f"Achats/{n:03}.pdf")
    world.put("Ventes/new.pdf", "still comes")
    done = world.run()
    assert done.code == 4 and done.summary["verdict"] == "warning" and done.summary["waiting"] == [CODE]
    assert len(done.actions("waiting")) == 30 and done.reasons == {"guard_changes"}
    assert "Ventes/new.pdf" in world.here() and not any("supp_" in p for p in world.here())
    world.remove("Achats/040.pdf")  # after the agreement was shown: reviewed anew
    assert world.syncd("approve", CODE).code == 2
    approved = world.syncd("approve", CODE, "--yes", "--json")
    assert approved.code == 0 and json.loads(approved.out)["changes"] == 30
    done = world.run()
    assert done.code == 0 and done.summary["set_aside"] == 31
    world.same()
    assert world.syncd("approve", CODE, "--yes").code == 2


def test_a_client_with_three_documents_is_not_stopped_by_deletions(world: World) -> None:
    fill(world, 3)
    for n in range(3):
        world.remove(f"Achats/{n:03}.pdf")
    assert world.run().summary["set_aside"] == 3


def test_every_document_of_five_or_more_waits(world: World) -> None:
    fill(world, 6)
    for n in range(6):
        world.remove(f"Achats/{n:03}.pdf")
    done = world.run()
    assert done.code == 4 and done.reasons == {"guard_emptied_side"}


def test_a_mass_overwrite_here_waits(world: World) -> None:
    fill(world, 40)
    for n in range(25):
        world.write(f"Achats/{n:03}.pdf", f"encrypted {n}")
    done = world.run()
    assert done.code == 4 and done.summary["uploaded"] == 0 and len(done.actions("waiting")) == 25


def test_a_storm_cut_into_small_pieces_stops_at_its_limit(world: World) -> None:
    fill(world, 80)
    counts = []
    for start in range(0, 40, 8):
        for n in range(start, start + 8):
            world.remove(f"Achats/{n:03}.pdf")
        counts.append(world.run().summary["set_aside"])
    assert sum(counts) <= 20 and counts[0] == 8 and counts[-1] == 0


def test_a_first_publication_is_asked(make_world: Callable[..., World]) -> None:
    world = make_world(first_publication="ask")
    world.run()
    world.write("Achats/2026/1.pdf", "the first one")
    done = world.run()
    assert done.code == 4 and done.reasons == {"guard_first_publication"} and world.online() == {}
    world.write("Achats/2026/late.pdf", "a deposit never voids an agreement")
    assert world.syncd("approve", "--all", "--yes").code == 0
    assert world.run().code == 4 and list(world.online()) == ["Achats/2026/1.pdf"]
    assert world.run().code == 0 and len(world.online()) == 2
    world.same()


def test_many_new_documents_at_once_wait(make_world: Callable[..., World]) -> None:
    world = make_world(first_publication="ask")
    world.run()
    world.write("Achats/first.pdf", "first")
    world.run()
    assert world.syncd("approve", "007868", "--yes").code == 0 and world.run().code == 0
    for n in range(201):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
    done = world.run()
    assert done.code == 4 and done.reasons == {"guard_many_new"}


def test_another_clients_documents_wait(world: World) -> None:
    world.client("007869", "EURL Durand")
    fill(world, 5)
    for n in range(5):
        world.write(f"Achats/{n}.pdf", f"Achats {n}", code="007869")
    done = world.run()
    assert done.code == 4 and done.reasons == {"guard_other_client"} and world.online("007869") == {}


def test_the_cabinets_sum_waits_everywhere(world: World) -> None:
    codes = [f"0080{n:02}" for n in range(6)]
    for code in codes:
        world.client(code, f"Client {code}")
    world.run()
    for code in codes:
        for n in range(40):
            world.write(f"Achats/{n:02}.pdf", f"{code} {n}", code=code)
    assert world.run().code == 0
    for code in codes:
        world.portal("folder", "add", code, "Achats/x")
        for n in range(18):
            world.remove(f"Achats/{n:02}.pdf", code)
    done = world.run()
    assert done.code == 4 and done.summary["set_aside"] == 0 and len(done.summary["waiting"]) == 6
    assert world.syncd("approve", "--all", "--yes").code == 0
    assert world.run().summary["set_aside"] == 108


def test_the_root_gone_empty_or_another_does_nothing(world: World) -> None:
    fill(world, 3)
    away = world.base / "away"
    os.rename(world.root, away)
    prepared: tuple[Callable[[], None], ...] = (lambda: None, lambda: world.root.mkdir(), lambda: _other_marker(world))
    for prepare in prepared:
        prepare()
        done = world.run()
        assert done.code == 1 and done.summary["verdict"] == "abandoned" and done.idle
        assert "aucun document" in world.syncd("report").out.lower()
    shutil.rmtree(world.root)
    os.rename(away, world.root)
    world.same()
    assert len(world.online()) == 3


def _other_marker(world: World) -> None:
    (world.root / ".syncd").mkdir()
    (world.root / ".syncd/root.json").write_text('{"cabinet": "x", "root": "y"}')


def test_another_cabinets_portal_is_refused(
    world: World, make_world: Callable[..., World], tmp_path_factory: pytest.TempPathFactory
) -> None:
    fill(world, 3)
    other = tmp_path_factory.mktemp("other")
    password = other / "password"
    password.write_text("une phrase assez longue")
    assert (
        subprocess.run(
            [
                *SYNCD,
                "portal",
                "init",
                other / "portal",
                "--cabinet",
                "Autre",
                "--admin-email",
                "x@y.fr",
                "--admin-password-file",
                password,
            ]
        ).returncode
        == 0
    )
    token = subprocess.run([*SYNCD, "portal", "engine-token", other / "portal"], capture_output=True, text=True).stdout
    server = subprocess.Popen(
        [*SYNCD, "portal", "serve", other / "portal", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        world.token.write_text(token)
        done = world.run(env={"SYNCD_PORTAL_URL": url})
        assert done.code == 5 and done.idle and done.summary["verdict"] == "abandoned"
    finally:
        server.terminate()
        server.wait(10)
        server.communicate()
    assert len(world.here()) == 3


def test_only_one_engine_at_a_time(world: World) -> None:
    from filelock import FileLock

    with FileLock(world.state / "engine.lock"):
        assert world.run().code == 11
        assert world.syncd("status").code == 0
    assert world.run().code == 0


def test_a_second_engine_elsewhere_is_refused_by_the_lease(world: World) -> None:
    fill(world, 1)
    other = world.base / "other"
    from tests.e2e.world import syncd

    done = syncd(
        "init",
        "--root",
        other / "r",
        "--state",
        other / "s",
        "--logs",
        other / "l",
        "--portal",
        world.url,
        "--token-file",
        world.token,
        "--out",
        other / "c.toml",
    )
    assert done.code == 0, done.err
    assert syncd("--config", other / "c.toml", "run", "--json").code == 11
    assert syncd("--config", other / "c.toml", "run", "--json", "--dry-run").code == 0
