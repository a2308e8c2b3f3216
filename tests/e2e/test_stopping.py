"""A real SIGTERM, while a real process computes: it ends at once, and the next run goes on."""

from __future__ import annotations

import json
import os
import signal
import textwrap
import time

import pytest

from tests.e2e.test_watch import eventually
from tests.e2e.world import World, nursery

pytestmark = pytest.mark.e2e
MANY = 300
SLOW = """
import pathlib, time
from syncd.core.planner import merge, workspace
real, workspace.STEPS = merge._publish, 10

def slow(*args):
    pathlib.Path({mark!r}).touch()
    time.sleep(0.05)
    real(*args)

merge._publish = slow
"""


@pytest.mark.parametrize("command", [("run", "--json"), ("watch",)], ids=["run", "watch"])
def test_a_plan_of_many_documents_ends_when_it_is_told_to(world: World, command: tuple[str, ...]) -> None:
    for n in range(MANY):
        world.write(f"Achats/{n}.pdf", f"one of many {n}")
    mark = world.base / "planning"
    env = {**{k: v for k, v in os.environ.items() if k == "PATH"}, **world.env}
    hook = textwrap.dedent(SLOW.format(mark=str(mark)))
    child = nursery().fork(world.base, ["--config", str(world.config), *command], hook, env)
    eventually(mark.exists)
    child.send_signal(signal.SIGTERM)
    began = time.monotonic()
    said = child.stdout.read()
    child.wait(20)
    took = time.monotonic() - began
    child.stdout.close()
    assert took < 5, "a plan of fifteen seconds"
    if command[0] == "run":
        assert json.loads(said.splitlines()[-1])["exit_code"] == 143
    assert not world.online()
    assert world.run().code == 0 and len(world.online()) == MANY
