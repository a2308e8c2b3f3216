"""Documents that another program on Windows holds, with the sharing modes that programs ask for."""

from __future__ import annotations

import time

import pytest

from syncd.ports.local import RACY_NS
from tests.e2e.world import World
from tests.windows.wine import Holder

pytestmark = pytest.mark.e2e
A = "Achats/bilan.xlsx"
READ, NOBODY = 1, 0  # what a holder leaves to others: Office lets them read, an old accounting program nothing


def reasons(world: World) -> list[tuple[str, str]]:
    done = world.run()
    return [(e["path"], e["reason"]) for e in done.events if e.get("reason")]


def test_what_others_may_read_goes_up_and_is_not_replaced_or_set_aside_while_it_is_held(world: World) -> None:
    path = world.write(A, "one")
    world.run()
    world.write(A, "saved, and still open")
    with Holder(path, share=READ):
        assert world.run().summary["uploaded"] == 1
        world.put(A, "changed online")
        assert reasons(world) == [(A, "locked")] and world.here() == {A: b"saved, and still open"}
    assert world.run().summary["downloaded"] == 1 and world.here() == {A: b"changed online"}
    with Holder(path, share=READ):
        world.remove(A)
        assert reasons(world) == [(A, "locked")] and set(world.here()) == {A}
    assert world.run().summary["set_aside"] == 1
    world.same()


def test_what_nobody_may_read_is_locked_never_unreadable_and_never_gone(world: World) -> None:
    path = world.write(A, "one")
    world.run()
    world.write(A, "two, longer")
    with Holder(path, share=NOBODY):
        assert reasons(world) == [(A, "locked")]
        assert world.online()[A]["version"] == 1
    assert world.run().summary["uploaded"] == 1
    time.sleep(RACY_NS / 1e9 + 1)  # what is younger is read once more, and is held then
    assert world.run().idle
    with Holder(path, write=False, share=NOBODY):
        assert not reasons(world)  # unchanged: nothing of it is wanted
        world.remove(A)
        assert reasons(world) == [(A, "locked")] and set(world.here()) == {A}
    assert world.run().summary["set_aside"] == 1
    world.same()


def test_a_new_document_that_is_held_does_not_hold_up_the_others(world: World) -> None:
    path = world.write(A, "being written")
    world.write("Achats/b.pdf", "another")
    with Holder(path, share=NOBODY):
        assert reasons(world) == [(A, "locked")]
        assert set(world.online()) == {"Achats/b.pdf"}
    assert world.run().summary["uploaded"] == 1
    world.same()
