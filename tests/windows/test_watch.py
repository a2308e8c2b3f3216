"""The service's work on Windows: its events, its latency, its end."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.e2e.test_watch import eventually
from tests.e2e.world import CODE, World
from tests.windows.wine import Windows

pytestmark = pytest.mark.e2e


class Watching:
    def __init__(self, world: World, windows: Windows) -> None:
        self.log = world.base / "service.log"
        env = {**world.env, "SYNCD_SCHEDULE_SETTLE": "0.5s"}
        words = ["--config", str(world.config), "watch", "--log-file", str(self.log)]
        self.process = windows.start(words, env)
        eventually(lambda: self.said("pass why=full") > 0 < self.said("watching how=events"), 60)

    def said(self, what: str) -> int:
        return self.log.read_text().count(what) if self.log.exists() else 0

    def interrupted(self) -> int:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


@pytest.fixture
def watching(world: World, windows: Windows) -> Iterator[Watching]:
    made = Watching(world, windows)
    yield made
    made.process.kill()
    made.process.communicate()


def test_what_is_saved_deposited_and_renamed_is_on_the_other_side_soon(world: World, watching: Watching) -> None:
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
    assert watching.interrupted() == 130 and watching.said("stopped code=130") == 1
    world.same()


def test_killed_at_once_the_next_run_goes_on(world: World, watching: Watching) -> None:
    for n in range(20):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
    eventually(lambda: len(world.online()) > 0)
    watching.process.kill()
    watching.process.wait(20)
    assert world.run().code == 0
    assert len(world.online()) == 20
    world.same()


def test_two_engines_of_one_mirror_are_refused(world: World, watching: Watching) -> None:
    again = world.fresh("watch")
    assert again.code == 11 and "travaille sur ces dossiers" in again.err
    assert watching.interrupted() == 130
