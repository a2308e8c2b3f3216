"""Which directory is which client's, and what lies in it (RULES 4–6)."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from types import MappingProxyType

from msgspec.structs import replace

from syncd.core import naming, paths
from syncd.core.content import Content, Stamp
from syncd.core.entry import BaseDoc, Problem, Stray
from syncd.core.errors import MirrorError
from syncd.core.events import Event, shown
from syncd.core.restored_backups import Restored
from syncd.engine import unexpected_errors
from syncd.engine.apply.local import reason_of
from syncd.engine.context import Job, Parts, Settings, Stop
from syncd.engine.open import recovery
from syncd.engine.recorder import NOBODY, Recorder
from syncd.ports.local import ClientDirectory, ClientStopped, Interrupted, Known, RootMarker, Scan, Stale
from syncd.ports.state import ClientRow

OWN = ".syncd/client.json"  # what a client's directory is known by, as people are told of it
NONE: Mapping[str, str] = MappingProxyType({})


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


def find_directories(
    parts: Parts,
    settings: Settings,
    recorder: Recorder,
    rows: Sequence[ClientRow],
    directories: Sequence[ClientDirectory],
    within: frozenset[str] | None = None,
    unwritable: Mapping[str, str] = NONE,
) -> list[Job]:
    """A job for each client that has, or will get, its one directory. Says what belongs to nobody.

    `within`: ids of the clients this pass is about; None: all. `unwritable`: directories whose marker could not be written.
    """
    by_client: defaultdict[str, list[ClientDirectory]] = defaultdict(list)
    unmarked: defaultdict[str, list[ClientDirectory]] = defaultdict(list)
    codes, known, places = {r.code: r for r in rows}, {r.id for r in rows}, {r.dir for r in rows if r.dir}
    for directory in directories:
        if directory.client in known:
            by_client[directory.client].append(directory)
        elif directory.client:
            _belongs_to_nobody(recorder, directory.name)
        elif (code := _code_of(directory.name, codes)) and not codes[code].dir:
            unmarked[code].append(directory)
        elif directory.fault and directory.name not in places:
            told = Event("", "problem", shown(directory.name), reason="unreadable", detail="marker", notice=True)
            recorder.tell(told, NOBODY)
        elif not code and not directory.ignored:
            _belongs_to_nobody(recorder, directory.name)
    damaged = {d.name: d for d in directories if d.fault}
    jobs = []
    for row in rows:
        if (settings.only and row.code not in settings.only) or (within is not None and row.id not in within):
            continue
        if row.code in settings.exclude or row.closed:
            recorder.tell(
                Event(row.code, "problem", reason="closed" if row.closed else "excluded", notice=True), row.id
            )
            continue
        if not row.listed or row.rules is None:
            continue  # said when the listing was refused
        job = Job(row, row.rules.rules(row.code))
        try:
            _place(parts, settings, job, by_client[row.id], unmarked[row.code], damaged.get(row.dir))
            if job.dir in unwritable:
                raise Unusable(f"{job.dir}/{OWN}: {unwritable[job.dir]}")
        except Unusable as e:
            recorder.stopped(job, e.reason, shown(str(e)))
        except Stale:  # another client's marker lies in the directory of that very name
            recorder.stopped(job, "stop_client_marker", shown(job.dir))
        except OSError as e:
            _stop(recorder, job, e)
        else:
            jobs.append(job)
    return jobs


def _belongs_to_nobody(recorder: Recorder, name: str) -> None:
    recorder.tell(Event("", "problem", shown(name), reason="not_a_client", notice=True, folder=True), NOBODY)


def _code_of(name: str, codes: dict[str, ClientRow]) -> str:
    """The code an unmarked directory seems to be of, by its name: enough to ask, never to publish."""
    first = name.split(" ", 1)[0].split("_", 1)[0]
    return next((c for c in (name, first) if c in codes), "")


class Unusable(Exception):
    """A client's directory that cannot be worked in: the message is what and where. `reason`: its stable code."""

    def __init__(self, message: str, reason: str = "stop_client_directory") -> None:
        super().__init__(message)
        self.reason = reason


