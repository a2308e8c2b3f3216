"""What a migration works with, put together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from syncd.config.local_time import local_time
from syncd.config.model import Config
from syncd.core.errors import SyncdError, UsageError
from syncd.core.migration import mapping
from syncd.core.migration.mapping import MapRow
from syncd.core.migration.report import MigrationReport
from syncd.core.paths import is_below
from syncd.core.words import migration as said
from syncd.disk.lock import FileLock, Held
from syncd.local.mirror_copies import DiskMirrorCopies
from syncd.local.old_tree import DiskOldTree
from syncd.ports.migration import SourceAway
from syncd.report import migration_report, report_files
from syncd.state.migration_store import MigrationStore, migrations_copy, open_migrations

LOCK = "migration.lock"
EXCEL = (".xlsx", ".xlsm", ".xls", ".ods")
UNPACKED = 50_000_000  # bytes of all that a workbook holds
CELLS = {"rows": mapping.MOST, "columns": 60, "cell": 4096, "text": 100_000_000}


@contextmanager
def lock(config: Config) -> Iterator[None]:
    """One migration at a time; a service and its passes may go on. Raises UsageError."""
    held = FileLock(Path(config.mirror.state) / LOCK)
    try:
        held.acquire()
    except Held:
        raise UsageError(said.AT_WORK.of(), mend=said.AT_WORK_MEND.of(), reason="held") from None
    try:
        yield
    finally:
        held.release()


def old_tree(config: Config, source: str) -> DiskOldTree:
    """Raises UsageError where it is not there, or is, or holds, or lies in, the mirror."""
    real, root = Path(source).resolve().as_posix(), Path(config.mirror.root).resolve().as_posix()
    if is_below(real, root) or is_below(root, real):
        raise UsageError(
            said.SOURCE_IN_MIRROR.of(source=source, root=config.mirror.root), mend=said.SOURCE_IN_MIRROR_MEND.of()
        )
    try:
        return DiskOldTree(str(Path(source).absolute()), config.mirror.ignore)
    except SourceAway as e:
        raise UsageError(
            said.SOURCE_AWAY.of(source=source, why=e.strerror), mend=said.SOURCE_AWAY_MEND.of(), reason="source_away"
        ) from None


def copies(config: Config) -> DiskMirrorCopies:
    return DiskMirrorCopies(config.mirror.root, config.mirror.ignore)


def memory(config: Config, *, writes: bool) -> MigrationStore:
    """For what must write nothing, a copy."""
    directory = Path(config.mirror.state)
    return open_migrations(directory) if writes else migrations_copy(directory)


def map_rows(path: str) -> Sequence[MapRow]:
    """A mapping file's rows, of a CSV or a workbook. Raises UsageError."""
    name = Path(path).name
    try:
        data = Path(path).read_bytes()
    except OSError as e:
        raise UsageError(
            said.MAP_UNREADABLE.of(file=path, why=e.strerror or e), mend=said.MAP_UNREADABLE_MEND.of()
        ) from None
    if not path.lower().endswith(EXCEL):
        return mapping.of_csv(data, name)
    return mapping.rows(_sheet(path, name), name)


def _sheet(path: str, name: str) -> list[list[str]]:
    """As the portal reads the sheet of new clients."""
    try:
        from syncd.portal.readers import sheets

        with Path(path).open("rb") as source:
            if sheets.unpacked(source) > UNPACKED:
                raise OverflowError
            found: list[list[str]] = json.loads(sheets.rows(source, **CELLS))
            return found
    except ImportError:
        raise UsageError(said.MAP_NO_EXCEL.of(file=name), mend=said.MAP_UNREADABLE_MEND.of()) from None
    except OverflowError:
        raise UsageError(said.MAP_LONG.of(file=name, most=mapping.MOST)) from None
    except SyncdError:
        raise
    except Exception as e:  # of the library: it is no workbook
        raise UsageError(
            said.MAP_UNREADABLE.of(file=name, why=type(e).__name__), mend=said.MAP_UNREADABLE_MEND.of()
        ) from None


def write_report(config: Config, report: MigrationReport) -> Path:
    """Beside the other reports: as words, as a table, as lines. Raises OSError once each was tried."""
    at = local_time(config, report.started)

    def local(when: float) -> datetime:
        return local_time(config, when)

    def path(suffix: str) -> Path:
        return report_files.migration_path(Path(config.mirror.logs), at, report.run, suffix)

    table = migration_report.as_csv(migration_report.rows(report, local, None, config.language), config.language)
    lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in migration_report.lines(report))
    report_files.write_all([
        (path(".log"), migration_report.render(report, local, config.language)),
        (path(".csv"), [table]),
        (path(".json"), lines),
    ])  # fmt: skip
    return path(".log")
