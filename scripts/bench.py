"""Latency, idle cost and endurance of engine and portal, as processes over a tree of a real size. Prints what it measured."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import secrets
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SYNCD = [sys.executable, "-c", "from syncd.cli import main; main()"]
FOLDERS = ["Achats", "Ventes", "Banque", "Fiscalité/TVA", "Juridique"]
TICK = os.sysconf("SC_CLK_TCK")


class Bench:
    """A cabinet with its portal, service and documents, below a directory that is removed at the end."""

    def __init__(self, clients: int, documents: int, settle: str) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="syncd-bench-"))
        self.portal, self.root, self.config = self.base / "portal", self.base / "clients", self.base / "syncd.toml"
        self.env = {**os.environ, "SYNCD_SCHEDULE_SETTLE": settle}
        self.codes = [f"{n:06}" for n in range(clients)]
        self.each = documents // clients
        self.serving: subprocess.Popen[str] | None = None
        self.service: subprocess.Popen[bytes] | None = None
        self.port = "0"
        self.log = (self.base / "service.log").open("wb")

    # -- setting up ----------------------------------------------------------------------------------------------------

    def syncd(self, *args: object) -> str:
        done = subprocess.run(
            [*SYNCD, *map(str, args)], capture_output=True, text=True, env=self.env, cwd=ROOT, check=False
        )
        if done.returncode not in (0, 3, 4):
            sys.exit(f"syncd {args}: {done.stdout}{done.stderr}")
        return done.stdout

    def make(self) -> None:
        self.syncd("portal", "init", self.portal, "--cabinet", "Cabinet Martin", "--admin-email", "a@example.fr")
        from syncd.portal import setup

        setup.use(self.portal)
        from syncd.disk import template_files
        from syncd.portal.services import accounts, clients

        template = template_files.load("commerce")
        for code in self.codes:
            clients.add(accounts.only_cabinet(), code, f"Client {code}", template)
        (self.base / "token").write_text(self.syncd("portal", "engine-token", self.portal))
        self.serve()
        self.syncd(
            "init", "--root", self.root, "--state", self.base / "state", "--logs", self.base / "logs", "--portal", self.url,
            "--token-file", self.base / "token", "--out", self.config, "--first-publication", "allow",
        )  # fmt: skip
        self.syncd("--config", self.config, "run", "--json")
        for code in self.codes:
            for n in range(self.each):
                folder = self.dir(code) / FOLDERS[n % len(FOLDERS)] / f"20{20 + n // 60 % 7}"
                folder.mkdir(exist_ok=True)
                (folder / f"document {n:04}.pdf").write_bytes(f"{code} {n} ".encode() + os.urandom(1000))
        self.syncd("--config", self.config, "run", "--json")

    def dir(self, code: str) -> Path:
        return self.root / f"{code} - Client {code}"

    def serve(self) -> None:
        self.serving = subprocess.Popen(
            [*SYNCD, "portal", "serve", str(self.portal), "--port", self.port], stdout=subprocess.PIPE, text=True, env=self.env,
            cwd=ROOT, stderr=self.log,
        )  # fmt: skip
        assert self.serving.stdout is not None
        self.url = self.serving.stdout.readline().strip()
        self.port = self.url.rsplit(":", 1)[1]

    def watch(self) -> None:
        mark = (self.base / "service.log").stat().st_size
        self.service = subprocess.Popen(
            [*SYNCD, "--config", str(self.config), "watch"], env=self.env, stderr=self.log, cwd=ROOT
        )
        log = self.base / "service.log"
        until(lambda: b"watching how=" in log.read_bytes()[mark:], 300)

    def rest(self) -> None:
        """Everything stopped: a peer has the machine to itself."""
        for process in (self.service, self.serving):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)

    def close(self) -> None:
        self.rest()
        self.log.close()
        shutil.rmtree(self.base)

    # -- people --------------------------------------------------------------------------------------------------------

    def deposit(self, code: str, path: str, data: bytes) -> None:
        from syncd.portal.models import Client
        from syncd.portal.rights import Operator
        from syncd.portal.services import deposits

        client = Client.objects.get(code=code)
        deposits.deposit(client, path, io.BytesIO(data), Operator(client.cabinet_id, "bench", "company"))

    def online(self, code: str, path: str) -> bool:
        from syncd.portal.models import Document

        return Document.objects.filter(client__code=code, path=path, tombstone="").exists()


def until(holds: Callable[[], bool], seconds: float = 60, pause: float = 0.005) -> float:
    start = time.monotonic()
    while not holds():
        if time.monotonic() - start > seconds:
            sys.exit("it never came")
        time.sleep(pause)
    return time.monotonic() - start


@contextlib.contextmanager
def bench(args: argparse.Namespace, settle: str) -> Iterator[Bench]:
    made = Bench(args.clients, args.documents, settle)
    try:
        started = time.monotonic()
        made.make()
        print(
            f"{args.clients} clients, {args.documents} documents published in {time.monotonic() - started:.0f} s",
            flush=True,
        )
        yield made
    finally:
        made.close()


def told(name: str, times: list[float]) -> None:
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    print(
        f"{name}: p50 {statistics.median(ordered):.2f} s, p95 {p95:.2f} s, most {ordered[-1]:.2f} s ({len(ordered)} documents)",
        flush=True,
    )


def living(args: argparse.Namespace) -> None:
    """Latency and idle cost over one tree."""
    with bench(args, "2s") as b:
        b.watch()
        if "latency" in args.what:
            latency(args, b)
        if "idle" in args.what:
            idle(args, b)
        if "latency" in args.what:
            b.rest()
            syncthing(args, b)


def latency(args: argparse.Namespace, b: Bench) -> None:
    """From the moment a document is stored on one side until it is on the other."""
    rng = random.Random(7)
    time.sleep(5)
    down, up = [], []
    for n in range(args.samples):
        code, path = rng.choice(b.codes), f"Ventes/depot {n}.pdf"
        b.deposit(code, path, b"deposit %d" % n)
        target = b.dir(code) / path
        down.append(until(target.exists))
        time.sleep(rng.uniform(0, 0.5))
    told("deposited online → on the cabinet's disk", down)
    for n in range(args.samples):
        code, path = rng.choice(b.codes), f"Achats/facture {n}.pdf"
        (b.dir(code) / path).write_bytes(b"saved %d" % n)
        up.append(until(lambda code=code, path=path: b.online(code, path)))
        time.sleep(rng.uniform(0, 0.5))
    told("saved at the cabinet → on the portal (settle 2 s)", up)


def syncthing(args: argparse.Namespace, b: Bench) -> None:
    """The same changes, from one side to the other, by Syncthing at its least delay and at its default, over the same tree."""
    if shutil.which("syncthing") is None:
        print("syncthing is not installed here: not measured", flush=True)
        return
    from peers import Syncthing

    rng = random.Random(7)
    for delay in (1, 10):
        peer = Syncthing(b.base / f"syncthing{delay}", b.root, delay)
        times = []
        try:
            for n in range(args.samples // (1 if delay == 1 else 4)):
                path = Path(b.dir(rng.choice(b.codes)).name, "Achats", f"facture {delay} {secrets.token_hex(4)}.pdf")
                (peer.sides[0] / path).write_bytes(b"saved %d" % n)
                times.append(until((peer.sides[1] / path).exists))
                time.sleep(rng.uniform(0, 0.5))
        finally:
            peer.close()
        told(f"syncthing, {delay} s delay: one side → the other", times)


def used(pid: int) -> tuple[float, int, int, int]:
    """(CPU seconds, resident KB, open files, threads) of a process."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text()
    resident = int(status.partition("VmRSS:")[2].split()[0])
    return (int(stat[11]) + int(stat[12])) / TICK, resident, len(list(Path(f"/proc/{pid}/fd").iterdir())), int(stat[17])


