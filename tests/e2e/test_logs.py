"""A directory of logs that is gone, or is a file: documents cross all the same, and the report is shown."""

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
    assert done.code == 0 and "mis en ligne" in done.out and set(world.online()) == {"Achats/a.pdf", "Achats/b.pdf"}
    assert done.err.startswith("syncd: the report cannot be written: ") and done.err.count("\n") == 1
    logs.unlink()
    world.write("Achats/c.pdf", "three")
    done = world.syncd("run")
    assert done.code == 0 and not done.err
    (journal,) = logs.glob("clients/*/*.log")
    assert all(name in journal.read_text() for name in ("a.pdf", "b.pdf", "c.pdf"))  # what was missed is there again
