"""Documents that another program on Windows holds, with the sharing modes that programs ask for."""

from __future__ import annotations

import textwrap
import time

import pytest

from syncd.ports.local import RACY_NS
from tests.e2e.world import CODE, World
from tests.windows.wine import Holder, Windows, outward

pytestmark = pytest.mark.e2e
A = "Achats/bilan.xlsx"
# What a holder leaves to others: Office lets them read, an old accounting program nothing.
READ, WRITE, NOBODY = 1, 2, 0


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


def test_a_journal_open_in_a_spreadsheet_holds_up_no_other_and_is_continued_once_it_is_closed(world: World) -> None:
    other = "001234"
    world.client(other, "SARL Durand")
    world.run()
    for code in (CODE, other):
        world.write(A, f"of {code}", code)
    assert world.run().summary["uploaded"] == 2
    (table,) = world.logs.glob(f"clients/{CODE} - */*.csv")
    (others,) = world.logs.glob(f"clients/{other} - */*.csv")
    for code in (CODE, other):
        world.write("Achats/b.pdf", f"of {code}", code)
    with Holder(table, share=READ):
        done = world.run()
        assert done.code == 0 and done.summary["uploaded"] == 2
        assert "ne peut pas être écrit" in done.err and table.name in done.err and done.err.count("\n") == 1, done.err
        assert "b.pdf" in others.read_text() and "b.pdf" in table.with_suffix(".log").read_text()
    assert world.run().idle and table.read_text().count("b.pdf") == 1
    assert sorted(p.name for p in table.parent.iterdir()) == sorted([table.name, table.with_suffix(".log").name])


def test_a_log_that_somebody_looks_at_is_gone_on_with(world: World, windows: Windows) -> None:
    file = world.base / "service.log"
    file.write_text("older\n")
    script = f"""
    import syncd.cli.service_log as log
    log.BYTES = 200
    say = log.log_to({outward(str(file))!r}, as_json=False)
    for n in range(9):
        say("line", n=n)
    raise SystemExit
    """
    with Holder(file, write=False, share=READ | WRITE):
        windows.fresh([], {}, prelude=textwrap.dedent(script))
        assert file.read_text().count(" line ") == 9 and not file.with_name("service.log.1").exists()
    windows.fresh([], {}, prelude=textwrap.dedent(script))
    assert file.with_name("service.log.1").exists()
