"""The service's work on Windows: its events, its latency, its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.test_watch import Service, eventually
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e


@pytest.fixture
def watching(world: World) -> Iterator[Service]:
    made = Service(world, SYNCD_SCHEDULE_SETTLE="0.5s")
    assert made.said("watching how=events")
    yield made
    made.close()


def test_what_is_saved_deposited_and_renamed_is_on_the_other_side_soon(world: World, watching: Service) -> None:
    world.put("Ventes/b.pdf", "deposited")
    assert eventually(lambda: world.here().get("Ventes/b.pdf") == b"deposited") < 20
    world.write("Achats/a.pdf", "saved here")
    assert eventually(lambda: "Achats/a.pdf" in world.online()) < 20
    world.path("Achats/a.pdf").rename(world.path("Ventes/c.pdf"))
    eventually(lambda: set(world.online()) == {"Ventes/b.pdf", "Ventes/c.pdf"})
    eventually(lambda: watching.said("moved=1") == 1)
    done = world.run(CODE)  # the service makes it
    assert done.code == 0, done.out + done.err
    assert "Le service travaille" in world.syncd("status").out
    assert watching.ended() and watching.said("stopped code=130") == 1
    world.same()


def test_killed_at_once_the_next_run_goes_on(world: World, watching: Service) -> None:
    for n in range(20):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
    eventually(lambda: len(world.online()) > 0)
    watching.process.kill()
    watching.process.wait(20)
    assert world.run().code == 0
    assert len(world.online()) == 20
    world.same()


def test_two_engines_of_one_mirror_are_refused(world: World, watching: Service) -> None:
    again = world.fresh("watch")
    assert again.code == 11 and "travaille sur ces dossiers" in again.err
    assert watching.ended()
