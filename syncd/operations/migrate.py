"""Documents from before, brought into clients' folders; then the ordinary pass puts them online."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from syncd.operations.observer import Observer

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.migration.report import MigrationReport
    from syncd.jobs.migrate.values import Told, Wish
    from syncd.wiring.assembly import Store


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`map_file`: '' where directories' names say whose they are. `agreed`: what its plan shows may go online without
    waiting for another agreement. `max_duration`: seconds."""

    source: str
    map_file: str = ""
    dry_run: bool = False
    agreed: bool = False
    max_duration: float | None = None


class MigrationObserver(Protocol):
    """Is told what happens, when it happens; none of its methods may raise."""

    def working(self) -> AbstractContextManager[None]: ...

    def document(self, told: Told) -> None: ...

    def planned(self, report: MigrationReport) -> None:
        """What would be done, before anything is."""
        ...

    def migrated(self, report: MigrationReport, path: Path | None) -> None:
        """What was done, and where its report lies."""
        ...

    def warn(self, sentence: str) -> None: ...

    def stopping(self, stop: Callable[[int], object]) -> AbstractContextManager[None]: ...


class Migrated(msgspec.Struct, frozen=True):
    """`later`: the next pass, or the service's, puts online what was copied. `published`: the exit code of the pass that
    did, where one was made here. `unwritten`: its report could not be written."""

    report: MigrationReport
    later: bool = False
    published: int = 0
    unwritten: bool = False

    @property
    def exit_code(self) -> int:
        from syncd.core.verdicts import exit_code
        from syncd.operations.reporting import NOT_WRITTEN

        return exit_code({self.report.exit_code, self.published, NOT_WRITTEN if self.unwritten else 0} - {0})


def migrate(config: Config, asked: Asked, observer: MigrationObserver, passing: Observer) -> Migrated:
    """`passing`: looks on while the pass goes that puts online what was copied. Raises SyncdError."""
    from syncd.jobs.migrate.values import Wish
    from syncd.wiring import assembly, migration

    rows = migration.map_rows(asked.map_file) if asked.map_file else None
    wish = Wish(
        source=str(Path(asked.source).absolute()), rows=rows, agreed=asked.agreed, max_duration=asked.max_duration
    )
    if asked.dry_run:
        store = assembly.store(config, writes=False)
        try:
            return Migrated(asyncio.run(_planned(config, store, wish, observer)))
        finally:
            store.close()
    began = time.monotonic()
    with migration.lock(config):
        store = assembly.store(config, writes=True)
        try:
            report, unwritten = asyncio.run(_done(config, store, wish, observer))
        finally:
            store.close()
    left = None if asked.max_duration is None else asked.max_duration - (time.monotonic() - began)
    return msgspec.structs.replace(_publish(config, report, left, passing), unwritten=unwritten)


async def _planned(config: Config, store: Store, wish: Wish, observer: MigrationObserver) -> MigrationReport:
    from syncd.jobs.migrate.launch import opened

    with (
        opened(config, store, wish, observer.document, writes=False) as job,
        observer.stopping(job.stop),
        observer.working(),
    ):
        report = await asyncio.to_thread(job.plan)
    observer.planned(report)
    return report


async def _done(config: Config, store: Store, wish: Wish, observer: MigrationObserver) -> tuple[MigrationReport, bool]:
    """And whether its report could not be written."""
    from syncd.jobs.migrate.launch import opened
    from syncd.wiring import migration

    with (
        opened(config, store, wish, observer.document, writes=True) as job,
        observer.stopping(job.stop),
        observer.working(),
    ):
        if wish.agreed:
            plan = await asyncio.to_thread(job.plan)
            observer.planned(plan)
            if plan.stop_code or plan.reason:
                return plan, False
        report = await asyncio.to_thread(job.run)
    path = None
    try:
        path = migration.write_report(config, report)
    except OSError as e:
        from syncd.core.words.commands import UNWRITTEN

        observer.warn(UNWRITTEN(config.language, why=e.strerror or e))
    observer.migrated(report, path)
    return report, path is None


def _publish(config: Config, report: MigrationReport, left: float | None, passing: Observer) -> Migrated:
    """By the service where there is one; else by a pass over the clients that got something, or whose documents an
    earlier launch could not publish any more, while there is time."""
    from syncd.operations import run
    from syncd.wiring import assembly, service_parts

    codes = tuple(report.to_publish)
    if not codes:
        return Migrated(report)
    if report.stop_code in (130, 143):
        return Migrated(report, later=True)
    if service_parts.service_runs(config):
        store = assembly.store_of_service(config)
        try:
            store.requests.ask(codes)
        finally:
            store.close()
        return Migrated(report, later=True)
    if left is not None and left <= 0:
        return Migrated(report, later=True)
    result = run.run(config, run.Pass(clients=codes, max_duration=left), passing)
    return Migrated(report, published=result.exit_code)
