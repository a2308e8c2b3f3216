"""A launch put together: for a command, and for the service's task."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from syncd.config.model import Config
from syncd.core.migration.report import MigrationReport
from syncd.jobs.migrate.migration import Migration
from syncd.jobs.migrate.values import Parts, Tell, Told, Wish
from syncd.schedule.job import Job
from syncd.wiring import assembly, migration
from syncd.wiring.assembly import Store


@contextlib.contextmanager
def opened(config: Config, store: Store, wish: Wish, tell: Tell, *, writes: bool) -> Iterator[Migration]:
    """Ready to be called; everything it holds is closed afterwards. Not `writes`: for a plan alone. Raises SyncdError."""
    cabinet = assembly.settings(config, store).cabinet
    tree = migration.old_tree(config, wish.source)
    try:
        memory, copies = migration.memory(config, writes=writes), migration.copies(config)
        try:
            yield Migration(Parts(tree, copies, store, memory, cabinet), wish, tell)
        finally:
            memory.close()
            copies.rest()
    finally:
        tree.close()


def task(config: Config, job: Job, begun: Callable[[Migration], object]) -> MigrationReport:
    """What the service does for a job of its calendar, in a thread; written into the configuration, it is agreed to, and
    covers what its plan finds. The service is asked for the pass that publishes. `begun`: is given what can be stopped.

    Raises SyncdError, and OSError where the report alone cannot be written.
    """
    rows = migration.map_rows(job.map) if job.map else None
    wish = Wish(source=job.migrate, rows=rows, agreed=True, max_duration=job.max_duration)
    with migration.lock(config):
        store = assembly.store(config, writes=True)
        try:
            with opened(config, store, wish, _nobody, writes=True) as launched:
                begun(launched)
                plan = launched.plan()
                report = plan if plan.stop_code or plan.reason else launched.run()
            if report.to_publish:
                store.requests.ask(report.to_publish)
        finally:
            store.close()
    if not report.dry_run:
        migration.write_report(config, report)
    return report


def _nobody(told: Told) -> None:
    """Its report says it all."""
