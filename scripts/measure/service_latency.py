"""Latency and idle cost of engine and portal, as a service over a tree of a real size."""

from __future__ import annotations

import argparse
import contextlib
import functools
import random
import secrets
import sqlite3
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from measure import corpus, peers
from measure.cabinet import Cabinet, until
from measure.figures import TICK
from measure.syncthing import Syncthing


@contextlib.contextmanager
def served(args: argparse.Namespace, settle: str, clients: int, documents: int) -> Iterator[Cabinet]:
    """`documents` small ones among `clients`, published."""
    made = Cabinet([f"{n:06}" for n in range(clients)], settle)
    try:
        started = time.monotonic()
        made.make()
        made.join()
        for code in made.codes:
            for n in range(documents // clients):
                folder = made.dir(code) / corpus.FOLDERS[n % len(corpus.FOLDERS)] / f"20{20 + n // 60 % 7}"
                folder.mkdir(exist_ok=True)
                (folder / f"document {n:04}.pdf").write_bytes(f"{code} {n} ".encode() + secrets.token_bytes(1000))
        made.syncd("--config", made.config, "run", "--json")
        print(f"{clients} clients, {documents} documents published in {time.monotonic() - started:.0f} s", flush=True)
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
    with served(args, "2s", args.clients or 500, args.documents or 100_000) as b:
        b.watch()
        if "latency" in args.what:
            latency(args, b)
        if "idle" in args.what:
            idle(args, b)
        if "latency" in args.what:
            b.rest()
            syncthing(args, b)


def latency(args: argparse.Namespace, b: Cabinet) -> None:
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
        up.append(until(functools.partial(b.online, code, path)))
        time.sleep(rng.uniform(0, 0.5))
    told("saved at the cabinet → on the portal (settle 2 s)", up)


def syncthing(args: argparse.Namespace, b: Cabinet) -> None:
    """The same changes, from one side to the other, by Syncthing at its least delay and at its default, over the same tree."""
    if peers.tool("syncthing") is None:
        print("syncthing is not installed here: not measured", flush=True)
        return
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


def idle(args: argparse.Namespace, b: Cabinet) -> None:
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


def runs_of(b: Cabinet) -> int:
    with contextlib.closing(sqlite3.connect(b.base / "state" / "state.db")) as state:
        return int(state.execute("select count(*) from runs").fetchone()[0])
