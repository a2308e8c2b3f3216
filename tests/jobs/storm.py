"""Scanners, a migration and people at once, in the weather of tests/simulation/storm.py: the robot between two passes, a
migration in the very middle of one, power lost and processes killed at any of their steps, a hostile neighbour, backups
put back. When it clears, `verify` agrees, and each scan and each document of before is at its client.

`./scripts/fuzz --jobs SEED` replays one, `./scripts/fuzz --jobs --minutes N` goes on.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import hashlib
import logging
import random
import sqlite3
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from syncd.core import paths
from syncd.core.errors import SyncdError
from syncd.core.fiscal_years import Exercise
from syncd.core.folder_rules import Direction, FolderRule
from syncd.engine import Ports
from syncd.engine.action_backoff import LONGEST
from syncd.engine.maintenance.maintenance_run import MaintenanceTask
from syncd.jobs.intake.intake import Intake, Options
from syncd.jobs.intake.share import Share
from syncd.jobs.migrate.migration import Migration
from syncd.jobs.migrate.values import Gate, Parts, Wish
from syncd.local.mirror_copies import DiskMirrorCopies
from syncd.local.old_tree import DiskOldTree
from syncd.state.migration_store import MigrationStore
from tests.simulation import storm
from tests.simulation.power import on
from tests.support.scans import pdf

SHORT = 2000  # seeds of the test run: shorter histories
YEARS = tuple(Exercise(str(y), date(y, 1, 1), date(y, 12, 31), closed=y < 2025) for y in (2024, 2025))
SHARE_STEPS = ("claim", "put", "set_aside", "remove", "content", "read")
COPIES_STEPS = ("begin", "copy", "sync", "place", "sync_names", "drop")
COPIES_ERR = ("copy", "sync", "place")
NAMES = ("scan.pdf", "a.pdf", "A.PDF", "\u00e9.pdf", "e\u0301.pdf", "CON.pdf", "100 %.pdf")
SCANNED = ("Achats", "Ventes/x", "", "Banque/2025", "2025/Achats", "Factures")
OLD = ("Achats/2025", "Ventes/x", "2025/Achats", "2024/Banque", "Banque/2025")
CONTENTS = 40  # different ones: scanners and the old tree have some of them in common


class Killed(BaseException):
    """The process of a migration is gone, and nothing else."""


class JobStorm(storm.Storm):
    """`owed`: what is to be at a client in the end, unless a person took it away. `calmed`: no backup was ever put back."""

    folders = (
        *storm.FOLDERS,
        FolderRule("À classer", kind="inbox"),
        FolderRule("Banque", per_exercise=True),
        FolderRule("Reçus", direction=Direction.TO_CABINET),
    )

    def __init__(
        self, base: Path, rng: random.Random, counts: collections.Counter[str], neighbour: random.Random | None
    ) -> None:
        super().__init__(base, rng, counts, neighbour)
        for client in self.clients.values():
            space = self.portal.spaces[client]
            space.tree = replace(space.tree, tree=space.tree.tree + 1, exercises=YEARS)
            space.state = replace(space.state, tree=space.tree.tree)
        self.share, self.old = base / "import", base / "gef"
        self.share.mkdir()
        self.old.mkdir()
        self.memory = MigrationStore(":memory:")
        self.deletes = rng.random() < 0.5
        self.people_chance = rng.choice([0.01, 0.05, 0.2])
        self.with_backups = rng.random() < 0.3
        self.owed: set[tuple[str, bytes]] = set()
        self.moved: set[bytes] = set()
        self.scanned: set[bytes] = set()
        self.calmed = True
        self.migrating = self.watched = False
        self.copied = 0
        self.kill_at = 0
        self.intake = self._robot()

    def _robot(self) -> Intake:
        root = str(self.share)
        return Intake(
            Options(root, f"{root}/.quarantaine", lambda at: "2026-11", lambda at: "le 21", delete=self.deletes)
        )

    # -- what people, scanners and programs of before do ------------------------------------------------------------------

    def somebody(self) -> None:
        act = self.rng.choices(("person", "scanner", "grows", "migrate"), (10, 5, 2, 3))[0]
        match act:
            case "scanner":
                self._scans()
            case "grows":
                self._grows()
            case "migrate":
                if not self.state.conn.in_transaction:
                    self.migrate()
            case _:
                super().somebody()

    def _made(self) -> bytes:
        return self.seen(pdf(f"content {self.rng.randrange(CONTENTS)}"))

    def _scans(self) -> None:
        """One scanner always calls it the same; some write for nobody, or what is no scan."""
        rng, self.counts["scans"] = self.rng, self.counts["scans"] + 1
        code = rng.choice([*self.clients, *self.clients, "009"])
        place, name = rng.choice(SCANNED), rng.choice(NAMES)
        target = self.share / code / place / name
        if target.exists():
            return
        data = self._made() if rng.random() < 0.9 else b"%PDF-1.4 cut"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        if code in self.clients and data.endswith(b"%%EOF\n"):
            self._owes(code, data)
            self.scanned.add(hashlib.sha256(data).digest())

    def _grows(self) -> None:
        """The old tree is still worked in; what was there once stays."""
        code, place, name = (self.rng.choice(list(self.clients)), self.rng.choice(OLD), self.rng.choice(NAMES))
        target = self.old / code / place / name
        if target.exists():
            return
        data = self._made()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        self._owes(code, data)

    def _owes(self, code: str, data: bytes) -> None:
        self.owed.add((code, hashlib.sha256(data).digest()))

    def rename(self, old: str, new: str, code: str = "001") -> None:
        source = self.dir(code) / old
        for path in [source, *source.rglob("*")]:
            if path.is_file():
                self.moved.add(hashlib.sha256(path.read_bytes()).digest())
        super().rename(old, new, code)

    def put_back(self) -> None:
        """What only the replaced side held is owed no more."""
        super().put_back()
        self.calmed = False
        self.owed = {(code, digest) for code, digest in self.owed if digest in self._held(code)}
        self.counts["owed after a backup"] += len(self.owed)

    def _held(self, code: str) -> set[bytes]:
        """What a client has on either side, and what waits for it on the share."""
        found = {hashlib.sha256(data).digest() for data in self.here(code).values()}
        found |= self._versions(code)
        waiting = (p for p in (self.share / code).rglob("*") if p.is_file() and not p.name.startswith(".syncd-"))
        return found | {hashlib.sha256(p.read_bytes()).digest() for p in waiting}

    def _versions(self, code: str) -> set[bytes]:
        docs = self.portal.spaces[self.clients[code]].docs.values()
        return {hashlib.sha256(v).digest() for s in docs for v in s.versions}

    def reachable(self, but: Path | None = None) -> set[bytes]:
        """A source is no copy that people are promised: only what lies there for good is."""
        kept = [p for p in self.share.rglob("*") if p.is_file()] if hasattr(self, "share") else []
        kept += [p for p in self.old.rglob("*") if p.is_file()] if hasattr(self, "old") else []
        return super().reachable(but) | {hashlib.sha256(p.read_bytes()).digest() for p in kept}

    # -- the robot -------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """One pass of the robot, between two of the mirror."""
        self.events, self.watched = [], True
        with on(self.disk) as mirror_type, self._watched(mirror_type) as mirror, self._share_watched():
            ports = Ports(self.remote, mirror, self.state, self.clock)
            try:
                task = MaintenanceTask(ports, self.settings, self.events.append)

                async def work() -> None:
                    self.intake(task.ctx)

                asyncio.run(task(work))
                self.counts["looks"] += 1
                self.counts["scans taken"] += sum(e.action == "intake" for e in self.events)
            except SyncdError:
                self.counts["looks that ended"] += 1
            except storm.Crash:
                self.alone()
                self.disk.lose_power(str(self.root), self.rng)
                self.intake = self._robot()
            finally:
                self.watched = False

    @contextlib.contextmanager
    def _share_watched(self) -> Iterator[None]:
        lab, remove = self, Share.remove
        with pytest.MonkeyPatch.context() as patch:
            for name in SHARE_STEPS:
                inner = getattr(Share, name)

                def stepping(share: Share, *args: Any, _inner: Any = inner, _name: str = name) -> Any:
                    lab.step(f"share: {_name}")
                    return _inner(share, *args)

                patch.setattr(Share, name, stepping)

            def proved(share: Share, found: Any) -> None:
                digest = share.content(found)[0].sha256
                assert digest in lab.portal_contents() or not lab.calmed, f"removed before it was online: {found.shown}"
                lab.step("share: remove")
                remove(share, found)

            patch.setattr(Share, "remove", proved)
            yield

    def storm_run(self) -> None:
        self.watched = True
        try:
            super().storm_run()
        finally:
            self.watched = False

    # -- a migration -----------------------------------------------------------------------------------------------------

    def migrate(self) -> None:
        """Alone, or at a step of a pass: another process's work. Either may be killed."""
        if self.migrating:
            return
        self.migrating = True
        outer = self.watched
        try:
            with contextlib.nullcontext() if outer else on(self.disk):
                self._launched()
            self.counts["launches"] += 1
            self.counts["launches meanwhile"] += outer
        except Killed:
            self.counts["launches killed"] += 1
        except SyncdError:
            self.counts["launches that ended"] += 1
        finally:
            self.migrating, self.kill_at = False, 0

    def _launched(self) -> None:
        if not self.quiet and self.rng.random() < 0.5:
            self.kill_at = self.rng.randint(1, 8)
        copies = self._copies()
        parts = Parts(DiskOldTree(str(self.old)), copies, self.state, self.memory, self.portal.cabinet, self.clock.now)
        wish = Wish(source=str(self.old), agreed=self.rng.random() < 0.5)
        job = Migration(parts, wish, lambda told: None, Gate(None if self.quiet else self.rng.choice((None, 0.0))))
        try:
            if wish.agreed:
                job.plan()
            self.copied = sum(c.copied for c in job.run().clients)
        finally:
            parts.tree.close()
            copies.rest()

    def _copies(self) -> DiskMirrorCopies:
        lab = self

        class Watched(DiskMirrorCopies):
            pass

        for name in COPIES_STEPS:
            inner = getattr(DiskMirrorCopies, name)

            def stepping(self: Any, *args: Any, _inner: Any = inner, _name: str = name) -> Any:
                lab.kill_at -= 1
                if not lab.kill_at:
                    raise Killed
                lab.step(f"migrate: {_name}", errs=_name in COPIES_ERR)
                return _inner(self, *args)

            setattr(Watched, name, stepping)
        return Watched(str(self.root))

    def launch(self) -> None:
        """With nothing else at work, but people; the power may go."""
        try:
            self.migrate()
        except storm.Crash:
            self.alone()
            self.disk.lose_power(str(self.root), self.rng)

    # -- afterwards ------------------------------------------------------------------------------------------------------

    def calm(self) -> None:
        self.quiet = True
        self.alone()
        self.clock.time += LONGEST
        for client in self.clients.values():
            self.withhold(client, ())
        for _ in range(4):
            self.storm_run()
            self.look()
        self.launch()
        self.storm_run()
        self.look()
        super().calm()
        self.copied, said = (
            0,
            {(e.client, paths.key(e.path)) for e in self.events if e.action in ("refused", "problem")},
        )
        self.launch()
        assert not self.copied, f"taken again: {self.copied}"
        self._each_is_there(said)

    def _each_is_there(self, said: set[tuple[str, str]]) -> None:
        left = [p.relative_to(self.share) for p in self.share.rglob("*") if p.is_file() and ".syncd" not in p.parts]
        refused = {
            hashlib.sha256(data).digest()
            for code in self.clients
            for at, data in self.here(code).items()
            if (code, paths.key(at)) in said
        }
        open_ = [p for p in left if not p.parts[0].startswith(".")]  # what was refused waits, and is said
        open_ = [p for p in open_ if hashlib.sha256((self.share / p).read_bytes()).digest() not in refused]
        assert not open_, f"still on the share: {open_}"
        aside = {hashlib.sha256((self.share / p).read_bytes()).digest() for p in left if p.parts[0] == ".rejets"}
        self.counts["owed"] += len(self.owed)
        for code, digest in self.owed:
            here = self.here(code).items()
            refused = {hashlib.sha256(d).digest() for at, d in here if (code, paths.key(at)) in said}
            there = self._versions(code) | refused
            if digest not in there and digest not in self.taken_away and digest not in aside:
                raise AssertionError(f"{code}: {digest.hex()[:12]} came and is not online")
        if self.calmed:
            for code in self.clients:
                held = collections.Counter(hashlib.sha256(d).digest() for d in self.online(code).values())
                twice = {d.hex()[:12] for d, n in held.items() if n > 1 and d in self.scanned - self.moved}
                assert not twice, f"{code}: more than one document of {twice}"


