"""A package made at the cabinet, and one looked at there: what the commands and the service do alike."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from syncd.core.packages import chain as chains
from syncd.core.packages.manifest import Way
from syncd.disk.directory import Directory
from syncd.jobs.packages import cabinet, dates, ledger
from syncd.jobs.packages.cabinet_apply import CabinetResult, apply_package
from syncd.jobs.packages.creation import Made, Maker, Wish
from syncd.jobs.packages.document_reader import Reader
from syncd.jobs.packages.receiving import Opened
from syncd.jobs.packages.scheduled import HOME
from syncd.ports.state import State

if TYPE_CHECKING:
    from syncd.config.model import Config


def home_of(config: Config) -> Path:
    """Where the cabinet's keys and chains lie."""
    return Path(config.mirror.state) / HOME


def make(config: Config, state: State, client: str, wish: Wish, to: Path) -> Made:
    """Of what the last pass agreed on. `client`: a code. Raises SyncdError."""
    with ledger.opened(home_of(config)) as own:
        row = cabinet.client(state, client)
        docs, unknown = cabinet.agreed(state, row, chains.places(own.chain(row.id)))
        who = cabinet.identity(row, state.progress.read().cabinet)
        top = Directory.at(str(Path(config.mirror.root) / row.dir))
        reader = Reader(top, lambda path: docs[path].disk)
        maker = Maker(own, who, Way.TO_COMPANY, time.time(), dates.local(config.timezone))
        with top, contextlib.closing(reader), Directory.at(str(to)) as into:
            return maker(cabinet.contents(row, docs, unknown, reader), wish, into)


async def look(config: Config, home: Path, found: Opened, only: tuple[str, ...] = ()) -> CabinetResult:
    """What it would do here; nothing is written. Raises PackageRefused, SyncdError."""
    from syncd.engine.maintenance.maintenance_run import MaintenanceTask
    from syncd.wiring import assembly

    with contextlib.closing(assembly.store(config, writes=False)) as store:
        settings = assembly.settings(config, store, dry_run=True)
        async with assembly.connected(config, store) as ports:
            task = MaintenanceTask(ports, settings, lambda event: None)
            return await apply_package(task.ctx, home, found, only, dates.shown(config))
