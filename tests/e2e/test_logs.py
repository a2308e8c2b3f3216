"""A directory of logs that is gone, or is a file: documents cross all the same, the report is shown, and the exit code says
that people will not find it."""

from __future__ import annotations

import shutil

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def test_a_run_goes_on_without_its_directory_of_logs(world: World) -> None:
    logs = world.base / "logs"
    shutil.rmtree(logs)
    world.write("Achats/a.pdf", "one")
    done = world.syncd("run")
    assert done.code == 0 and "Traceback" not in done.err and "mis en ligne" in done.out
    shutil.rmtree(logs, ignore_errors=True)
    logs.write_text("a file")
    world.write("Achats/b.pdf", "two")
    done = world.syncd("run")
    assert done.code == 3 and "mis en ligne" in done.out and set(world.online()) == {"Achats/a.pdf", "Achats/b.pdf"}
    assert done.err.startswith("syncd: le compte rendu ne peut pas être écrit : ") and done.err.count("\n") == 1
    for _ in range(2):  # one that has nothing to tell tries all the same, until it can
        done = world.run()
        assert done.code == done.summary["exit_code"] == 3 and done.summary["unwritten"] and done.idle
    logs.unlink()
    world.write("Achats/c.pdf", "three")
    done = world.syncd("run")
    assert done.code == 0 and not done.err and "unwritten" not in done.out
    (journal,) = logs.glob("clients/*/*.log")
    assert all(name in journal.read_text() for name in ("a.pdf", "b.pdf", "c.pdf"))  # what was missed is there again
