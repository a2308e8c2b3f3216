"""State lost, damaged or old; mirror put back from a backup: every row of RULES 7 with two real processes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.e2e.test_killed import ENGINE
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e


def lived_in(world: World) -> None:
    """Documents of both, versions, a set-aside, a left one, two versions kept, a folder, a supp_ of a person's own."""
    for n in range(5):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
    world.write("Achats/supp_loyer.pdf", "a person's own name")
    world.write("Ventes/2025/v.pdf", "in a folder")
    for n in range(3):
        world.put(f"Banque/{n}.pdf", f"deposit {n}")
    assert world.run().code == 0
    world.write("Achats/0.pdf", "edited here")
    world.put("Achats/1.pdf", "edited online")
    world.write("Achats/2.pdf", "both, here")
    world.put("Achats/2.pdf", "both, online")
    world.remove("Banque/0.pdf")
    world.path("Banque/1.pdf").unlink()
    assert world.run().code == 0
    world.same()


def data(world: World) -> tuple[object, object]:
    online = {p: (d["version"], d["sha256"], d["deleted"]) for p, d in world.online(deleted=True).items()}
    return world.here(), online


@pytest.mark.parametrize("how", ["database", "directory", "emptied", "flipped", "header", "an old copy", "truncated"])
def test_a_lost_damaged_or_old_state_is_rebuilt_with_no_change_to_any_document(world: World, how: str) -> None:
    world.write("Achats/before.pdf", "before the copy")
    world.run()
    world.close()
    shutil.copytree(world.state, world.base / "old-state")
    world.serve()
    world.env["SYNCD_PORTAL_URL"] = world.url
    lived_in(world)
    before = data(world)
    world.close()
    world.serve()
    world.env["SYNCD_PORTAL_URL"] = world.url
    database = world.state / "state.db"
    match how:
        case "database":
            for file in world.state.glob("state.db*"):
                file.unlink()
        case "directory":
            shutil.rmtree(world.state)
        case "emptied":
            database.write_bytes(b"")
        case "flipped":
            raw = bytearray(database.read_bytes())
            for at in range(4096, len(raw), 1500):
                raw[at : at + 60] = bytes(b ^ 0xFF for b in raw[at : at + 60])
            database.write_bytes(raw)
        case "header":
            database.write_bytes(os.urandom(8192))
        case "truncated":
            database.write_bytes(database.read_bytes()[:10_000])
        case "an old copy":
            shutil.rmtree(world.state)
            shutil.copytree(world.base / "old-state", world.state)
    first = world.run()
    assert first.code == 0, first.events
    assert "restored_state" in first.reasons and first.summary["verdict"] == "warning"
    assert {e["action"] for e in first.events} <= {"record", "forget", "problem"}, first.events
    for _ in range(2):
        assert world.run().idle
    assert data(world) == before
    if how in ("flipped", "header", "truncated"):
        assert list(world.state.glob("state.db.damaged-*"))
        assert "damaged-1" in str(first.events)
    world.same()


