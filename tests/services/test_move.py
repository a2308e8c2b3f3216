"""A portal goes from its directory to PostgreSQL and an S3 server while it is served, and back; killed on the way, it goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.world import SYNCD, World
from tests.support import databases
from tests.support.portals import syncd

pytestmark = pytest.mark.skipif(not databases.S3[""], reason="no servers: ./scripts/test-services")
CUT = """import os, django
begin = django.setup
def begun():
    begin()
    from syncd.portal.operations import {module} as m
    m.{step} = lambda *a: os._exit(9)
django.setup = begun
from syncd.cli import main
main()"""


def killed(module: str, step: str, *args: object, env: dict[str, str]) -> None:
    program = [sys.executable, "-c", CUT.format(module=module, step=step), *map(str, args)]
    done = subprocess.run(program, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr


def refused(directory: Path) -> str:
    serving = [*SYNCD, "portal", "serve", str(directory), "--port", "0"]
    done = subprocess.run(serving, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    return done.stderr


def into(world: World, to: Path) -> None:
    """The world's portal is that one from now on."""
    assert world.server is not None
    until = time.monotonic() + 20
    while world.server.poll() is None and time.monotonic() < until:  # it ends by itself
        world.server.wait(1)
    world.server.stdout.close()
    world.server = None
    world.portal_dir = to
    world.serve()


@pytest.mark.timeout(300)
def test_a_portal_goes_to_servers_and_back_and_the_engine_sees_the_same_one(world: World, tmp_path: Path) -> None:
    """Where `scripts/test-services` runs all, `world` is on servers already: the two ways are gone the other way round."""
    world.write("Achats/un.txt", "un")
    world.put("Ventes/deux.txt", b"deux" * 100_000)
    assert world.run().code == 0
    ways = [tmp_path / "first", tmp_path / "second"]
    for n, to in enumerate(ways):
        embedded = (world.portal_dir / "portal.db").exists()
        env = databases.environment(databases.create()) if embedded else {}
        old = world.portal_dir
        if n == 0:
            killed("table_copy", "carry", "portal", "move-to", old, to, env=env)
            assert "not whole yet" in refused(to)
            world.put("Ventes/trois.txt", b"trois")  # it serves on
        said = syncd("portal", "move-to", old, to, env=env)
        assert str(to) in said
        assert "has moved to" in refused(old)
        into(world, to)
        world.write(f"Achats/{n}.txt", f"{n}")
        done = world.run()
        assert done.code == 0, done.out
        world.same()
        syncd("portal", "check", to)
    assert {p for p in world.online() if p.startswith("Achats")} == {"Achats/un.txt", "Achats/0.txt", "Achats/1.txt"}
