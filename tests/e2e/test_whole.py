"""Request counts, dry runs, large documents, kills, reports: the whole, with real processes."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import random
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pytest

from syncd.core.protocol import Caller
from syncd.remote.http import HttpRemote
from syncd.remote.session import Session
from syncd.remote.transport import Transport
from syncd.state.journal import GENESIS, link
from tests.e2e.proxy import Proxy
from tests.e2e.world import CODE, SYNCD, World

pytestmark = pytest.mark.e2e


def tree_digest(*tops: Path) -> dict[str, str]:
    return {
        str(p): f"{p.stat().st_mtime_ns} {hashlib.sha256(p.read_bytes()).hexdigest()}" if p.is_file() else "dir"
        for top in tops
        for p in sorted(top.rglob("*"))
    }


def test_a_dry_run_writes_nothing_anywhere_and_prints_the_plan_that_a_run_executes(world: World) -> None:
    for n in range(3):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
    world.run()
    world.write("Achats/2026/new.pdf", "new")
    world.write("Achats/0.pdf", "edited")
    world.put("Ventes/v.pdf", "online")
    world.remove("Achats/1.pdf")
    world.client("007869", "EURL Durand")
    world.stop_portal()
    world.close()  # its commands' connections too
    world.serve()
    before = tree_digest(world.root, world.state, world.logs, world.portal_dir / "blobs")
    dump = database(world)
    dry = world.fresh("run", "--dry-run", "--json")
    assert dry.code == 0, dry.err
    assert tree_digest(world.root, world.state, world.logs, world.portal_dir / "blobs") == before
    assert database(world) == dump
    planned = [json.loads(x) for x in dry.out.splitlines()]
    assert all(e.get("dry_run") for e in planned)
    done = world.run()
    shown = {(e["action"], e["path"]) for e in planned if e["type"] == "event"}
    assert {(e["action"], e["path"]) for e in done.events} == shown


def database(world: World) -> list[str]:
    with contextlib.closing(sqlite3.connect(world.portal_dir / "portal.db")) as conn:
        return list(conn.iterdump())


def test_a_hundred_clients_cross_in_few_requests_and_an_idle_run_makes_two(world: World) -> None:
    codes = [f"1{n:05}" for n in range(100)]
    from tests.e2e.world import Outcome

    script = "\n".join(f"c.add(a.operator(), {code!r}, 'Client {code}', t)" for code in codes)
    made = subprocess.run(
        [SYNCD[0], "-c", f"from pathlib import Path\nfrom syncd.portal import bootstrap; bootstrap.use(Path({str(world.portal_dir)!r}))\nfrom syncd.portal.clients import clients as c\nfrom syncd.portal.operations import installation as a\nfrom syncd.disk import template_files\nt = template_files.load('commerce')\n{script}"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert isinstance(world.run(), Outcome)
    for code in codes:
        folder = world.dir(code) / "Achats" / "2026"
        folder.mkdir()
        for n in range(100):
            (folder / f"{n}.pdf").write_bytes(f"{code} {n}".encode())
    done = world.run()
    assert done.code == 0 and done.summary["uploaded"] == 10_000 and done.summary["requests"] <= 60, done.summary
    again = world.run()
    assert again.idle and again.summary["requests"] <= 2
    other = world.base / "fresh"
    fresh = world.syncd(
        "init",
        "--root",
        other / "r",
        "--state",
        other / "s",
        "--logs",
        other / "l",
        "--portal",
        world.url,
        "--token-file",
        world.token,
        "--out",
        other / "c.toml",
    )
    assert fresh.code == 0, fresh.err
    state = sqlite3.connect(world.state / "state.db")
    engine = state.execute("select value from meta where key = 'engine'").fetchone()[0]
    mine = sqlite3.connect(other / "s" / "state.db")
    mine.execute("update meta set value = ? where key = 'engine'", (engine,))  # the same engine on a new disk
    mine.commit()
    world.config = other / "c.toml"
    done = world.run()
    assert done.code == 0 and done.summary["downloaded"] == 10_000 and done.summary["requests"] <= 60, done.summary


@pytest.fixture
def large(world: World, tmp_path: Path) -> World:
    template = tmp_path / "large.toml"
    template.write_text('name = "large"\n[[folder]]\npath = "Achats"\nmax_size = "none"\n')
    world.portal("client", "set", CODE, "--template", str(template))
    world.run()
    return world


def big_file(path: Path, megabytes: int, seed: int = 1) -> str:
    rng, sha = random.Random(seed), hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as f:
        for _ in range(megabytes):
            block = rng.randbytes(1_000_000)
            sha.update(block)
            f.write(block)
    return sha.hexdigest()


def peak_memory(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(x.split()[1]) // 1024 for x in status.splitlines() if x.startswith("VmHWM")), 0)


def test_a_large_document_crosses_both_ways_with_flat_memory_and_resumes_after_a_kill(large: World) -> None:
    digest = big_file(large.path("Achats/grand.pdf"), 300)
    proxy_log: list[int] = []
    engine = large.started("run")
    part = large.portal_dir / "uploads"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(p.stat().st_size > 100_000_000 for p in part.iterdir()):
        time.sleep(0.02)
    engine.kill()
    engine.wait()
    arrived = max(p.stat().st_size for p in part.iterdir())
    assert arrived >= 100_000_000
    time.sleep(0.5)
    arrived = max(p.stat().st_size for p in part.iterdir())
    proxy = Proxy(large.url)
    try:
        again = large.started("run", env={"SYNCD_PORTAL_URL": proxy.url})
        peak = 0
        while again.poll() is None:
            peak = max(peak, peak_memory(again.pid))
            time.sleep(0.02)
        assert again.returncode == 0
        proxy_log.append(sum(n for path, n in proxy.sent.items() if "/tus/" in path))
    finally:
        proxy.close()
    assert proxy_log[0] <= 300_000_000 - arrived
    assert peak < 150, f"{peak} MB"
    assert large.online()["Achats/grand.pdf"]["sha256"] == digest
    other = big_file(large.base / "deposit.pdf", 300, seed=2)
    large.portal("document", "put", CODE, "Achats/retour.pdf", str(large.base / "deposit.pdf"))
    engine = large.started("run")
    temps = large.dir() / ".syncd/tmp"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (
        temps.is_dir() and any(p.stat().st_size > 100_000_000 for p in temps.iterdir())
    ):
        time.sleep(0.01)
    engine.kill()
    engine.wait()
    held = max(p.stat().st_size for p in temps.iterdir())
    inode = max(temps.iterdir(), key=lambda p: p.stat().st_size).stat().st_ino
    assert large.run().code == 0
    placed = large.path("Achats/retour.pdf")
    assert held >= 100_000_000 and placed.stat().st_ino == inode
    assert hashlib.sha256(placed.read_bytes()).hexdigest() == other
    large.same()
    assert large.server is not None and peak_memory(large.server.pid) < 250


def test_kill_at_any_moment_loses_and_doubles_nothing(world: World) -> None:
    rng = random.Random(20261121)
    expected: set[bytes] = set()
    for turn in range(8):
        for n in range(30):
            data = f"turn {turn} doc {n}".encode()
            expected.add(data)
            world.write(f"Achats/{turn}/{n}.pdf", data)
        for n in range(5):
            data = f"deposit {turn} {n}".encode()
            expected.add(data)
            world.put(f"Ventes/{turn}-{n}.pdf", data)
        engine = world.started("run")
        time.sleep(rng.uniform(0.7, 1.6))
        if turn % 2:
            world.stop_portal(signal.SIGKILL)
            world.serve()  # the engine tries again, or gives up: either is right
            engine.wait(60)
        else:
            engine.kill()
            engine.wait()
    assert world.run().code == 0
    world.run()
    online, here = world.online(), world.here()
    assert set(here.values()) == expected and len(here) == len(expected)
    assert set(online) == set(here) and all(d["version"] == 1 for d in online.values())
    world.same()


def test_an_interrupted_run_ends_cleanly(world: World) -> None:
    for n in range(2000):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
    engine = world.started("run", "--json", env={"SYNCD_SCHEDULE_SETTLE": "3s"}, stdout=subprocess.PIPE)
    deadline = time.monotonic() + 60
    with contextlib.closing(sqlite3.connect(world.state / "state.db", timeout=30)) as conn:
        while not conn.execute("select 1 from runs where verdict = 'running'").fetchone():
            assert time.monotonic() < deadline and engine.poll() is None
            time.sleep(0.02)
    time.sleep(0.5)  # it has started; whatever it does now, settling or sending, it must end cleanly
    code = world.ended(engine)
    out, _ = engine.communicate(timeout=30)
    assert engine.returncode == code, out[-500:]
    assert world.run().code == 0 and len(world.online()) == 2000
    world.same()


def test_reports_and_journals_are_written_and_say_what_was_done(world: World) -> None:
    world.write("Achats/=cmd.pdf", "one")
    world.write("Achats/gros.exe", "x")
    world.put("Ventes/été.pdf", "online")
    assert world.run().code == 3
    report = max(world.logs.glob("runs/20*/*/*.log"))
    text = report.read_text()
    assert "Avertissement" in text and "type de fichier non accepté (.exe)" in text and "SARL Dupont (007868)" in text
    assert report.with_suffix(".json").exists()
    (csv,) = world.logs.glob("clients/007868 - SARL Dupont/*.csv")
    raw = csv.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and b";" in raw and "Ventes/été.pdf".encode() in raw
    assert world.syncd("report").out.startswith("Avertissement")
    assert "Ventes/été.pdf : reçu" in world.syncd("journal", CODE).out
    assert world.syncd("journal", "verify").code == 0
    for told in (world.syncd("report", "--html"), world.syncd("journal", CODE, "--html")):
        assert told.code == 0 and "<td>Ventes/été.pdf</td>" in told.out and "<td>=cmd.pdf" not in told.out
    table = world.syncd("report", "--csv").out
    assert (
        table.startswith("\ufeffCode dossier;Client;Responsable;Site;Groupe;Secteur;Type;Début")
        and "type de fichier non accepté" in table
    )
    assert "007868;SARL Dupont;" in table
    world.path("Achats/gros.exe").unlink()
    world.run()
    files = set(world.logs.rglob("*"))
    assert world.run().code == 0 and set(world.logs.rglob("*")) == files, "a pass that did nothing writes nothing"


def test_a_rewritten_journal_shows_even_when_its_chain_was_made_anew(world: World) -> None:
    for n in range(3):
        world.write(f"Achats/{n}.pdf", f"doc {n}")
        world.run()
    proved = world.syncd("journal", "verify")
    assert proved.code == 0 and "tels que la plateforme les a reçus" in proved.out
    with sqlite3.connect(world.state / "state.db") as state:
        row = state.execute("select seq, line from events where line like '%1.pdf%'").fetchone()
        state.execute("update events set line = ? where seq = ?", (row[1].replace("1.pdf", "x.pdf"), row[0]))
    assert "a été modifié" in (told := world.syncd("journal", "verify")).out and told.code == 3
    with sqlite3.connect(world.state / "state.db") as state:  # whoever does it well links every later event anew
        previous = GENESIS
        for seq, run, at, line in state.execute("select seq, run, at, line from events order by seq").fetchall():
            previous = link(previous, run, at, line)
            state.execute("update events set hash = ? where seq = ?", (previous, seq))
    told = world.syncd("journal", "verify")
    assert told.code == 3 and "réécrit" in told.out
    state.close()
    for path in world.state.glob("state.db*"):
        path.unlink()
    world.run()
    told = world.syncd("journal", "verify")
    assert told.code == 0 and "la mémoire a été refaite" in told.out
    world.stop_portal()
    assert world.syncd("journal", "verify").code == 6


def test_the_portal_ends_soon_after_sigterm_even_while_somebody_waits(world: World) -> None:
    waiting = threading.Event()

    async def wait() -> None:
        remote = HttpRemote(Session(Transport(world.url, world.token.read_text().strip())))
        first = await remote.hello(Caller("other", "machine", "instance", lease=False), None)
        waiting.set()
        await remote.poll(Caller("other", "machine", "instance", lease=False), first.cursor, 50.0)
        await remote.close()

    somebody = threading.Thread(target=asyncio.run, args=(wait(),))
    somebody.start()
    assert waiting.wait(10)
    time.sleep(0.3)  # the second question is on its way; were it not, nobody would wait, and the test ask less
    started = time.monotonic()
    world.stop_portal()
    somebody.join()
    assert time.monotonic() - started < 25  # of the 50 it would have waited
