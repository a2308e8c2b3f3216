"""The robot over a real share, a real mirror and a portal in memory, a scanner on one side and people on the other."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

from msgspec.structs import replace

from syncd.core.events import Event
from syncd.core.folder_rules import FolderRule
from syncd.engine import Ports
from syncd.engine.maintenance.maintenance_run import MaintenanceTask
from syncd.jobs.intake.intake import Done, Intake, Options
from syncd.local.mirror import DiskMirror
from tests.simulation.engine_in_memory import Lab

FOLDERS = (
    FolderRule("À classer", kind="inbox"),
    FolderRule("Achats"),
    FolderRule("Banque", per_exercise=True),
    FolderRule("Écritures", kind="ecritures", max_size=0, extensions=frozenset({"dex", "ecr"})),
)
ONE, OTHER = "007868", "7868"


class Robot:
    """`settle`: of the mirror; what a scanner writes is left alone five times as long. A second one is another cabinet's
    server, or another service, at the same share: `at`."""

    def __init__(
        self, base: Path, *, at: Path | None = None, settle: float = 0.0, delete: bool = False, export: Path | None = None, codes: tuple[str, ...] = (ONE, OTHER)
    ) -> None:  # fmt: skip
        base.mkdir(exist_ok=True)
        self.lab = Lab(base / "lab", FOLDERS, codes)
        self.lab.settings = replace(self.lab.settings, settle=settle, engine=f"engine {base}")
        self.lab.run()
        self.share = at or base / "import"
        self.share.mkdir(exist_ok=True)
        aside = str(self.share / ".quarantaine")
        self.options = Options(
            str(self.share),
            aside,
            lambda at: "2026-11",
            lambda at: "21/11/2026 14:03",
            delete=delete,
            export=str(export or ""),
        )
        self.intake = Intake(self.options)
        self.events: list[Event] = []

    def anew(self) -> None:
        """The service was started again: it remembers what its state does."""
        self.intake = Intake(self.options)

    def scan(self, place: str, data: bytes) -> Path:
        path = self.share / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def look(self, *, counts: bool = True, dry_run: bool = False) -> Done:
        """One pass of the robot."""
        self.events = []
        mirror = DiskMirror(str(self.lab.root), settle=0.0)
        ports = Ports(self.lab.remote, mirror, self.lab.state, self.lab.clock)
        task = MaintenanceTask(ports, replace(self.lab.settings, dry_run=dry_run), self.events.append)
        done = Done()

        async def work() -> None:
            nonlocal done
            done = await asyncio.to_thread(self.intake, task.ctx, counts=counts)

        try:
            asyncio.run(task(work))
        finally:
            mirror.rest()
        return done

    def whole(self) -> None:
        """Taken, published, put away."""
        self.look()
        self.lab.run()
        taken = self.events
        self.look()
        self.events = taken + self.events

    def said(self) -> list[tuple[str, str, str]]:
        """(action, place in the client, reason) of what the last pass said for the first time."""
        return [(e.action, e.path, e.reason) for e in self.events if e.new]

    # -- where things are ------------------------------------------------------------------------------------------------

    def left(self) -> list[str]:
        """What lies on the share, engine's own directory aside."""
        found = (p for p in self.share.rglob("*") if p.is_file() or p.is_symlink())
        return sorted(str(p.relative_to(self.share)).replace(os.sep, "/") for p in found if ".syncd" not in p.parts)

    def claims(self) -> list[str]:
        return [p for p in self.left() if "/.syncd-" in p]

    def online(self, code: str = ONE) -> dict[str, bytes]:
        """What the portal has of a client."""
        space = self.lab.portal.spaces[self.lab.clients[code]]
        return {d.doc.path: d.versions[-1] for d in space.docs.values() if space.live(d.doc.path) is d}

    def origins(self, code: str = ONE) -> set[str]:
        space = self.lab.portal.spaces[self.lab.clients[code]]
        return {
            self.lab.portal.origins[d.doc.version_id] for d in space.docs.values() if d.doc.path != "Achats/first.pdf"
        }

    def everywhere(self) -> set[str]:
        """SHA-256 of all that lies on the share."""
        return {hashlib.sha256((self.share / p).read_bytes()).hexdigest() for p in self.left()}
