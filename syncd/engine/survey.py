"""Which directory is which client's, and what lies in it (RULES 4–6)."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

from msgspec.structs import replace

from syncd.core import naming, paths
from syncd.core.content import Content
from syncd.core.entry import BaseDoc, Problem, Stray
from syncd.core.errors import MirrorError
from syncd.core.folder_rules import Refusal
from syncd.core.outcomes import Event
from syncd.core.recovery import Restored
from syncd.engine.ledger import NOBODY, Ledger
from syncd.engine.parts import Job, Parts, Settings
from syncd.ports.local import ClientDirectory, RootMarker, Scan, Stale
from syncd.ports.state import ClientRow


def check_root(parts: Parts, settings: Settings, device: int | None = None) -> RootMarker:
    """Before and after the scan: the same marker, on the same device (HAZARDS 1)."""
    marker = parts.mirror.root()
    if marker.root != settings.root or (device is not None and marker.device != device):
        raise MirrorError(
            "stop_root_marker",
            "The mirror's root is not the one this configuration was made for.",
            mend="Mount the right disk or share: no document was touched.",
        )
    if marker.cabinet != settings.cabinet:
        raise MirrorError(
            "stop_root_marker",
            "The mirror's root bears another cabinet's marker.",
            mend="Check [mirror] root: no document was touched.",
        )
    return marker


Directories = tuple[list[ClientDirectory], list[Refusal]]


def find_directories(
    parts: Parts,
    settings: Settings,
    ledger: Ledger,
    rows: Sequence[ClientRow],
    directories: Directories,
    within: frozenset[str] | None = None,
) -> list[Job]:
    """A job for each client that has, or will get, its one directory. Says what belongs to nobody.

    `within`: ids of the clients this pass is about; None: all.
    """
    found, notices = directories
    for notice in notices:
        ledger.tell(Event("", "problem", notice.path, reason=notice.reason, detail=notice.detail, notice=True), NOBODY)
    by_client: defaultdict[str, list[ClientDirectory]] = defaultdict(list)
    unmarked: defaultdict[str, list[str]] = defaultdict(list)
    codes = {r.code: r for r in rows}
    for directory in found:
        if directory.client:
            by_client[directory.client].append(directory)
        elif (code := _code_of(directory.name, codes)) and not codes[code].dir:
            unmarked[code].append(directory.name)
        elif not code:
            ledger.tell(
                Event(
                    "",
                    "problem",
                    paths.printable(directory.name),
                    reason="not_a_client",
                    notice=True,
                    folder=True,
                ),
                NOBODY,
            )
    known = {r.id for r in rows}
    for client, bearing in by_client.items():
        if client not in known:
            for d in bearing:
                ledger.tell(
                    Event(
                        "",
                        "problem",
                        paths.printable(d.name),
                        reason="not_a_client",
                        notice=True,
                        folder=True,
                    ),
                    NOBODY,
                )
    jobs = []
    for row in rows:
        if (settings.only and row.code not in settings.only) or (within is not None and row.id not in within):
            continue
        if row.code in settings.exclude or row.closed:
            ledger.tell(Event(row.code, "problem", reason="closed" if row.closed else "excluded", notice=True), row.id)
            continue
        if not row.listed or row.rules is None:
            continue  # said when the listing was refused
        job = _job(parts, settings, ledger, row, by_client[row.id], unmarked[row.code])
        if job is not None:
            jobs.append(job)
    return jobs


def _code_of(name: str, codes: dict[str, ClientRow]) -> str:
    """The code an unmarked directory seems to be of, by its name: enough to ask, never to publish."""
    first = name.split(" ", 1)[0].split("_", 1)[0]
    return next((c for c in (name, first) if c in codes), "")


def _job(
    parts: Parts,
    settings: Settings,
    ledger: Ledger,
    row: ClientRow,
    marked: list[ClientDirectory],
    unmarked: list[str],
) -> Job | None:
    assert row.rules is not None
    job = Job(row, row.rules.rules(row.code))
    if len(marked) > 1:
        ledger.stopped(job, "stop_doubled", " ; ".join(d.name for d in marked))
        return None
    if marked:
        if marked[0].cabinet != settings.cabinet:
            ledger.stopped(job, "stop_client_marker", marked[0].name)
            return None
        job.dir = marked[0].name
    elif row.dir and Restored.MIRROR not in row.recovery:
        ledger.stopped(job, "stop_client_marker", row.dir)
        return None
    elif len(unmarked) > 1:
        ledger.stopped(job, "stop_doubled", " ; ".join(unmarked))
        return None
    elif unmarked:
        job.dir, job.adopt = unmarked[0], True
        if f"adopt:{row.id}" in parts.state.agreed(row.id, parts.clock.now()) and not settings.dry_run:
            parts.mirror.make_client(job.dir, row.id, settings.cabinet, row.code)
            job.adopt = False
    elif settings.dry_run:
        return job
    else:
        job.dir = naming.shorten(naming.windows_safe(f"{row.code} - {row.name}"), "")
        try:
            parts.mirror.make_client(job.dir, row.id, settings.cabinet, row.code)
        except Stale:  # another client's marker lies in the directory of that very name
            ledger.stopped(job, "stop_client_marker", job.dir)
            return None
    if row.dir != job.dir and not job.adopt:
        parts.state.set_client_dir(row.id, job.dir)
    if not job.adopt and not settings.dry_run:
        _own_folders(parts, job)
    return job


def _own_folders(parts: Parts, job: Job) -> None:
    """Folders of the tree that do not exist online are made here by the tree alone."""
    for path in job.rules.kept_here():
        if parts.mirror.stat(job.dir, path) is None:
            parts.mirror.make_folder(job.dir, path)


PORTION = 15_000  # documents seen and planned at a time


async def scan_portions(
    parts: Parts, settings: Settings, ledger: Ledger, jobs: Sequence[Job]
) -> AsyncIterator[list[Job]]:
    """Every client, a portion of about PORTION documents at a time, so that memory does not grow with their number."""
    portion: list[Job] = []
    seen = 0
    for job in jobs:
        if await _scan(parts, ledger, settings, job):
            portion.append(job)
            seen += len(job.scan.docs) + len(job.scan.young)
        if seen >= PORTION:
            yield await _settled(parts, settings, ledger, portion)
            portion, seen = [], 0
    yield await _settled(parts, settings, ledger, portion)


async def scan_all(parts: Parts, settings: Settings, ledger: Ledger, jobs: Sequence[Job]) -> list[Job]:
    """Every client at once, with all that was seen even where nothing moved."""
    kept = [job for job in jobs if await _scan(parts, ledger, settings, job, keep=True)]
    return await _settled(parts, settings, ledger, kept)


async def _scan(parts: Parts, ledger: Ledger, settings: Settings, job: Job, *, keep: bool = False) -> bool:
    """What was seen of a client with nothing to do is dropped at once. False: it cannot be read, and that was told."""
    ledger.between(job.code)
    if not job.dir or job.idle:
        return True
    ahead, job.ahead = job.ahead, None
    try:
        if ahead is not None:
            job.scan = ahead
        else:
            job.scan = await asyncio.to_thread(parts.mirror.scan, job.dir, job.rules, parts.state.known(job.id))
    except OSError as e:
        check_root(parts, settings)
        ledger.stopped(job, "stop_client_marker", f"{job.dir}: {e.strerror}")
        return False
    if not keep and not job.scan.young and not job.adopt and not job.scan.nested and unchanged(parts, job):
        job.scan, job.idle = Scan(notices=job.scan.notices, look=job.scan.look), True
    return True


async def _settled(parts: Parts, settings: Settings, ledger: Ledger, jobs: list[Job]) -> list[Job]:
    """Wait once, at most `settle`, for all young documents together (RULES 6); remember what was read."""
    if not settings.patient:
        for job in jobs:
            if job.scan.young:  # unknown for now, and no news to anybody
                job.young = frozenset(y.path for y in job.scan.young)
                job.scan.problems += [Problem(y.path, "unstable") for y in job.scan.young]
                job.scan.young.clear()
    if any(job.scan.young for job in jobs):
        await parts.clock.sleep(settings.settle)
        for job in jobs:
            if job.scan.young:
                await asyncio.to_thread(parts.mirror.settle, job.dir, job.scan)
    for job in jobs:
        if job.scan.nested:
            ledger.stopped(job, "stop_nested", " ; ".join(f"{job.dir}/{paths.printable(n)}" for n in job.scan.nested))
    result = [job for job in jobs if not job.scan.nested]
    remember(parts, [job for job in result if job.scan.changed and not job.adopt])
    return result


AT_ONCE = 5000  # rows to a transaction: each is a wait for the disk


def remember(parts: Parts, changed: Sequence[Job]) -> None:
    """What was read is not read again, whatever becomes of this run."""
    waiting: list[Job] = []
    count = 0
    for n, job in enumerate(changed, 1):
        waiting.append(job)
        count += len(job.scan.changed)
        if count >= AT_ONCE or n == len(changed):
            with parts.state.atomic():
                for each in waiting:
                    parts.state.observe_local(each.id, each.scan.changed)
                    parts.state.set_clean(each.id, False)  # should this run end before it plans, the next one does
            for each in waiting:
                each.row, each.scan.changed = replace(each.row, clean=False), {}
            waiting, count = [], 0


def find_strays(parts: Parts, job: Job, gone: list[BaseDoc]) -> list[Stray]:
    """Where documents that are gone lie now: a `none` or unknown folder, another client's directory."""
    out = []
    by_stat: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for inode, size, disk in job.scan.strays:
        by_stat[(inode, size)].append(disk)
    for doc in gone:
        for disk in by_stat.get((doc.stamp.inode, doc.content.size), []):
            try:
                content = parts.mirror.content(job.dir, disk)
            except OSError:
                continue
            if content == doc.content:
                out.append(Stray(disk, content, doc.stamp.inode))
        for directory, disk, sha256 in parts.state.where_inode(doc.stamp.inode, doc.content.size, job.id):
            if sha256 == doc.content.sha256:
                out.append(Stray(f"{directory}/{disk}", Content(doc.content.size, sha256), doc.stamp.inode))
    return out


def unchanged(parts: Parts, job: Job) -> bool:
    """True when the last plan was empty and neither side has moved since: nothing to plan."""
    scan: Scan = job.scan
    if not job.row.clean or job.row.recovery or scan.changed or scan.problems or scan.refusals or job.dropped:
        return False
    return {(f.disk, f.inode) for f in scan.folders} == parts.state.folder_places(job.id)
