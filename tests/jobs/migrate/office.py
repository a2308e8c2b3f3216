"""A cabinet with three clients, and the tree of documents that it had before."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from syncd.core.client_classification import Card
from syncd.core.fiscal_years import Exercise
from syncd.core.folder_rules import Direction, FolderRule
from syncd.core.migration.mapping import MapRow
from syncd.core.migration.report import ClientReport, MigrationReport
from syncd.jobs.migrate.migration import Migration
from syncd.jobs.migrate.values import Gate, Parts, Told, Wish
from syncd.local.mirror_copies import DiskMirrorCopies
from syncd.local.old_tree import DiskOldTree
from syncd.state.migration_store import MigrationStore
from tests.simulation.engine_in_memory import Lab

FOLDERS = (
    FolderRule("Achats", per_exercise=True, max_size=1000),
    FolderRule("Juridique"),
    FolderRule("Social", kind="payroll", restricted=True),
    FolderRule("Social/Paie", kind="payroll", restricted=True),
    FolderRule("Interne", direction=Direction.NONE),
    FolderRule("Reçus du client", direction=Direction.TO_CABINET),
)
YEARS = tuple(Exercise(str(y), date(y, 1, 1), date(y, 12, 31), closed=y < 2025) for y in (2022, 2023, 2024, 2025))
CODES = ("001", "002", "zz9")


class Office:
    """`old`: the old tree. A launch is `migrate`, a pass of the mirror `lab.run`."""

    def __init__(self, base: Path, codes: Sequence[str] = CODES) -> None:
        self.lab = Lab(base / "lab", FOLDERS, tuple(codes))
        for code in codes:
            self.change(code, exercises=YEARS)
        self.lab.run()
        self.old = base / "gef"
        self.old.mkdir()
        self.memory = MigrationStore(":memory:")
        self.told: list[Told] = []
        self.wrap: Callable[[Parts], Parts] = lambda parts: parts

    def close(self) -> None:
        self.memory.close()
        self.lab.close()

    # -- the portal ----------------------------------------------------------------------------------------------------

    def change(self, code: str, **tree: Any) -> None:
        space = self.lab.portal.spaces[self.lab.clients[code]]
        number = space.state.tree + 1
        space.tree = replace(space.tree, tree=number, **tree)
        space.state = replace(space.state, tree=number)
        self.lab.portal.changed("client", space.state.id)

    def card(self, code: str, **facts: str) -> None:
        space = self.lab.portal.spaces[self.lab.clients[code]]
        space.state = replace(space.state, card=Card(**facts))
        self.lab.portal.changed("client", space.state.id)
        self.lab.run()

    # -- the old tree --------------------------------------------------------------------------------------------------

    def write(self, path: str, data: bytes = b"") -> Path:
        """Its name as what it holds, where nothing is said."""
        target = self.old / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data or path.encode("utf-8", "surrogateescape"))
        return target

    def digests(self) -> dict[str, tuple[str, int, int]]:
        """Of everything in the old tree: what it holds, its date and its mode."""
        return {
            os.fsdecode(os.fsencode(p.relative_to(self.old))): (
                hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns, p.stat().st_mode,
            )
            for p in sorted(self.old.rglob("*")) if p.is_file() and not p.is_symlink()
        }  # fmt: skip

    # -- launches ------------------------------------------------------------------------------------------------------

    def job(self, *, rows: Sequence[MapRow] | None = None, agreed: bool = False, gate: Gate | None = None) -> Migration:
        self.told = []
        parts = Parts(
            DiskOldTree(str(self.old)), DiskMirrorCopies(str(self.lab.root)), self.lab.state, self.memory,
            self.lab.portal.cabinet, self.lab.clock.now,
        )  # fmt: skip
        wish = Wish(source=str(self.old), rows=rows, agreed=agreed)
        return Migration(self.wrap(parts), wish, self.told.append, gate or Gate(None))

    def migrate(self, **how: Any) -> MigrationReport:
        """As `syncd migrate`; with `agreed`, its plan is shown first."""
        job = self.job(**how)
        if how.get("agreed"):
            job.plan()
        return job.run()

    def plan(self, **how: Any) -> MigrationReport:
        return self.job(**how).plan()

    def of(self, report: MigrationReport, code: str = "001") -> ClientReport:
        return next(c for c in report.clients if c.code == code)

    def here(self, code: str = "001") -> dict[str, bytes]:
        return self.lab.here(code)

    def online(self, code: str = "001") -> dict[str, bytes]:
        return self.lab.online(code)


def errors(report: ClientReport) -> dict[str, str]:
    return {one.source: one.reason for one in report.errors}


def listed(report: ClientReport) -> dict[str, tuple[str, int]]:
    return {one.source: (one.reason, one.documents) for one in report.listed}
