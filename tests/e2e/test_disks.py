"""Disks that go away, change, fill up, or may not be read: the real thing, with the engine in its own process.

Mounting needs root; where it is not allowed, these tests say so and are skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.browser import Visitor, refused
from tests.e2e.mail_server import Sink, half_a_day_from_now, text_of
from tests.e2e.test_mail import evening, later
from tests.e2e.world import World

pytestmark = pytest.mark.e2e
NOBODY = 65534


def mount(where: Path, size: str = "8m") -> None:
    where.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "syncd-test", str(where)], capture_output=True)
    if done.returncode:
        pytest.skip(f"no mount here: {done.stderr.decode().strip()}")


def unmount(where: Path) -> None:
    subprocess.run(["umount", "-l", str(where)], capture_output=True)


@pytest.fixture
def mounted(world: World) -> Iterator[World]:
    """The mirror on a small disk of its own."""
    saved = world.base / "saved"
    world.root.rename(saved)
    mount(world.root)
    shutil.copytree(saved, world.root, dirs_exist_ok=True)
    yield world
    unmount(world.root)
    unmount(world.root)


@pytest.fixture
def public(pristine: Path) -> Iterator[World]:
    """A world that another user may enter."""
    if os.getuid():
        pytest.skip("needs root, to become somebody else")
    with tempfile.TemporaryDirectory() as place:
        base = Path(place)
        base.chmod(0o755)
        world = World(base, pristine)
        yield world
        world.close()


def given_to(world: World, user: int) -> None:
    for top in (world.root, world.state, world.logs, world.config, world.token):
        for path in [top, *top.rglob("*")]:
            os.chown(path, user, user, follow_symlinks=False)


def test_below_a_folder_that_cannot_be_read_everything_is_unknown_and_the_rest_goes_on(public: World) -> None:
    world = public
    for name in ("Achats/2025/a.pdf", "Achats/2025/Q1/b.pdf", "Achats/c.pdf"):
        world.write(name, name)
    world.run()
    world.put("Achats/2025/a.pdf", "changed online")
    world.remove("Achats/2025/Q1/b.pdf")
    world.put("Achats/2025/new.pdf", "new online")
    world.write("Achats/d.pdf", "new here")
    closed = world.path("Achats/2025")
    given_to(world, NOBODY)
    closed.chmod(0)
    done = world.hooked("", "run", "--json", user=NOBODY)
    assert done.reasons == {"unreadable"} and done.code == 3, done.err
    assert [e["action"] for e in done.events if not e.get("reason")] == ["upload"]
    closed.chmod(0o755)
    assert world.here()["Achats/2025/a.pdf"] == b"Achats/2025/a.pdf" and "Achats/2025/Q1/b.pdf" in world.here()
    done = world.hooked("", "run", "--json", user=NOBODY)
    assert done.code == 0 and (done.summary["downloaded"], done.summary["set_aside"]) == (2, 1)
    world.same()


def test_a_document_that_may_not_be_read_is_unknown_never_gone(public: World) -> None:
    world = public
    world.write("Achats/a.pdf", "one")
    world.write("Achats/b.pdf", "two")
    world.run()
    world.remove("Achats/a.pdf")
    given_to(world, NOBODY)
    os.utime(world.path("Achats/a.pdf"))
    world.path("Achats/a.pdf").chmod(0)
    world.path("Achats/b.pdf").unlink()  # no removal is decided while something is unknown
    done = world.hooked("", "run", "--json", user=NOBODY)
    assert done.code == 3 and done.reasons == {"unreadable"} and done.idle
    assert set(world.here()) == {"Achats/a.pdf"}


def test_a_disk_that_goes_away_during_the_scan_stops_the_run_with_nothing_done(mounted: World) -> None:
    for n in range(3):
        mounted.write(f"Achats/{n}.pdf", f"doc {n}")
    mounted.run()
    mounted.write("Achats/3.pdf", "new")
    done = mounted.hooked(
        f"""
        import subprocess
        from syncd.local.scan import Walk
        walk = Walk.run
        def then_gone(self):
            found = walk(self)
            subprocess.run(["umount", "-l", {str(mounted.root)!r}], check=True)
            return found
        Walk.run = then_gone
        """,
        "run",
        "--json",
    )
    assert done.code == 1 and done.idle and done.reasons == {"stop_root_marker"}
    assert done.summary["verdict"] == "abandoned" and len(mounted.online()) == 3
    again = mounted.run()
    assert again.code == 1 and again.idle and len(mounted.online()) == 3


def test_another_disk_with_the_same_marker_is_not_the_mirror_that_was_scanned(mounted: World) -> None:
    """The device differs between the checks before and after the scan: a copy mounted over the mirror meanwhile."""
    mounted.write("Achats/a.pdf", "one")
    mounted.run()
    mounted.write("Achats/b.pdf", "two")
    done = mounted.hooked(
        f"""
        import shutil, subprocess
        from syncd.local.scan import Walk
        walk, root = Walk.run, {str(mounted.root)!r}
        def then_another(self):
            found = walk(self)
            shutil.copytree(root, root + "-copy")
            subprocess.run(["mount", "-t", "tmpfs", "syncd-test", root], check=True)
            shutil.copytree(root + "-copy", root, dirs_exist_ok=True)
            return found
        Walk.run = then_another
        """,
        "run",
        "--json",
    )
    assert done.code == 1 and done.idle and done.reasons == {"stop_root_marker"} and len(mounted.online()) == 1


def test_a_state_on_a_network_share_is_refused_before_anything_is_asked(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    done = world.hooked(
        """
        import syncd.config.load
        sys.modules["syncd.config.load"].file_system = lambda path: "cifs"
        """,
        "run",
        "--json",
    )
    assert done.code == 2 and "cifs" in done.err and "local disk" in done.err and not world.online()


def test_a_full_disk_is_told_at_once_and_again_in_the_digest(mounted: World) -> None:
    sink = Sink()
    mounted.config.write_text(
        mounted.config.read_text()
        + f'\n[mail]\nsmtp = "{sink.url}"\nfrom = "syncd@cabinet-martin.fr"\nto = ["direction@cabinet-martin.fr"]\n'
        + f'send_at = ["{half_a_day_from_now()}"]\n'
    )
    try:
        for n in range(12):
            mounted.put(f"Achats/{n:02}.pdf", bytes([n]) * 1_000_000)
        assert mounted.run().code == 3 and mounted.run().code == 3
        (mail,) = sink.to("direction@cabinet-martin.fr")
        assert "le disque du cabinet est plein" in text_of(mail)  # once, for all clients
        later(mounted, 86_400)
        evening(mounted)
        mounted.run()
        assert "le disque du cabinet est plein" in text_of(sink.to("direction@cabinet-martin.fr")[1])
    finally:
        sink.close()


def test_a_full_disk_at_the_cabinet_stops_what_comes_and_nothing_is_cut_short(mounted: World) -> None:
    for n in range(12):
        mounted.put(f"Achats/{n:02}.pdf", bytes([n]) * 1_000_000)
    done = mounted.run()  # the reserve is kept: nothing is even begun
    assert done.code == 3 and done.reasons == {"disk_full"} and done.idle and mounted.here() == {}
    no_reserve = "from syncd.engine.context import Settings\nimport syncd.wiring.assembly as wiring\nreal = wiring.settings\nfrom msgspec.structs import replace\nwiring.settings = lambda *a, **k: replace(real(*a, **k), reserve=0)"
    done = mounted.hooked(no_reserve, "run", "--json")
    assert done.code == 3 and done.reasons == {"disk_full"}
    assert all(len(data) == 1_000_000 for data in mounted.here().values())
    subprocess.run(["mount", "-o", "remount,size=200m", str(mounted.root)], check=True)
    assert mounted.hooked(no_reserve, "run", "--json").code == 0
    assert len(mounted.here()) == 12
    assert mounted.hooked(no_reserve, "run", "--json").idle


RESERVED = "import os\nos.environ['SYNCD_PORTAL_RESERVE'] = '1000000'"


@pytest.fixture
def tight(make_world: Callable[..., World]) -> Iterator[World]:
    """A portal whose data lie on a small disk."""
    world = make_world()
    world.stop_portal()
    saved = world.base / "saved-portal"
    world.portal_dir.rename(saved)
    held = sum(path.stat().st_blocks * 512 for path in saved.rglob("*") if path.is_file())
    mount(world.portal_dir, f"{(held + 3_000_000) // 1000}k")  # beside what a new portal is
    shutil.copytree(saved, world.portal_dir, dirs_exist_ok=True)
    world.serve(RESERVED)
    yield world
    world.close()
    unmount(world.portal_dir)


def test_a_full_disk_at_the_portal_refuses_and_both_sides_come_together_later(tight: World) -> None:
    for n in range(8):
        tight.write(f"Achats/{n}.pdf", os.urandom(900_000))
    done = tight.run()
    assert done.code == 6 and done.summary["reason"] == "portal_full", done.err
    person = Visitor(tight.url)  # the database has its reserve, and everybody else the portal
    assert person.sign_in() == 200 and shutil.disk_usage(tight.portal_dir).free >= 900_000
    (tight.portal_dir / "more").write_bytes(b"x" * (shutil.disk_usage(tight.portal_dir).free - 900_000))
    with refused(503):
        person.get("/healthz")
    assert not list((tight.portal_dir / "blobs" / "tmp").iterdir())
    subprocess.run(["mount", "-o", "remount,size=64m", str(tight.portal_dir)], check=True)
    done = tight.run()
    assert done.code == 0, done.events
    assert len(tight.online()) == 8
    tight.same()


@pytest.mark.parametrize("room", [0, 40_000, 120_000])
def test_a_full_disk_for_the_state_ends_the_run_with_one_sentence_and_nothing_is_lost(
    make_world: Callable[..., World], room: int
) -> None:
    world = make_world()
    saved = world.base / "saved-state"
    world.state.rename(saved)
    mount(world.state, "4m")
    shutil.copytree(saved, world.state, dirs_exist_ok=True)
    try:
        for n in range(40):
            world.write(f"Achats/{n}.pdf", f"ours {n}")
            world.put(f"Ventes/{n}.pdf", f"theirs {n}")
        filler = world.state / "filler"
        free = os.statvfs(world.state)
        filler.write_bytes(b"\0" * max(0, free.f_bavail * free.f_frsize - room))
        done = world.run()
        assert (
            done.code == 1
            and "Traceback" not in done.err
            and re.search("state|mémoire de la synchronisation", done.err)
        ), done.err
        filler.unlink()
        done = world.run()
        assert done.code == 0, done.events
        assert len(world.here()) == len(world.online()) == 80
        world.same()
    finally:
        world.close()
        unmount(world.state)