def play(seed: int, base: Path, counts: collections.Counter[str], most: int | None = None) -> None:
    """One history, as storm.play."""
    rng = random.Random(f"jobs {seed}")
    neighbour = random.Random(f"neighbour {seed}") if seed % 3 == 0 else None
    lab = JobStorm(base, rng, counts, neighbour)
    patch, log = storm.without_threads(), storm._Log()
    logging.getLogger("syncd").addHandler(log)
    try:
        lab.quiet = True
        lab.storm_run()
        lab.quiet = False
        acts = rng.randint(6, 14) if seed < SHORT else rng.randint(10, 40)
        for n in range(acts):
            if most is not None and n >= most:
                break
            _act(lab, rng)
        lab.calm()
        assert not log.unexpected, log.unexpected
        counts["histories"] += 1
    finally:
        patch.undo()
        logging.getLogger("syncd").removeHandler(log)
        lab.memory.close()
        with contextlib.suppress(sqlite3.ProgrammingError):
            lab.state.close()


def _act(lab: JobStorm, rng: random.Random) -> None:
    backups = (3, 2) if lab.with_backups else (0, 0)
    match rng.choices(
        ("people", "pass", "look", "migrate", "crash", "back up", "put back"), (12, 5, 6, 4, 4, *backups)
    )[0]:
        case "people":
            lab.somebody()
        case "pass":
            lab.storm_run()
        case "look":
            lab.look()
        case "migrate":
            lab.launch()
        case "crash":
            lab.crash_at = lab.steps + rng.randint(1, 60)
            rng.choice((lab.storm_run, lab.look, lab.launch))()
            lab.crash_at = 0
        case "back up":
            lab.back_up()
        case "put back":
            lab.put_back()


def main() -> int:
    return storm.main("tests.jobs.storm", play)


if __name__ == "__main__":
    sys.exit(main())
