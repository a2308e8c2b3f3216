"""A cabinet with its portal, engine and documents, below a directory that is removed at the very end."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from measure import corpus
from measure.figures import Figure, cpu_of, place, timed

ROOT = Path(__file__).resolve().parent.parent.parent
SYNCD = [str(ROOT / ".venv" / "bin" / "syncd")]
OK = (0, 3, 4)


class Cabinet:
    """`settle`: how long a document must be unchanged, as the configuration says it.

    `texts`: the portal reads what documents say, in the background and at its own pace: else that would be measured, too.
    """

    def __init__(self, codes: Iterable[str], settle: str = "2s", *, texts: bool = False) -> None:
        self.base = place()
        self.portal, self.root, self.config = self.base / "portal", self.base / "clients", self.base / "syncd.toml"
        self.env = {
            **os.environ,
            "SYNCD_SCHEDULE_SETTLE": settle,
            "SYNCD_PORTAL_FULL_TEXT": "yes" if texts else "no",
        }
        self.codes = list(codes)
        self.serving: subprocess.Popen[str] | None = None
        self.service: subprocess.Popen[bytes] | None = None
        self.port, self.url = "0", ""
        self.log = (self.base / "service.log").open("wb")

    # -- setting up ----------------------------------------------------------------------------------------------------

    def syncd(self, *args: object) -> str:
        return timed([*SYNCD, *args], self.env, ROOT, OK).out

    def make(self, url: Callable[[Cabinet], str] = lambda c: c.url) -> None:
        """A portal that serves, its clients with their trees, an engine that has made their directories."""
        self.syncd("portal", "init", self.portal, "--cabinet", "Cabinet Martin", "--admin-email", "a@example.fr")
        self.within(
            "from measure import cabinet; cabinet.add_clients(sys.argv[2].split(','))",
            ",".join(self.codes),
        )
        (self.base / "token").write_text(self.syncd("portal", "engine-token", self.portal))
        self.serve()
        self.syncd(
            "init", "--root", self.root, "--state", self.base / "state", "--logs", self.base / "logs", "--portal", url(self),
            "--token-file", self.base / "token", "--out", self.config, "--first-publication", "allow",
        )  # fmt: skip
        self.run()

    def within(self, code: str, *args: str) -> str:
        """Runs a line with the portal's use cases at hand, in a process of its own: one portal to a process."""
        line = f"import sys; sys.path[:0] = [{str(ROOT / 'scripts')!r}, {str(ROOT)!r}]; from syncd.portal import bootstrap; bootstrap.use(__import__('pathlib').Path(sys.argv[1])); {code}"
        return timed([ROOT / ".venv" / "bin" / "python", "-c", line, self.portal, *args], self.env, ROOT).out

    def lease(self) -> str:
        """The number of the lease that the engine's last run took."""
        with contextlib.closing(sqlite3.connect(self.portal / "portal.db")) as portal:
            return str(portal.execute("select lease_number from portal_cabinet").fetchone()[0])

    def dir(self, code: str) -> Path:
        return self.root / corpus.directory(code)

    def fill(self, tree: Path) -> None:
        """Documents of a corpus, into the directories the engine made."""
        shutil.copytree(tree, self.root, dirs_exist_ok=True)

    def serve(self, *options: str) -> None:
        self.serving = subprocess.Popen(
            [*SYNCD, "portal", "serve", str(self.portal), "--port", self.port, *options], stdout=subprocess.PIPE, text=True, env=self.env,
            cwd=ROOT, stderr=self.log,
        )  # fmt: skip
        assert self.serving.stdout is not None
        self.url = self.serving.stdout.readline().strip()
        self.port = self.url.rsplit(":", 1)[1]

    # -- the engine ----------------------------------------------------------------------------------------------------

    def run(self) -> Figure:
        """One run of the engine; `requests` as its own summary says."""
        assert self.serving is not None
        before = cpu_of(self.serving.pid)
        figure = timed([*SYNCD, "--config", self.config, "run", "--json"], self.env, ROOT, OK)
        figure.server = cpu_of(self.serving.pid) - before
        summary = json.loads(figure.out.strip().rpartition("\n")[2])
        figure.requests = summary["requests"]
        if summary["problems"] or summary["waiting"] or summary["stopped"]:
            why = ", ".join(sorted(set(re.findall(r'"reason": ?"(\w+)"', figure.out))))
            sys.exit(f"a run did not do all of its work ({why}; for disk_full: fewer rounds at a time): {summary}")
        figure.out = json.dumps(summary)
        return figure

    def retrieve(self, to: Path, *how: str) -> Figure:
        """Every client's documents into bags."""
        assert self.serving is not None
        before = cpu_of(self.serving.pid)
        figure = timed(
            [*SYNCD, "--config", self.config, "retrieve", "--all", "--yes", "--to", to, *how], self.env, ROOT
        )
        figure.server = cpu_of(self.serving.pid) - before
        return figure

    def wait_settled(self) -> None:
        """Until what was just written is old enough to be taken, and believed, at once."""
        time.sleep(2.2)

    def verify(self) -> None:
        self.syncd("--config", self.config, "verify")

    def watch(self) -> None:
        log = self.base / "service.log"
        mark = log.stat().st_size
        self.service = subprocess.Popen(
            [*SYNCD, "--config", str(self.config), "watch"], env=self.env, stderr=self.log, cwd=ROOT
        )
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

    # -- people --------------------------------------------------------------------------------------------------------

    def join(self) -> None:
        """The portal's use cases in this very process (once: one portal to a process)."""
        from syncd.portal import bootstrap

        bootstrap.use(self.portal)

    def deposit(self, code: str, path: str, data: bytes) -> None:
        from syncd.portal.documents import deposit
        from syncd.portal.models import Client
        from syncd.portal.rights import Operator

        client = Client.objects.get(code=code)
        deposit.deposit_file(Operator(client.cabinet_id, "bench", "company"), client, path, io.BytesIO(data))

    def online(self, code: str, path: str) -> bool:
        from syncd.portal.models import Document

        return Document.objects.filter(client__code=code, path=path, tombstone="").exists()