def idle(args: argparse.Namespace, b: Bench) -> None:
    time.sleep(20)  # whatever the start, or people, still bring
    assert b.service is not None and b.serving is not None
    runs = runs_of(b)
    before = {name: used(p.pid) for name, p in (("engine", b.service), ("portal", b.serving))}
    time.sleep(args.minutes * 60)
    for name, process in (("engine", b.service), ("portal", b.serving)):
        cpu, resident, files, threads = used(process.pid)
        was = before[name]
        share = (cpu - was[0]) / (args.minutes * 60)
        print(
            f"{name}, idle for {args.minutes:g} min: {share:.2%} of a core, memory {was[1] // 1024} → {resident // 1024} MB, "
            f"files {was[2]} → {files}, threads {was[3]} → {threads}"
        )
    print(f"passes meanwhile: {runs_of(b) - runs} (the interval's full pass is every 15 min)")


def runs_of(b: Bench) -> int:
    with contextlib.closing(sqlite3.connect(b.base / "state" / "state.db")) as state:
        return int(state.execute("select count(*) from runs").fetchone()[0])


def soak(args: argparse.Namespace) -> None:
    """Edits on both sides without end, the portal restarted and the engine killed now and then; then both sides equal."""
    rng = random.Random(secrets.randbits(32))
    with bench(args, "0.5s") as b:
        b.watch()
        end = time.monotonic() + args.minutes * 60
        edits = restarts = kills = 0
        seen: list[tuple[int, int, int]] = []
        next_restart, next_kill, next_look = (time.monotonic() + s for s in (60.0, 90.0, 20.0))
        while time.monotonic() < end:
            edit(b, rng, edits)
            edits += 1
            time.sleep(rng.uniform(0.05, 0.5))
            now = time.monotonic()
            if now > next_look:
                assert b.service is not None
                seen.append(used(b.service.pid)[1:])
                next_look = now + 20
                agree(b)
            if now > next_restart:
                assert b.serving is not None
                b.serving.send_signal(rng.choice([signal.SIGTERM, signal.SIGKILL]))
                b.serving.wait()
                time.sleep(rng.uniform(0, 5))
                b.serve()
                restarts, next_restart = restarts + 1, now + 120
            if now > next_kill:
                assert b.service is not None
                b.service.kill()
                b.service.wait()
                b.watch()
                kills, next_kill = kills + 1, now + 300
        time.sleep(10)
        assert b.service is not None
        last = used(b.service.pid)[1:]
        b.service.send_signal(signal.SIGTERM)
        code = b.service.wait(60)
        for _ in range(2):
            b.syncd("--config", b.config, "run", "--json")
            agree(b)
        b.syncd("--config", b.config, "run", "--json")
        again = b.syncd("--config", b.config, "run", "--json")
        proof = subprocess.run(
            [*SYNCD, "--config", str(b.config), "verify"], capture_output=True, text=True, env=b.env, cwd=ROOT
        )
        print(f"{args.minutes:g} min: {edits} edits, portal restarted {restarts} times, engine killed {kills} times")
        print(
            f"engine at the end: memory {last[0] // 1024} MB, files {last[1]}, threads {last[2]}; seen at most {max(s[0] for s in seen) // 1024} MB, {max(s[1] for s in seen)} files, {max(s[2] for s in seen)} threads"
        )
        quiet = '"action"' not in again or '"refused"' in again
        same = "both sides are the same" if proof.returncode == 0 else proof.stdout + proof.stderr
        print(f"service ended with {code}; idle afterwards: {quiet}; verify: {same}")


