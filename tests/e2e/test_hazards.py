"""Hazards that no other page tells of, each with the real thing (docs/testing.md says which test covers which)."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e
A = "Achats/a.pdf"


def test_2_a_portal_whose_storage_is_missing_says_so_and_nothing_is_deleted_here(world: World) -> None:
    world.write(A, "one")
    world.run()
    blobs = world.portal_dir / "blobs"
    blobs.rename(world.base / "away")
    world.write("Achats/b.pdf", "two")
    done = world.hooked("import stamina; stamina.set_testing(True, attempts=1)", "run", "--json")
    assert done.code == 6 and done.idle and set(world.here()) == {A, "Achats/b.pdf"}
    (world.base / "away").rename(blobs)
    assert world.run().summary["uploaded"] == 1
    world.same()


def test_3_an_error_at_the_fifteenth_entry_makes_that_folder_unknown_and_the_rest_goes_on(world: World) -> None:
    for n in range(20):
        world.write(f"Achats/2025/{n:02}.pdf", f"doc {n}")
    world.write("Ventes/v.pdf", "here")
    world.run()
    world.remove("Achats/2025/03.pdf")
    world.path("Achats/2025/19.pdf").unlink()
    world.write("Ventes/new.pdf", "new")
    done = world.hooked(
        """
        import contextlib
        from syncd.disk.directory import Directory
        listing = Directory.listing
        def until_the_fifteenth(entries):
            for n, entry in enumerate(entries, 1):
                if n == 15:
                    raise OSError(5, "Input/output error")
                yield entry
        @contextlib.contextmanager
        def failing(folder):
            with listing(folder) as entries:
                yield until_the_fifteenth(entries) if folder.where.endswith("2025") else entries
        Directory.listing = failing
        """,
        "run",
        "--json",
    )
    assert done.code == 3 and done.reasons == {"unreadable"}, done.err
    assert [(e["action"], e["path"]) for e in done.events if not e.get("reason")] == [("upload", "Ventes/new.pdf")]
    assert "Achats/2025/03.pdf" in world.here() and "Achats/2025/19.pdf" in world.online()
    done = world.run()
    assert (done.summary["set_aside"], done.summary["left"]) == (1, 1)


def test_10_a_document_written_while_it_is_sent_is_old_or_new_never_a_mix(world: World) -> None:
    size = 24_000_000  # large: streamed for a while
    template = world.base / "big.toml"
    template.write_text(
        'name = "big"\ntitle = "Big"\n[defaults]\nmax_size = "100 MB"\n[[folder]]\npath = "Achats"\nkind = "purchases"\n'
    )
    world.portal("client", "set", CODE, "--template", str(template))
    path = world.write(A, b"0" * size)
    stop = threading.Event()

    def writer() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            with path.open("r+b") as f:
                for at in range(0, size, 1_000_000):
                    f.seek(at)
                    f.write(bytes([65 + n % 20]) * 1_000_000)
            time.sleep(0.02)

    busy = threading.Thread(target=writer)
    busy.start()
    try:
        for _ in range(4):
            done = world.run()
            assert done.code in (0, 3) and done.reasons <= {"unstable", "unknown_folder"}
            if A in world.online():
                assert len(set(world.bytes_online(A))) == 1
    finally:
        stop.set()
        busy.join()
    assert world.run().code == 0
    assert len(set(world.bytes_online(A))) <= 2  # as the writer left it
    assert world.bytes_online(A) == path.read_bytes()
    world.same()


def test_14_a_path_that_cannot_exist_here_is_one_clear_line_and_the_rest_comes(world: World) -> None:
    deep = "Achats/" + "/".join(["d" * 200] * 19)
    done = world.put(f"{deep}/{'n' * 200}.pdf", "too long for a disk", check=False)
    assert (done.code, done.out.strip(), len(done.err.splitlines())) == (3, "too_long", 1)
    world.put("Achats/fine.pdf", "fine")
    world.run()
    world.write("Achats/" + "d/" * 120 + "deep.pdf", "deeper than either side takes")
    world.write("Achats/also.pdf", "also")
    done = world.run()
    assert [e["reason"] for e in done.actions("refused", "problem")] == ["too_long"], done.events
    assert done.code == 3 and set(world.online()) == {"Achats/fine.pdf", "Achats/also.pdf"}


def test_16_an_edit_that_keeps_size_and_mtime_is_found(world: World) -> None:
    path = world.write(A, "content one")
    world.run()
    before = path.stat()
    path.write_text("content two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert world.run().summary["uploaded"] == 1 and world.bytes_online(A) == b"content two"


def test_17_one_copy_per_conflict_five_runs_later_too(world: World) -> None:
    world.write(A, "one")
    world.write("Achats/b.pdf", "one")
    world.run()
    world.write(A, "the same edit")
    world.put(A, "the same edit")
    world.write("Achats/b.pdf", "here")
    world.put("Achats/b.pdf", "online")
    assert world.run().summary["kept_both"] == 1
    for _ in range(5):
        assert world.run().idle
    assert len(world.here()) == len(world.online()) == 3


def test_18_a_folder_of_a_thousand_documents_is_renamed_by_one_request_without_a_guard(world: World) -> None:
    folder = world.path("Achats/2025")
    folder.mkdir()
    for n in range(1000):
        (folder / f"{n:04}.pdf").write_text(f"doc {n}")
    assert world.run().code == 0
    ids = {p.rpartition("/")[2]: d["id"] for p, d in world.online().items()}
    folder.rename(folder.with_name("2025 clos"))
    world.write("Achats/2025 clos/0007.pdf", "edited as well")
    done = world.run()
    assert done.code == 0 and (done.summary["moved"], done.summary["uploaded"]) == (1, 1)
    assert done.summary["bytes_up"] == len("edited as well") and done.summary["requests"] <= 4
    online = world.online()
    assert {p.rpartition("/")[2]: d["id"] for p, d in online.items()} == ids
    assert online["Achats/2025 clos/0007.pdf"]["version"] == 2


@pytest.mark.parametrize("years", [-1, 1])
def test_31_a_wrong_clock_decides_nothing_and_is_said_once(world: World, years: int) -> None:
    world.write(A, "one")
    world.write("Achats/b.pdf", "two")
    world.run()
    wrong = f"""
        import time
        now, ns, off = time.time, time.time_ns, {years} * 31_536_000
        time.time = lambda: now() + off
        time.time_ns = lambda: ns() + off * 10**9
        """
    world.write(A, "edited")
    world.put("Achats/b.pdf", "edited online")
    done = world.hooked(wrong, "run", "--json")
    assert done.code == 0 and done.reasons == {"clock_skew"} and done.summary["verdict"] == "warning"
    assert (done.summary["uploaded"], done.summary["downloaded"]) == (1, 1)
    again = world.hooked(wrong, "run", "--json")
    assert again.idle and again.summary["verdict"] == "done"
    world.same()


def test_32_one_bad_client_never_stops_the_others(world: World) -> None:
    for n in range(2, 5):
        world.client(f"00000{n}", f"Client {n}")
    world.run()
    for n in range(2, 5):
        world.write(A, f"of {n}", f"00000{n}")
    done = world.hooked(
        """
        import syncd.core.planner as judge
        plan = judge.plan
        def failing(snapshot, rules, stamp, *more):
            if rules.code == "000003":
                raise KeyError("a fault of ours")
            return plan(snapshot, rules, stamp, *more)
        judge.plan = failing
        """,
        "run",
        "--json",
    )
    assert done.code == 3 and done.summary["verdict"] == "error" and done.summary["uploaded"] == 2
    assert [(e["client"], e["reason"]) for e in done.actions("problem")] == [("000003", "failed")]
    assert world.run().summary["uploaded"] == 1


def test_27_an_endless_answer_is_cut_short_before_anything_is_believed(world: World) -> None:
    world.write(A, "one")
    world.run()
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def endless() -> None:
            with server.accept()[0] as line:
                line.recv(65536)
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
                try:
                    while True:
                        line.sendall(b" " * 1_000_000)
                except OSError:
                    pass

        talking = threading.Thread(target=endless)
        talking.start()
        done = world.run(env={"SYNCD_PORTAL_URL": f"http://127.0.0.1:{server.getsockname()[1]}"})
        talking.join()
    assert done.code == 6 and done.idle and set(world.here()) == {A}
    world.same()


def test_the_engine_never_listens(world: World) -> None:
    world.write(A, "one")
    world.put("Ventes/v.pdf", "two")
    done = world.hooked(
        """
        import socket
        def never(*args):
            raise AssertionError("the engine opened a listening socket")
        class Quiet(socket.socket):
            listen = never
            def bind(self, *args):
                never()
        socket.socket = Quiet
        """,
        "run",
        "--json",
    )
    assert done.code == 0 and (done.summary["uploaded"], done.summary["downloaded"]) == (1, 1)


def test_windows_a_document_another_program_holds_is_locked_never_gone(world: World) -> None:
    """Windows answers a sharing violation (winerror 32) where Linux lets everybody read and rename."""
    world.write(A, "one")
    world.write("Achats/b.pdf", "two")
    world.run()
    world.write(A, "edited, and still open")
    world.remove("Achats/b.pdf")
    held = """
        from syncd.disk.directory import Directory
        def violation(path):
            e = PermissionError(13, "being used by another process", path)
            e.winerror = 32
            return e
        opened, move = Directory.reading, Directory.move
        def reading(folder, name):
            if name.endswith("a.pdf"):
                raise violation(name)
            return opened(folder, name)
        def moving(source, name, target, to):
            if name.endswith("b.pdf"):
                raise violation(name)
            move(source, name, target, to)
        Directory.reading, Directory.move = reading, moving
        """
    done = world.hooked(held, "run", "--json")
    assert done.code == 3 and done.reasons == {"locked"} and done.idle, done.events
    assert world.here() == {A: b"edited, and still open", "Achats/b.pdf": b"two"}
    done = world.run()
    assert (done.summary["uploaded"], done.summary["set_aside"]) == (1, 1)
    world.same()


def test_windows_without_exchange_no_replace_and_directory_syncs_a_run_does_the_same(world: World) -> None:
    """What Windows lacks is behind the `disk` seam: the same work, with the fall-backs, in a process of its own."""
    for name in ("edited", "changed", "both", "deleted", "moved"):
        world.write(f"Achats/{name}.pdf", f"first {name}")
    world.run()
    world.write("Achats/edited.pdf", "edited here")
    world.put("Achats/changed.pdf", "changed online")
    world.write("Achats/both.pdf", "both, here")
    world.put("Achats/both.pdf", "both, online")
    world.remove("Achats/deleted.pdf")
    world.portal("document", "move", CODE, "Achats/moved.pdf", "Ventes/moved.pdf")
    done = world.hooked(
        """
        from syncd.disk import rename, durability
        from syncd.disk.directory import Directory
        from syncd.disk.posix import open_beneath
        open_beneath._openat2 = rename._renameat2 = None
        durability._libc = None
        durability.sync_directory = Directory.sync = lambda path: None
        """,
        "run",
        "--json",
    )
    assert done.code == 0, done.events
    assert {p: world.bytes_online(p) for p in world.online()} == {
        p: d for p, d in world.here().items() if "supp_" not in p
    }
    assert world.here()["Achats/supp_deleted.pdf"] == b"first deleted" and Path(world.path("Ventes/moved.pdf")).exists()
    world.same()


def test_an_old_request_that_arrives_late_is_refused(world: World) -> None:
    """A proxy that keeps a request and delivers it again when the document has long moved: no second one is made."""
    from tests.e2e.proxy import Proxy

    proxy = Proxy(world.url)
    kept: list[tuple[str, dict[str, str], bytes]] = []
    proxy.seen = lambda path, headers, body: kept.append((path, headers, body))
    world.env["SYNCD_PORTAL_URL"] = proxy.url
    world.write(A, "one")
    world.run()
    world.path(A).rename(world.path("Ventes/a.pdf"))
    world.run()
    path, headers, body = next(k for k in kept if k[0].endswith("/put"))
    import http.client

    host = world.url.removeprefix("http://")
    for lease in (headers["Syncd-Lease"], None):  # of a lease that has ended, and of the one that holds
        last = max(int(h["Syncd-Lease"]) for _, h, _ in kept if int(h.get("Syncd-Lease", "0")))
        line = http.client.HTTPConnection(host)
        line.request("POST", path, body, {**headers, "Syncd-Lease": lease or str(last), "Syncd-Request": "1"})
        assert line.getresponse().status == 409
        line.close()
    assert set(world.online()) == {"Ventes/a.pdf"}
    proxy.close()
    world.env["SYNCD_PORTAL_URL"] = world.url
    world.same()


@pytest.mark.parametrize("locale", ["fr_FR.ISO-8859-15", "C"])
def test_64_in_a_session_that_is_not_utf_8_names_are_as_ever_or_nothing_is_done(
    world: World, locale: str, tmp_path: Path
) -> None:
    world.write("Achats/relevé d'été.pdf", "1")
    world.run()
    before = world.online()
    env = {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    if locale != "C":
        subprocess.run(
            ["localedef", "-i", "fr_FR", "-f", "ISO-8859-15", str(tmp_path / locale)], check=True, capture_output=True
        )
        env["LOCPATH"] = str(tmp_path)
    done = world.fresh("run", env=env)
    if done.code:
        assert (done.code, done.err.count("LC_ALL=C.UTF-8"), len(done.err.splitlines())) == (2, 1, 1)
    assert world.online() == before
    assert world.run().idle
