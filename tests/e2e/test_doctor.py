"""`syncd doctor` names what is wrong and what to do, and its exit code says whether a run can work."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
from typing import Any

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.e2e


def examine(world: World, env: dict[str, str] | None = None) -> tuple[int, dict[str, dict[str, Any]]]:
    done = world.syncd("doctor", "--json", env=env)
    return done.code, {f["about"]: f for f in map(json.loads, done.out.splitlines())}


def test_all_is_well_and_nothing_is_left_behind(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.run()
    before = {p: p.stat().st_mtime_ns for p in world.root.rglob("*")}
    os.chmod(world.token, 0o600)
    code, found = examine(world)
    assert code == 0
    assert {a for a, f in found.items() if f["level"] != "ok"} <= {
        "mail",
        "room_root",
        "room_state",
        "watches",
        "account",
    }
    assert (found["account"]["level"] == "warning") is (os.geteuid() == 0)
    assert {
        "configuration", "root", "markers", "rights_root", "rights_state", "rights_logs", "room_root", "network", "case",
        "normalisation", "watches", "token", "state", "journal", "portal", "tls", "clock", "lease", "mail",
    } <= set(found)  # fmt: skip
    assert set(world.root.rglob("*")) == set(before)
    assert "La racine" in world.syncd("doctor").out
    world.same()


def test_each_fault_has_its_finding_its_mend_and_the_code_a_run_would_end_with(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.run()
    os.chmod(world.token, 0o644)
    os.chmod(world.logs, 0o755)
    found = examine(world)[1]
    assert found["token"]["level"] == "warning"
    assert found["private"]["level"] == "warning" and str(world.logs) in found["private"]["mend"]
    os.chmod(world.logs, 0o750)
    assert examine(world)[1]["private"]["level"] == "ok"
    token = world.token.read_text()
    world.token.write_text("x" * 43)
    code, found = examine(world)
    assert code == 5 and found["key"]["level"] == "bad" and found["key"]["mend"]
    world.token.write_text(token)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        away = {"SYNCD_PORTAL_URL": f"http://127.0.0.1:{free.getsockname()[1]}"}
    code, found = examine(world, away)
    assert code == 6 and found["portal"]["level"] == "bad"
    (world.base / "none.pem").write_text("no certificate\n")
    for name in ("missing.pem", "none.pem"):
        wrong = {"SYNCD_PORTAL_CA_FILE": str(world.base / name)}
        code, found = examine(world, wrong)
        assert code == 2 and name in found["portal"]["text"] and "PEM" in found["portal"]["mend"]
        done = world.syncd("run", env=wrong)
        assert done.code == 2 and name in done.err and "Traceback" not in done.err
    world.root.rename(world.base / "away")
    world.root.mkdir()
    code, found = examine(world)
    assert code == 1 and found["root"]["level"] == "bad" and "marker" not in found["root"]["mend"].lower()
    world.root.rmdir()
    (world.base / "away").rename(world.root)
    shutil.copytree(world.dir(), world.root / "copie")
    code, found = examine(world)
    assert code == 3 and "copie" in found["doubled"]["text"]
    shutil.rmtree(world.root / "copie")
    world.close()
    database = world.state / "state.db"
    raw = database.read_bytes()
    database.write_bytes(raw[:5000])
    world.serve()
    world.env["SYNCD_PORTAL_URL"] = world.url
    code, found = examine(world)
    assert code == 1 and found["state"]["level"] == "bad" and "syncd run" in found["state"]["mend"]
    database.write_bytes(raw)
    assert examine(world)[0] == 0


def test_after_a_backup_was_put_back_it_says_what_happened_and_what_will_be_done(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.run()
    shutil.copytree(world.root, world.base / "old")
    world.write("Achats/b.pdf", "two")
    world.run()
    shutil.rmtree(world.root)
    (world.base / "old").rename(world.root)
    code, found = examine(world)
    assert code == 0 and "restaurés" in found["restored"]["text"] and "remet ce qui manque" in found["restored"]["mend"]
    assert examine(world)[1]["restored"] == found["restored"]  # looking changes nothing
    for n in range(25):
        world.write(f"Achats/{n:02}.pdf", "x")
    world.run()
    assert "restored" not in examine(world)[1]
    shutil.rmtree(world.state)
    code, found = examine(world)
    assert code == 0 and "mémoire" in found["restored"]["text"]


def test_a_number_that_stopped_everything_for_good_is_mended_by_one_command(world: World) -> None:
    """As it was left by an engine that believed any marker: state, portal, root and client near the end of 64 bits."""
    far = 2**63 - 2
    world.write("Achats/a.pdf", "one")
    world.run()
    world.close()
    with sqlite3.connect(world.state / "state.db") as state:
        state.execute(
            "update meta set value = ? where key in ('generation', 'generation_started', 'root_written')", (str(far),)
        )
    with sqlite3.connect(world.portal_dir / "portal.db") as portal:
        portal.execute("update portal_cabinet set generation = ?", (far,))
    for path in (world.root / ".syncd" / "root.json", world.dir() / ".syncd" / "client.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"generation": far}))
    world.serve()
    world.env["SYNCD_PORTAL_URL"] = world.url
    done = world.run()
    assert done.code == 1 and "doctor --repair" in done.err and "Traceback" not in done.err
    assert examine(world)[0] == 1
    repaired = world.syncd("doctor", "--repair", "--json")
    found = {f["about"]: f for f in map(json.loads, repaired.out.splitlines())}
    assert repaired.code == 0 and found["repair"]["level"] == "ok", repaired.out
    world.write("Achats/b.pdf", "two")
    done = world.run()
    assert done.code == 0 and done.summary["uploaded"] == 1 and not done.actions("download", "set_aside", "leave")
    assert world.run().idle and "Rien à réparer" in world.syncd("doctor", "--repair").out
    world.same()