def add_clients(codes: list[str]) -> None:
    from syncd.disk import template_files
    from syncd.portal.clients import clients
    from syncd.portal.operations import installation

    template = template_files.load("commerce")
    for code in codes:
        clients.add(installation.operator(), code, f"Client {code}", template)


def deposit_tree(root: Path) -> None:
    """A whole corpus deposited by people of the companies, in batches: a fetch needs something to fetch."""
    from syncd.core.content import Content
    from syncd.core.protocol import PutItem
    from syncd.disk.hashing import content_of
    from syncd.portal.documents.store import Body, new_version_id, store
    from syncd.portal.models import Client
    from syncd.portal.operations import installation
    from syncd.portal.rights import Operator
    from syncd.portal.storage import blob_store as blobs
    from syncd.portal.storage.port import Staged

    cabinet = installation.only_cabinet()
    ids = dict(Client.objects.values_list("code", "id"))
    bodies: list[Body] = []
    staged: list[tuple[Staged, str]] = []

    def flush() -> None:
        blobs().publish(staged)
        refused = [r for r in store(Operator(cabinet.id, "bench", "company"), bodies).results if not r.ok]
        if refused:
            sys.exit(f"the corpus was refused: {refused[0]}")
        bodies.clear()
        staged.clear()

    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        directory, _, inside = path.relative_to(root).as_posix().partition("/")
        data = path.read_bytes()
        content: Content = content_of(data)
        version = new_version_id()
        staged.append((blobs().stage(data), version))
        bodies.append(Body(PutItem(ids[directory.partition(" ")[0]], inside, content), content, version))
        if len(bodies) >= 1000:
            flush()
    flush()


def until(holds: Callable[[], bool], seconds: float = 60, pause: float = 0.005) -> float:
    start = time.monotonic()
    while not holds():
        if time.monotonic() - start > seconds:
            sys.exit("it never came")
        time.sleep(pause)
    return time.monotonic() - start