def _stop(recorder: Recorder, job: Job, error: OSError | Stale) -> None:
    """Nothing more is done for this client in this run: which place of it, and what the disk says of it."""
    if isinstance(error, Stale):
        recorder.stopped(job, "stop_client_directory", shown(f"{job.dir}: {error}"))
        return
    if isinstance(error, ClientStopped):
        recorder.stopped(job, error.reason, shown(error.where))  # the code says the rest
        return
    place = str(error.filename or "")
    at = place.rfind(f"/{job.dir}/") if job.dir else -1
    recorder.stopped(
        job, "stop_client_directory", shown(f"{place[at + 1 :] if at >= 0 else job.dir}: {error.strerror or error}")
    )


def _place(
    parts: Parts,
    settings: Settings,
    job: Job,
    marked: Sequence[ClientDirectory],
    unmarked: Sequence[ClientDirectory],
    damaged: ClientDirectory | None,
) -> None:
    """Find, or make, the client's directory. Raises Unusable, Stale, OSError: nothing more is done for it."""
    row = job.row
    if len(marked) > 1:
        raise Unusable(" ; ".join(d.name for d in marked), "stop_doubled")
    if marked:
        if marked[0].cabinet != settings.cabinet:
            raise Unusable(marked[0].name, "stop_client_marker")
        if not paths.is_decoded(marked[0].name):
            raise Unusable(marked[0].name, "stop_client_name")
        job.dir = marked[0].name
    elif damaged is not None:
        raise Unusable(f"{damaged.name}/{OWN}: {damaged.fault}", damaged.reason or "stop_client_marker")
    elif row.dir and Restored.MIRROR not in row.recovery:
        raise Unusable(row.dir, "stop_client_marker")
    elif len(unmarked) > 1:
        raise Unusable(" ; ".join(d.name for d in unmarked), "stop_doubled")
    elif unmarked:
        if unmarked[0].fault:
            raise Unusable(f"{unmarked[0].name}/{OWN}: {unmarked[0].fault}", unmarked[0].reason or "stop_client_marker")
        if not paths.is_decoded(unmarked[0].name):
            raise Unusable(unmarked[0].name, "stop_client_name")
        job.dir, job.adopt = unmarked[0].name, True
        if f"adopt:{row.id}" in parts.state.agreed(row.id, parts.clock.now()) and not settings.dry_run:
            _make(parts, settings, job)
            job.adopt = False
    elif settings.dry_run:
        return
    else:
        job.dir = naming.shorten(naming.windows_safe(f"{row.code} - {row.name}"), "")
        _make(parts, settings, job)
    if row.dir != job.dir and not job.adopt:
        parts.state.set_client_dir(row.id, job.dir)


def _make(parts: Parts, settings: Settings, job: Job) -> None:
    key = recovery.key_of(parts.state)
    parts.mirror.make_client(job.dir, recovery.marker(key, settings, job.row, job.row.generation))


def put_away(parts: Parts, recorder: Recorder, job: Job) -> bool:
    """Leftovers of a killed run. False: nothing can be done in there, and that was told."""
    try:
        parts.mirror.drop_temps(job.dir)
    except (Stale, OSError) as e:
        _stop(recorder, job, e)
        return False
    return True


def own_folders(parts: Parts, recorder: Recorder, job: Job) -> None:
    """Folders of the tree that do not exist online are made here by the tree alone."""
    for path in job.rules.kept_here():
        try:
            parts.mirror.make_folder(job.dir, path)
            continue
        except (Stale, NotADirectoryError):
            recorder.problem(job, shown(path), "not_a_folder")
        except OSError as e:
            recorder.problem(job, shown(path), reason_of(e), e.strerror or "")
        job.stumbled = True  # looked at again, and said again


PORTION = 15_000  # documents seen and planned at a time


async def scan_portions(
    parts: Parts, settings: Settings, recorder: Recorder, jobs: Sequence[Job]
) -> AsyncIterator[list[Job]]:
    """Every client, a portion of about PORTION documents at a time, so that memory does not grow with their number."""
    portion: list[Job] = []
    seen = 0
    for job in jobs:
        with _kept(parts, recorder, [*portion, job]):
            if await _scan(parts, recorder, settings, job):
                portion.append(job)
                seen += len(job.scan.docs) + len(job.scan.young)
        if seen >= PORTION:
            yield await _settled(parts, settings, recorder, portion)
            portion, seen = [], 0
    yield await _settled(parts, settings, recorder, portion)