def agree(b: Bench) -> None:
    """Somebody at the cabinet lets through what the guards held back: so many changes in an hour are what they are for."""
    subprocess.run(
        [*SYNCD, "--config", str(b.config), "approve", "--all", "--yes"], capture_output=True, env=b.env, cwd=ROOT
    )


def edit(b: Bench, rng: random.Random, n: int) -> None:
    code = rng.choice(b.codes)
    folder = rng.choice(FOLDERS)
    here = b.dir(code)
    existing = sorted(p for p in (here / folder).rglob("*.pdf") if not p.name.startswith("supp_"))
    with contextlib.suppress(OSError):
        match rng.choice(["new", "new", "edit", "rename", "deposit", "deposit", "remove", "folder"]):
            case "new":
                (here / folder / f"soak {n}.pdf").write_bytes(os.urandom(rng.randint(10, 60_000)))
            case "edit" if existing:
                rng.choice(existing).write_bytes(os.urandom(500))
            case "rename" if existing:
                source = rng.choice(existing)
                source.rename(source.with_name(f"renamed {n}.pdf"))
            case "folder":
                (here / folder / f"dossier {n}").mkdir()
                (here / folder / f"dossier {n}" / "a.pdf").write_bytes(os.urandom(100))
            case "deposit":
                with contextlib.suppress(Exception):  # the portal's database may be busy: a person tries again
                    b.deposit(code, f"{folder}/depot {n}.pdf", os.urandom(200))
            case "remove" if n % 5 == 0:
                from syncd.portal.models import Client, Document
                from syncd.portal.rights import Operator
                from syncd.portal.services import documents

                with contextlib.suppress(Exception):
                    client = Client.objects.get(code=code)
                    found = (
                        Document.objects.filter(client=client, tombstone="", path__startswith=folder)
                        .order_by("?")
                        .first()
                    )
                    if found is not None:
                        documents.remove(client, found.path, Operator(client.cabinet_id, "bench"))


def main() -> None:
    sys.path.insert(0, str(ROOT))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="+", choices=["latency", "idle", "soak"])
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=10.0)
    args = parser.parse_args()
    if {"latency", "idle"} & set(args.what):
        living(args)
    if "soak" in args.what:
        soak(args)


main()
