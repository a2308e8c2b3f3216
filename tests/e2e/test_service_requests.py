"""Commands that need the mirror, while the service has it: the service does what they ask, between two passes."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.test_portal_backups import rot, version_blob
from tests.e2e.test_watch import Service, eventually
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e


@pytest.fixture
def service(world: World) -> Iterator[Service]:
    world.write("Achats/a.pdf", "a" * 500)
    world.write("Achats/b.pdf", "b" * 500)
    world.run()
    made = Service(world, SYNCD_SCHEDULE_SETTLE="0.3s")
    yield made
    made.close()


def asking(world: World, *args: object) -> subprocess.Popen[str]:
    """It hears Ctrl-C as at a terminal: what a shell starts in the background hears none, nor does what that starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return world.started(*args, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGINT, before)


def requests(world: World) -> int:
    with contextlib.closing(sqlite3.connect(world.state / "state.db")) as state:
        return int(state.execute("select count(*) from requests where answer is null").fetchone()[0])


def test_restore_and_repair_are_done_by_the_service(world: World, service: Service) -> None:
    world.path("Achats/a.pdf").unlink()
    eventually(lambda: service.said("left=1") == 1)
    done = world.syncd("restore", CODE, "Achats/a.pdf", "--json")
    assert done.code == 0 and done.out.count('"restore"') == 1, done.out + done.err
    assert '"documents":1' in done.out.splitlines()[-1].replace(" ", "")
    assert world.here()["Achats/a.pdf"] == b"a" * 500
    assert "Rien à restaurer" in world.syncd("restore", CODE).out
    eventually(lambda: world.syncd("verify").code == 0)  # the pass after it takes note of what was restored
    done = world.syncd("restore", CODE, "Achats/nothing.pdf")
    assert done.code == 2 and "alors aucun document" in done.err
    rot(world, "Achats/b.pdf")
    version_blob(world, "Achats/a.pdf", 1).write_bytes(b"?" * 500)
    done = world.syncd("verify", "--repair")
    assert done.code == 0 and "identique des deux côtés" in done.out, done.out + done.err
    assert world.here()["Achats/b.pdf"] == b"b" * 500 and world.bytes_online("Achats/a.pdf") == b"a" * 500
    to = world.base / "elsewhere"
    assert world.syncd("restore", CODE, "Achats", "--to", to).code == 0
    assert (to / "Achats/b.pdf").read_bytes() == b"b" * 500
    world.write("Achats/c.pdf", "the service goes on")
    eventually(lambda: "Achats/c.pdf" in world.online())
    assert service.ended()
    world.same()


def test_whoever_asks_and_goes_away_leaves_the_service_at_work(world: World, service: Service) -> None:
    world.path("Achats/a.pdf").unlink()
    eventually(lambda: service.said("left=1") == 1)
    assert world.server is not None
    world.server.send_signal(signal.SIGSTOP)  # what is asked for cannot be done now
    try:
        asker = asking(world, "restore", CODE)
        eventually(lambda: service.said("request ") == 1)
        assert requests(world) == 1
        asker.send_signal(signal.SIGINT)
        said = asker.communicate(timeout=20)
        assert asker.returncode == 130 and "le service continue" in said[1], said
        assert requests(world) == 0
        eventually(lambda: service.said("asker_left") == 1)
    finally:
        world.server.send_signal(signal.SIGCONT)
    world.write("Achats/c.pdf", "afterwards")
    eventually(lambda: "Achats/c.pdf" in world.online())
    assert "Achats/a.pdf" not in world.here()  # nor was it done later
    asker = asking(world, "run")
    asker.kill()
    asker.communicate()
    world.write("Achats/d.pdf", "after one that was killed")
    eventually(lambda: "Achats/d.pdf" in world.online())
    assert service.ended()


def test_one_folder_or_document_is_run(world: World) -> None:
    for place in ("Achats/2026/T1/a.pdf", "Achats/2026/b.pdf", "Achats/c.pdf", "Ventes/d.pdf"):
        world.write(place, place)
    world.put("Ventes/e.pdf", "deposited")
    done = world.run(f"{CODE}/Achats/2026/T1")
    assert done.code == 0 and set(world.online()) == {"Achats/2026/T1/a.pdf", "Ventes/e.pdf"}, done.events
    dry = world.run(f"{CODE}/Achats/2026", "--dry-run")
    assert [e["path"] for e in dry.actions("upload")] == ["Achats/2026/b.pdf"]
    done = world.run(f"{CODE}/Achats/c.pdf", f"{CODE}/Ventes/e.pdf/")
    assert set(world.online()) == {"Achats/2026/T1/a.pdf", "Achats/c.pdf", "Ventes/e.pdf"}
    assert world.here()["Ventes/e.pdf"] == b"deposited"
    for wrong, said in ((f"{CODE}/Achats/x.pdf", "document ou dossier"), ("999/Achats", "le code 999"), (f"{CODE}/../x", "'..'")):  # fmt: skip
        done = world.syncd("run", wrong)
        assert done.code == 2 and said in done.err, done.err
    assert world.run().code == 0
    assert len(world.online()) == 5
    world.same()


def test_several_clients_are_restored_together(world: World) -> None:
    world.client("001234", "SARL Durand")
    world.client("001235", "SARL Duval")
    world.run()
    for code in (CODE, "001234"):
        world.write("Achats/a.pdf", f"of {code}", code)
    world.run()
    for code in (CODE, "001234"):
        world.path("Achats/a.pdf", code).unlink()
    world.run()
    done = world.syncd("restore", "--all", "--dry-run", "--json")
    assert done.code == 0 and done.out.count('"restore"') == 2, done.out + done.err
    done = world.syncd("restore", "-c", CODE, "-c", "999", "-c", "001234")
    assert done.code == 2 and "999 : aucun client" in done.err and "le code 999" in done.err
    assert world.here("001234") == {"Achats/a.pdf": b"of 001234"} and world.here() == {"Achats/a.pdf": f"of {CODE}".encode()}  # fmt: skip
    done = world.syncd("restore", "--all", "--to", world.base / "to")
    assert done.code == 0 and (world.base / "to" / "001234" / "Achats" / "a.pdf").read_text() == "of 001234"
    for wrong in ((), ("--all", CODE)):
        assert world.syncd("restore", *wrong).code == 2


def test_what_a_pass_puts_away_meanwhile_comes_again(world: World) -> None:
    """A pass that begins drops what arrives, and a restoration to elsewhere uses that place too."""
    for n in range(3):
        world.write(f"Achats/{n}.pdf", f"document {n}")
    world.run()
    to = world.base / "elsewhere"
    said = world.hooked(
        """
        from syncd.local.mirror import DiskMirror
        from syncd.engine.maintenance import restore
        real, export, count = restore.fetch, DiskMirror.export, [0]
        async def fetch(parts, directory, item):
            temp = await real(parts, directory, item)
            count[0] += 1
            if count[0] == 1:
                parts.mirror.drop_temps(directory)
            return temp
        def exporting(self, client, *rest):
            export(self, client, *rest)
            if count[0] == 3:
                raise FileNotFoundError(2, "put away a moment before")
        restore.fetch, DiskMirror.export = fetch, exporting
        """,
        "restore", CODE, "--to", str(to),
    )  # fmt: skip
    assert said.code == 0, said.out + said.err
    assert sorted(p.read_text() for p in (to / "Achats").iterdir()) == [f"document {n}" for n in range(3)]