@contextlib.contextmanager
def _kept(parts: Parts, recorder: Recorder, jobs: Sequence[Job]) -> Iterator[None]:
    """A run that is to end remembers what it has read: the next one goes on from there. Raises Stop."""
    try:
        yield
    except (Stop, Interrupted):
        remember(parts, [job for job in jobs if job.scan.changed and not job.adopt])
        recorder.between()
        raise


async def scan_all(parts: Parts, settings: Settings, recorder: Recorder, jobs: Sequence[Job]) -> list[Job]:
    """Every client at once, with all that was seen even where nothing moved."""
    with _kept(parts, recorder, jobs):
        kept = [job for job in jobs if await _scan(parts, recorder, settings, job, keep=True)]
    return await _settled(parts, settings, recorder, kept)


def walk(parts: Parts, recorder: Recorder, job: Job, known: dict[str, Known]) -> Scan:
    """One client's directory as it is; in a thread. Raises OSError, or Interrupted when the run is to end."""
    keys: set[str] | None = None

    def awaited(path: str, disk: str, stamp: Stamp) -> bool:
        """A lost state adopts it, a document online of its name is kept beside it: for that it has to be read."""
        nonlocal keys
        if keys is None:
            keys = parts.state.online_keys(job.id)
        return paths.key(path) in keys or parts.state.awaits(job.id, disk, stamp)

    return parts.mirror.scan(job.dir, job.rules, known, awaited, recorder.stopping)


async def _scan(parts: Parts, recorder: Recorder, settings: Settings, job: Job, *, keep: bool = False) -> bool:
    """What was seen of a client with nothing to do is dropped at once. False: it cannot be read, and that was told."""
    recorder.between(job.code)
    if not job.dir or job.idle:
        return True
    ahead, job.ahead = job.ahead, None
    try:
        if ahead is not None:
            job.scan = ahead
        else:
            job.scan = await asyncio.to_thread(walk, parts, recorder, job, parts.state.known(job.id))
    except Interrupted as e:
        job.scan.changed = e.changed
        raise
    except Exception as e:
        _unseen(parts, recorder, settings, job, e)
        return False
    if not keep and not job.scan.young and not job.adopt and not job.scan.nested and unchanged(parts, job):
        job.scan, job.idle = Scan(notices=job.scan.notices, look=job.scan.look), True
    return True


def _unseen(parts: Parts, recorder: Recorder, settings: Settings, job: Job, error: Exception) -> None:
    """It cannot be looked at: of this client alone, as long as the root is there."""
    check_root(parts, settings)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        recorder.stopped(job, "stop_client_marker", shown(f"{job.dir}: {error.strerror}"))
    elif isinstance(error, OSError | Stale):
        _stop(recorder, job, error)
    else:
        recorder.stopped(job, "stop_client_directory", f"{job.dir}: {unexpected_errors.note('scan', error)}")


async def _settled(parts: Parts, settings: Settings, recorder: Recorder, jobs: list[Job]) -> list[Job]:
    """Wait once, at most `settle`, for all young documents together (RULES 6); remember what was read."""
    if not settings.patient:
        for job in jobs:
            if job.scan.young:  # unknown for now, and no news to anybody
                job.young = frozenset(y.path for y in job.scan.young)
                job.scan.problems += [Problem(y.path, "unstable") for y in job.scan.young]
                job.scan.young.clear()
    if any(job.scan.young for job in jobs):
        await parts.clock.sleep(settings.settle)
        with _kept(parts, recorder, jobs):
            jobs = [job for job in jobs if not job.scan.young or await _settle(parts, settings, recorder, job)]
    for job in jobs:
        if job.scan.nested:
            recorder.stopped(job, "stop_nested", " ; ".join(f"{job.dir}/{paths.printable(n)}" for n in job.scan.nested))
    result = [job for job in jobs if not job.scan.nested]
    remember(parts, [job for job in result if job.scan.changed and not job.adopt])
    return result


async def _settle(parts: Parts, settings: Settings, recorder: Recorder, job: Job) -> bool:
    """False: its directory is not what it was before the wait, and that was told. Raises Interrupted."""
    try:
        await asyncio.to_thread(parts.mirror.settle, job.dir, job.scan, recorder.stopping)
    except Interrupted:
        raise
    except Exception as e:
        _unseen(parts, recorder, settings, job, e)
        return False
    return True


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
