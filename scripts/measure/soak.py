"""Endurance: edits on both sides without end, restarts and kills; at the end both sides are the same."""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import secrets
import signal
import subprocess
import time

from measure import corpus
from measure.cabinet import ROOT, SYNCD, Cabinet
from measure.service_latency import served, used


def soak(args: argparse.Namespace) -> None:
    """Edits on both sides without end, the portal restarted and the engine killed now and then; then both sides equal."""
    rng = random.Random(secrets.randbits(32))
    with served(args, "0.5s", args.clients or 30, args.documents or 900) as b:
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


def agree(b: Cabinet) -> None:
    """Somebody at the cabinet lets through what the guards held back: so many changes in an hour are what they are for."""
    subprocess.run(
        [*SYNCD, "--config", str(b.config), "approve", "--all", "--yes"], capture_output=True, env=b.env, cwd=ROOT
    )


def edit(b: Cabinet, rng: random.Random, n: int) -> None:
    code = rng.choice(b.codes)
    folder = rng.choice(corpus.FOLDERS)
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
                from syncd.portal.documents import lifecycle
                from syncd.portal.models import Client, Document
                from syncd.portal.rights import Operator

                with contextlib.suppress(Exception):
                    client = Client.objects.get(code=code)
                    found = (
                        Document.objects.filter(client=client, tombstone="", path__startswith=folder)
                        .order_by("?")
                        .first()
                    )
                    if found is not None:
                        lifecycle.remove(Operator(client.cabinet_id, "bench"), found)
