"""Many cabinets on PostgreSQL and an S3 server, three processes of the portal, engines at work; one process is killed every 20
seconds, the S3 server once. Afterwards nothing that was acknowledged is missing, and every feed is without a hole."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure.figures import cpu_of

if TYPE_CHECKING:
    from tests.support.portals import Portals

PROCESSES, EVERY, SIMULATORS = 3, 20.0, 8
HOLES = """SELECT c.name FROM portal_cabinet c LEFT JOIN portal_feedrow f ON f.cabinet_id = c.id
GROUP BY c.id, c.name, c.seq HAVING count(f.id) <> c.seq OR coalesce(max(f.seq), 0) <> c.seq"""
NEW = """SELECT v.id, encode(v.sha256, 'hex'), l.cabinet_id FROM portal_version v JOIN portal_document d ON v.document_id = d.id
JOIN portal_client l ON d.client_id = l.id WHERE v.created_at > %s"""


def cabinets(args: Namespace) -> None:
    import services

    with tempfile.TemporaryDirectory(prefix="syncd-cabinets-", ignore_cleanup_errors=True) as made:
        base = Path(made)
        base.chmod(0o711)
        for name in ("postgres", "s3", "portals"):
            (base / name).mkdir(0o700)
        with services.postgres(base / "postgres") as address, services.s3(base / "s3") as objects:
            os.environ |= {services.POSTGRES: address, **objects}
            from tests.support.portals import Portals

            try:
                with Portals(base / "portals", PROCESSES) as portals:
                    _measured(args, base, portals)
            finally:  # the one that was started again is nobody else's
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int((base / "s3" / "pid").read_text()), signal.SIGKILL)


def _measured(args: Namespace, base: Path, portals: Portals) -> None:
    clients, documents, seconds = args.clients or 20, args.documents or 50, args.minutes * 60
    began = time.monotonic()
    filled = _ran("measure.cabinet_rows", portals.first, args.cabinets, clients, documents)
    known = {one["cabinet"]: one for one in map(json.loads, filled.splitlines())}
    rows = args.cabinets * clients * documents
    print(f"{args.cabinets} cabinets × {clients} clients × {documents} documents: {rows} rows in {time.monotonic() - began:.0f} s", flush=True)  # fmt: skip
    urls, at_work = base / "urls", list(known.values())[:: max(1, len(known) // args.engines)][: args.engines]
    _tell(portals, urls)
    since = time.time()
    until = since + seconds
    engines = [_engines(base, n, urls, until, at_work[n::SIMULATORS]) for n in range(min(SIMULATORS, len(at_work)))]
    before, spent = _cpu(portals), 0.0
    kills = 0 if args.still else _kill(portals, urls, base / "s3", until)
    for engine in engines:
        assert engine.wait(seconds + 300) == 0, "a simulated engine failed: its words stand above"
    spent = _cpu(portals) - before
    said, counts = _said(base)
    requests = sum(n for name, n in counts.items() if name.isdigit())
    print(f"{len(at_work)} engines, {seconds:.0f} s, {kills} kills: {requests} requests, {requests / seconds:.0f}/s, {counts['microseconds'] / requests / 1000:.0f} ms each; {dict(counts)}")  # fmt: skip
    if args.still:
        print(f"processor of the portal: {spent / requests * 1000:.1f} ms a request, {spent / seconds / len(at_work) * 100:.2f} % of a core an engine")  # fmt: skip
    _prove(portals, known, said, since)


def _ran(module: str, *given: object) -> str:
    return subprocess.run([sys.executable, "-m", module, *map(str, given)], check=True, stdout=subprocess.PIPE, text=True, env=_env()).stdout  # fmt: skip


def _env() -> dict[str, str]:
    here = Path(__file__).parents[1]
    return {**os.environ, "PYTHONPATH": f"{here}:{here.parent}"}


def _engines(base: Path, n: int, urls: Path, until: float, some: list[dict[str, Any]]) -> subprocess.Popen[bytes]:
    (base / f"engines-{n}.in").write_text("".join(json.dumps(one) + "\n" for one in some))
    with (base / f"engines-{n}.in").open() as given, (base / f"engines-{n}.out").open("w") as out:
        asked = [sys.executable, "-m", "measure.simulated_engines", str(urls), str(until)]
        return subprocess.Popen(asked, stdin=given, stdout=out, env=_env())


def _tell(portals: Portals, urls: Path) -> None:
    urls.with_suffix(".new").write_text("\n".join(portals.urls.values()))
    urls.with_suffix(".new").replace(urls)


def _cpu(portals: Portals) -> float:
    return sum(cpu_of(portals.pid(n)) for n in portals.urls)


def _kill(portals: Portals, urls: Path, s3: Path, until: float) -> int:
    """A process in turn; half-way the object storage, too, which is away for some seconds."""
    count, half = 0, (time.time() + until) / 2
    while time.time() < until - EVERY / 2:
        time.sleep(min(EVERY, max(0.0, until - time.time())))
        n = count % PROCESSES
        portals.kill(n)
        _tell(portals, urls)
        if half and time.time() > half:
            _restart(s3)
            half = 0.0
        portals.serve(n)
        _tell(portals, urls)
        count += 1
    return count


def _restart(s3: Path) -> None:
    pid = int((s3 / "pid").read_text())
    command = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)
    with (s3 / "log").open("ab") as log:
        again = subprocess.Popen(command, stdout=log, stderr=log, cwd=s3)
    (s3 / "pid").write_text(str(again.pid))


def _said(base: Path) -> tuple[dict[str, str], Counter[str]]:
    """What was acknowledged: version → digest."""
    said, counts = dict[str, str](), Counter[str]()
    for out in base.glob("engines-*.out"):
        for one in map(json.loads, out.read_text().splitlines()):
            if "version" in one:
                said[one["version"]] = one["sha256"]
            else:
                counts.update(one["counts"])
    return said, counts


def _prove(portals: Portals, known: dict[str, dict[str, Any]], said: dict[str, str], since: float) -> None:
    import hashlib
    from datetime import UTC, datetime

    import httpx

    from tests.support import databases

    holes = databases.ask(portals.database, HOLES)
    new = {
        i: (sha, known[c]["key"])
        for i, sha, c in databases.ask(portals.database, NEW, datetime.fromtimestamp(since, UTC))
    }
    lost = [i for i, sha in said.items() if i not in new or new[i][0] != sha]
    url = next(iter(portals.urls.values()))

    def right(version: str) -> bool:
        sha, key = new[version]
        done = line.get(f"{url}/api/v1/content/{version}", headers={"Authorization": f"Bearer {key}"})
        return done.status_code == 200 and hashlib.sha256(done.content).hexdigest() == sha

    with httpx.Client(timeout=60) as line, ThreadPoolExecutor(8) as pool:
        wrong = [v for v, fine in zip(new, pool.map(right, new), strict=True) if not fine]
    print(f"acknowledged {len(said)}, of them lost {len(lost)}; versions there {len(new)}, read back wrong {len(wrong)}; feeds with a hole {len(holes)}", flush=True)  # fmt: skip
    if lost or wrong or holes:
        sys.exit(f"lost {lost[:5]} wrong {wrong[:5]} holes {holes[:5]}")