def test_a_deletion_online_that_a_lost_state_had_not_seen_is_set_aside_not_sent_again(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.write("Achats/b.pdf", "two")
    world.run()
    world.remove("Achats/a.pdf")
    world.put("Achats/b.pdf", "newer online")
    shutil.rmtree(world.state)
    done = world.run()
    assert (done.summary["set_aside"], done.summary["downloaded"], done.summary["uploaded"]) == (1, 1, 0)
    assert world.here() == {"Achats/supp_a.pdf": b"one", "Achats/b.pdf": b"newer online"}
    assert set(world.online()) == {"Achats/b.pdf"}
    world.same()


def test_a_supp_that_nobody_can_recognise_is_neither_published_nor_touched_and_is_said(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.run()
    world.remove("Achats/a.pdf")
    world.run()
    world.write("Achats/supp_a.pdf", "edited by a person since")
    shutil.rmtree(world.state)
    done = world.run()
    assert "unknown_supp" in done.reasons and done.summary["uploaded"] == 0
    for _ in range(3):
        assert world.run().idle and not world.online()
    assert world.here() == {"Achats/supp_a.pdf": b"edited by a person since"}


def mirror_copy(world: World) -> Path:
    copy = world.base / "mirror-backup"
    shutil.copytree(world.root, copy, symlinks=True)
    return copy


def test_a_mirror_restored_from_a_backup_fetches_what_it_lacks_and_sends_nothing_old(world: World) -> None:
    lived_in(world)
    world.write("Achats/old.pdf", "version 1")
    world.write("Achats/gone.pdf", "will be deleted online")
    world.write("Achats/Dossier/m.pdf", "will move")
    world.run()
    copy = mirror_copy(world)
    world.write("Achats/old.pdf", "version 2")
    world.put("Achats/new.pdf", "deposited since")
    world.write("Ventes/added.pdf", "added since")
    world.remove("Achats/gone.pdf")
    world.path("Achats/Dossier").rename(world.path("Achats/Dossier 2026"))
    world.client("000002", "Dupuis")
    world.run()
    world.write("Banque/x.pdf", "of a client made since", "000002")
    world.run()
    before = data(world), world.here("000002")
    shutil.rmtree(world.root)
    copy.rename(world.root)
    done = world.run()
    assert done.code == 0, done.events
    assert "restored_mirror" in done.reasons and done.summary["uploaded"] == 0 and done.summary["left"] == 0
    world.run()
    here, online = data(world)
    assert online == before[0][1]
    assert here == before[0][0] and world.here("000002") == before[1]
    world.same()


def test_one_client_restored_from_a_backup_is_recognised_by_its_own_marker(world: World) -> None:
    world.client("000002", "Dupuis")
    for code in (CODE, "000002"):
        world.run()
        world.write("Achats/a.pdf", "one", code)
        world.write("Achats/b.pdf", "kept", code)
    world.run()
    shutil.copytree(world.dir("000002"), world.base / "client-backup")
    world.write("Achats/a.pdf", "two", "000002")
    world.write("Achats/c.pdf", "since", "000002")
    world.run()
    world.write("Achats/z.pdf", "another client's work goes on")
    world.run()
    shutil.rmtree(world.dir("000002"))
    shutil.copytree(world.base / "client-backup", world.root / "000002 - Dupuis")
    world.path("Achats/b.pdf").unlink()  # here, a removal means what it always means
    done = world.run()
    marked = [(e["client"], e["reason"]) for e in done.actions("problem")]
    assert marked == [("000002", "restored_mirror")] and done.summary["left"] == 1
    assert world.here("000002") == {"Achats/a.pdf": b"two", "Achats/b.pdf": b"kept", "Achats/c.pdf": b"since"}
    assert world.run().idle


def test_a_recovery_that_is_killed_goes_on_where_it_stopped(world: World) -> None:
    for n in range(30):
        world.write(f"Achats/{n:02}.pdf", f"doc {n}")
    world.run()
    copy = mirror_copy(world)
    for n in range(15):
        world.write(f"Ventes/{n:02}.pdf", f"since {n}")
    world.run()
    before = data(world)
    shutil.rmtree(world.root)
    copy.rename(world.root)
    killed = 0
    for at in (3, 9, 17, 26):  # steps of a run: asking, marking, writing down, placing
        said = world.forked(ENGINE.replace("{at}", str(at)), "run", "--json")
        killed += not said or said[-1]["type"] != "summary"
    assert killed >= 3
    assert world.run().code == 0
    assert data(world) == before
    world.same()


def test_a_dry_run_says_what_a_recovery_would_do_and_writes_nothing(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.run()
    copy = mirror_copy(world)
    world.write("Achats/b.pdf", "since")
    world.run()
    shutil.rmtree(world.root)
    copy.rename(world.root)
    done = world.run("--dry-run")
    assert done.summary["downloaded"] == 1 and "restored_mirror" in done.reasons
    assert set(world.here()) == {"Achats/a.pdf"}
    done = world.run()
    assert done.summary["downloaded"] == 1 and "restored_mirror" in done.reasons
