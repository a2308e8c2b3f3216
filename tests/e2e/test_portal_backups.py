"""Backups of the portal, and what happens after one is put back (HAZARDS 5 and 36, issue: nothing is ever lost)."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e import world as told
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e


def back_up(world: World) -> Path:
    to = world.base / "backup"
    world.portal("backup", str(to))
    return to


def put_back(world: World, backup: Path) -> None:
    world.stop_portal()
    world.close()
    shutil.rmtree(world.portal_dir)
    done = world.fresh("portal", "restore", backup, world.portal_dir)
    assert done.code == 0, done.err
    world.serve()
    world.env["SYNCD_PORTAL_URL"] = world.url


def test_a_portal_restored_from_a_backup_gets_everything_back_and_nothing_is_set_aside(world: World) -> None:
    for n in range(6):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
    world.put("Banque/releve.pdf", "from the company")
    world.run()
    backup = back_up(world)
    for n in range(5):
        world.write(f"Ventes/{n}.pdf", f"added {n}")
    world.write("Achats/0.pdf", "edited 0")
    world.write("Achats/1.pdf", "edited 1")
    world.path("Achats/2.pdf").rename(world.path("Ventes/moved.pdf"))
    world.put("Banque/second.pdf", "deposited after the backup")
    world.write("Achats/2026/Q1/deep.pdf", "in a new folder")
    world.run()
    before = world.here()
    put_back(world, backup)
    done = world.run()
    assert done.code == 0 and done.summary["verdict"] == "warning", done.events
    assert "restored_portal" in done.reasons and done.summary["set_aside"] == 0 and done.summary["downloaded"] == 0
    assert world.here() == before
    assert {p: world.bytes_online(p) for p in world.online()} == before
    assert world.online()["Achats/0.pdf"]["version"] == 2
    world.same()


def test_what_a_company_deposited_stays_the_companys_when_the_engine_brings_it_back(world: World) -> None:
    world.put("Banque/first.pdf", "from the company")
    world.write("Achats/ours.pdf", "from the cabinet")
    world.run()
    backup = back_up(world)
    world.put("Banque/second.pdf", "deposited after the backup")
    world.write("Achats/later.pdf", "published after the backup")
    world.run()
    put_back(world, backup)
    with closing(sqlite3.connect(world.portal_dir / "portal.db")) as db, db:
        db.execute("update portal_client set news_since = null")
    world.run()
    with closing(sqlite3.connect(world.portal_dir / "portal.db")) as db:
        rows = db.execute(
            "select path, by_company, origin, document.received_at is not null from portal_document document "
            "join portal_version version on version.id = version_id where path like '%second.pdf' or path like '%later.pdf'"
        ).fetchall()
    assert sorted(rows) == [("Achats/later.pdf", 0, "engine", 0), ("Banque/second.pdf", 1, "company", 1)]
    world.same()


def test_the_sequence_that_overtook_the_old_one_is_recognised_by_its_tag(world: World) -> None:
    for n in range(4):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
    world.run()
    backup = back_up(world)
    world.write("Achats/later.pdf", "after the backup")
    world.run()
    before = world.here()
    put_back(world, backup)
    for n in range(10):
        world.put(f"Ventes/{n}.pdf", f"after the restoration {n}")
    world.put("Achats/3.pdf", "changed after the restoration")
    done = world.run()
    assert done.code == 0 and done.summary["set_aside"] == 0, done.events
    here = world.here()
    assert here["Achats/3.pdf"] == b"changed after the restoration" and len(here) == len(before) + 10
    assert world.bytes_online("Achats/later.pdf") == b"after the backup"
    world.same()


def test_a_data_directory_put_back_by_hand_is_recognised_too(world: World) -> None:
    """Without `portal restore`, and with a sequence that went on to the same number: the tag differs."""
    world.write("Achats/a.pdf", "one")
    world.run()
    world.stop_portal()
    world.close()
    shutil.copytree(world.portal_dir, world.base / "copy")
    world.serve()
    world.write("Achats/a.pdf", "two")
    world.write("Achats/b.pdf", "new")
    world.run()
    world.stop_portal()
    world.close()
    shutil.rmtree(world.portal_dir)
    (world.base / "copy").rename(world.portal_dir)
    world.serve()
    world.put("Ventes/x.pdf", "x")
    world.put("Ventes/y.pdf", "y")
    done = world.run()
    assert done.code == 0 and done.summary["set_aside"] == 0 and "restored_portal" in done.reasons
    assert world.bytes_online("Achats/a.pdf") == b"two" and world.bytes_online("Achats/b.pdf") == b"new"
    assert set(world.here()) == {"Achats/a.pdf", "Achats/b.pdf", "Ventes/x.pdf", "Ventes/y.pdf"}
    world.same()


def test_what_was_deleted_and_brought_back_before_the_portal_went_back_is_not_set_aside_again(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.run()
    world.remove("Achats/a.pdf")
    world.run()
    backup = back_up(world)
    world.portal("document", "restore", CODE, "Achats/a.pdf")
    world.run()
    assert set(world.here()) == {"Achats/a.pdf"}
    put_back(world, backup)
    done = world.run()
    assert (
        done.summary["set_aside"] == 0
        and set(world.here()) == {"Achats/a.pdf"}
        and set(world.online()) == {"Achats/a.pdf"}
    )
    world.same()


def test_a_client_the_restored_portal_does_not_know_is_said_and_its_documents_stay(world: World) -> None:
    backup = back_up(world)
    world.client("000002", "Dupuis")
    world.run()
    world.write("Achats/a.pdf", "one", "000002")
    world.run()
    put_back(world, backup)
    done = world.run()
    assert "lost_online" in done.reasons and world.here("000002") == {"Achats/a.pdf": b"one"}
    assert world.run().idle
    world.client("000002", "Dupuis")  # made again: another client, whose directory bears the old one's marker
    done = world.run()
    assert done.reasons >= {"guard_first_publication"} and world.here("000002") == {"Achats/a.pdf": b"one"}
    assert not world.online("000002")
    assert world.syncd("approve", "000002", "--yes").code == 0
    world.run()
    assert set(world.online("000002")) == {"Achats/a.pdf"}


def test_agreements_given_before_the_portal_went_back_are_void(world: World) -> None:
    for n in range(30):
        world.write(f"Achats/{n:02}.pdf", f"doc {n}")
    world.run()
    backup = back_up(world)
    for n in range(25):
        world.write(f"Achats/{n:02}.pdf", f"edited {n}")
    assert world.run().code == 4
    assert world.syncd("approve", CODE, "--yes").code == 0
    put_back(world, backup)
    done = world.run()
    assert done.code == 4 and done.summary["uploaded"] == 0


def test_a_backup_taken_while_documents_arrive_is_whole_and_a_second_one_copies_only_what_is_new(world: World) -> None:
    for n in range(40):
        world.write(f"Achats/{n:02}.pdf", os.urandom(20_000))
    stop = threading.Event()
    taken: list[int] = []

    def again() -> None:
        while not stop.is_set():
            done = world.fresh("portal", "backup", world.portal_dir, world.base / "backup")
            taken.append(done.code)

    busy = threading.Thread(target=again)
    busy.start()
    for n in range(6):
        world.write(f"Ventes/{n}.pdf", os.urandom(50_000))
        assert world.run().code == 0
    stop.set()
    busy.join()
    assert taken and set(taken) == {0}
    blobs = world.base / "backup" / "blobs"
    old = {p: p.stat().st_mtime_ns for p in blobs.rglob("*") if p.is_file()}
    back_up(world)
    assert all(p.stat().st_mtime_ns == at for p, at in old.items())
    before = world.here()
    put_back(world, world.base / "backup")
    assert world.portal("check").code == 0
    assert world.run().code == 0 and world.here() == before
    world.same()


def test_restore_and_backup_refuse_what_would_overwrite(world: World) -> None:
    backup = back_up(world)
    full = world.portal(
        "restore", str(backup), check=False
    )  # DIR comes second here: the order of words is the command's
    done = world.fresh("portal", "restore", backup, world.portal_dir)
    assert done.code == 2 and "not empty" in done.err and full.code == 2
    assert world.fresh("portal", "restore", world.logs, world.base / "new").code == 2
    assert world.fresh("portal", "backup", world.portal_dir, world.portal_dir / "inside").code == 2
    assert world.fresh("portal", "backup", world.portal_dir, world.root).code == 2


def test_check_finds_missing_damaged_and_stray_bytes_and_moves_them_away(world: World) -> None:
    for name in "abc":
        world.write(f"Achats/{name}.pdf", name * 100)
    world.run()
    assert world.portal("check").code == 0
    import sqlite3

    with sqlite3.connect(world.portal_dir / "portal.db") as conn:
        ids = dict(conn.execute("select path, version_id from portal_document").fetchall())
    blob = {p: world.portal_dir / "blobs" / i[:2] / i for p, i in ids.items()}
    blob["Achats/a.pdf"].unlink()
    blob["Achats/b.pdf"].write_bytes(b"x" * 100)
    stray = world.portal_dir / "blobs" / "ff" / ("f" * 32)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"of no document")
    done = world.portal("check", check=False)
    assert done.code == 3 and "contenu absent : 007868 Achats/a.pdf" in done.out and "contenu abîmé" in done.out
    assert "sans document" not in done.out  # while it is served, young bytes may be about to be committed
    world.stop_portal()
    done = world.portal("check", "--repair", check=False)
    assert done.code == 3 and "contenu sans document" in done.out and not stray.exists()
    assert (world.portal_dir / "unreferenced" / stray.name).read_bytes() == b"of no document"
    assert (world.portal_dir / "damaged" / blob["Achats/b.pdf"].name).exists()
    world.serve()
    world.env["SYNCD_PORTAL_URL"] = world.url
    assert world.syncd("verify", "--deep").code == 3
    done = world.syncd("verify", "--deep", "--repair")
    assert done.code == 0, done.out + done.err
    assert world.portal("check").code == 0 and world.bytes_online("Achats/b.pdf") == b"b" * 100
    world.same()


def test_silent_corruption_on_either_side_is_found_reported_and_mended_never_propagated(world: World) -> None:
    """Bytes change under the same size and times: only reading them again can tell."""
    import sqlite3

    world.write("Achats/a.pdf", "a" * 5000)
    world.write("Achats/b.pdf", "b" * 5000)
    world.run()
    world.write("Achats/b.pdf", "B" * 5000)
    world.run()
    rot(world, "Achats/a.pdf")
    blob = version_blob(world, "Achats/b.pdf", 2)
    blob.write_bytes(b"?" * 5000)
    old = version_blob(world, "Achats/b.pdf", 1)
    old.write_bytes(b"!" * 5000)
    done = world.run()
    assert done.idle  # not seen, and not carried over
    assert world.bytes_online("Achats/a.pdf") == b"a" * 5000
    done = world.syncd("verify", "--deep", "--json")
    assert done.code == 3
    assert '"rotten_here"' in done.out and '"rotten_online"' in done.out and '"rotten_version"' in done.out
    (world.root / "Divers").mkdir()  # something to tell that is not about decay
    done = world.syncd("verify", "--deep", "--repair")
    with sqlite3.connect(world.state / "state.db") as conn:
        assert conn.execute("select count(*) from runs where ended is null").fetchone() == (0,)
    assert world.here() == {"Achats/a.pdf": b"a" * 5000, "Achats/b.pdf": b"B" * 5000}
    assert world.bytes_online("Achats/b.pdf") == b"B" * 5000
    assert done.code == 3 and "aucun exemplaire sain" in done.out  # the first version of b is nowhere any more
    old.write_bytes(b"b" * 5000)
    assert world.syncd("verify", "--deep").code == 0
    world.same()


def version_blob(world: World, path: str, number: int) -> Path:
    import sqlite3

    with sqlite3.connect(world.portal_dir / "portal.db") as conn:
        sql = "select v.id from portal_version v join portal_document d on d.id = v.document_id where d.path = ? and v.number = ?"
        ((name,),) = conn.execute(sql, (path, number)).fetchall()
    return world.portal_dir / "blobs" / str(name)[:2] / str(name)


def rot(world: World, path: str) -> None:
    """A byte changes on the disk with nothing of its stat: as the state remembers it, not even its ctime."""
    import sqlite3

    file = world.path(path)
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    with file.open("r+b") as f:
        f.write(data)
    grain = 1 if told.elsewhere is None else 100  # nanoseconds: Windows' times
    times = [ns // grain * grain for ns in (file.stat().st_mtime_ns, file.stat().st_ctime_ns)]
    with sqlite3.connect(world.state / "state.db") as conn:
        for table in ("local_documents", "base_documents"):
            conn.execute(f"update {table} set mtime_ns = ?, ctime_ns = ? where disk = ?", (*times, path))
        conn.execute("update local_documents set hashed_ns = hashed_ns + 100000000000 where disk = ?", (path,))
