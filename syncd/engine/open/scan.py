"""What lies in each client's directory: walked a portion of the clients at a time, young documents waited for (RULES 6)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence

import msgspec

from syncd.core import paths
from syncd.core.content import Stamp
from syncd.core.entry import Known, Problem
from syncd.core.events import shown
from syncd.core.paths import ClientPath, DiskPath
from syncd.engine import unexpected_errors
from syncd.engine.context import Context, Stop
from syncd.engine.open.discover import check_root, stop
from syncd.engine.stages import Client, ClientScan
from syncd.ports.local import Interrupted, Scan, Stale

PORTION = 15_000  # documents seen and planned at a time
ROWS = 5000  # to a transaction: each is a wait for the disk


class Glimpse(msgspec.Struct):
    """What was seen of clients before their turn: who looks as before, by id; and what was walked already."""

    idle: set[str] = set()
    walked: dict[str, Scan] = {}


NOTHING_SEEN = Scan()  # never changed: of thousands of clients nothing is seen


class _Walk(msgspec.Struct):
    """One client, while its portion is scanned."""

    client: Client
    scan: Scan
    idle: bool = False
    moved: bool = False
    young: frozenset[str] = frozenset()

    def done(self) -> ClientScan:
        return ClientScan(self.client, self.scan, self.idle, self.moved, self.young)


async def scan_portions(ctx: Context, clients: Sequence[Client], seen: Glimpse) -> AsyncIterator[list[ClientScan]]:
    """Every client, a portion of about PORTION documents at a time, so that memory does not grow with their number."""
    portion: list[_Walk] = []
    held = 0
    for client in clients:
        walk = _Walk(client, NOTHING_SEEN)
        with _kept(ctx, [*portion, walk]):
            if await _scan(ctx, walk, seen):
                portion.append(walk)
                held += len(walk.scan.docs) + len(walk.scan.young)
        if held >= PORTION:
            yield await _settled(ctx, portion)
            portion, held = [], 0
    yield await _settled(ctx, portion)


async def scan_again(ctx: Context, dropped: Sequence[ClientScan]) -> list[ClientScan]:
    """Clients whose scans were dropped, in their order among those that have nothing to do."""
    walks = [_Walk(s.client, s.scan, s.idle, s.moved, s.young) for s in dropped]
    found: list[_Walk] = []
    with _kept(ctx, walks):
        for walk in walks:
            if walk.idle or await _scan(ctx, walk, Glimpse(), keep=True):
                found.append(walk)
    return await _settled(ctx, found)


async def scan_all(ctx: Context, clients: Sequence[Client]) -> list[ClientScan]:
    """Every client at once, with all that was seen even where nothing moved."""
    walks = [_Walk(client, NOTHING_SEEN) for client in clients]
    with _kept(ctx, walks):
        found = [walk for walk in walks if await _scan(ctx, walk, Glimpse(), keep=True)]
    return await _settled(ctx, found)


def walk_directory(ctx: Context, client: Client, known: dict[DiskPath, Known]) -> Scan:
    """One client's directory as it is; in a thread. Raises OSError, or Interrupted when the run is to end."""
    keys: set[str] | None = None

    def awaited(path: ClientPath, disk: DiskPath, stamp: Stamp) -> bool:
        """A lost state adopts it, a document online of its name is kept beside it: for that it has to be read."""
        nonlocal keys
        if keys is None:
            keys = ctx.state.trees.remote.keys(client.id)
        return paths.key(path) in keys or ctx.state.trees.awaits(client.id, disk, stamp)

    return ctx.mirror.scan(client.dir, client.rules, known, awaited, ctx.recorder.stopping)


def remember(ctx: Context, walked: Sequence[tuple[Client, Scan]]) -> None:
    """What was read is not read again, whatever becomes of this run."""
    waiting: list[tuple[Client, Scan]] = []
    count = 0
    changed = [(client, scan) for client, scan in walked if scan.changed and not client.adopt]
    for n, (client, scan) in enumerate(changed, 1):
        waiting.append((client, scan))
        count += len(scan.changed)
        if count >= ROWS or n == len(changed):
            with ctx.state.atomic():
                for each, held in waiting:
                    ctx.state.trees.local.observe(each.id, held.changed)
                    ctx.state.clients.set_clean(
                        each.id, False
                    )  # should this run end before it plans, the next one does
            for _, held in waiting:
                held.changed = {}
            waiting, count = [], 0


def unchanged(ctx: Context, client: Client, scan: Scan, *, moved: bool) -> bool:
    """True when the last plan was empty and neither side has moved since: nothing to plan."""
    row = client.row
    if not row.clean or row.recovery or moved or scan.changed or scan.problems or scan.refusals:
        return False
    return {(f.disk, f.inode) for f in scan.folders} == ctx.state.trees.base.folder_places(row.id)


@contextlib.contextmanager
def _kept(ctx: Context, walks: Sequence[_Walk]) -> Iterator[None]:
    """A run that is to end remembers what it has read: the next one goes on from there. Raises Stop."""
    try:
        yield
    except (Stop, Interrupted):
        _remember(ctx, walks)
        ctx.recorder.between()
        raise


def _remember(ctx: Context, walks: Sequence[_Walk]) -> None:
    for walk in walks:
        walk.moved |= bool(walk.scan.changed)
    remember(ctx, [(walk.client, walk.scan) for walk in walks])


async def _scan(ctx: Context, walk: _Walk, seen: Glimpse, *, keep: bool = False) -> bool:
    """What was seen of a client with nothing to do is dropped at once. False: it cannot be read, and that was told."""
    client = walk.client
    ctx.recorder.between(client.code)
    walk.idle = client.id in seen.idle
    if not client.dir or walk.idle:
        return True
    try:
        ahead = seen.walked.pop(client.id, None)
        if ahead is None:
            ahead = await asyncio.to_thread(walk_directory, ctx, client, ctx.state.trees.local.known(client.id))
        walk.scan = ahead
    except Interrupted as e:
        walk.scan = Scan(changed=e.changed)
        raise
    except Exception as e:
        _unseen(ctx, client, e)
        return False
    scan = walk.scan
    if (
        not keep
        and not scan.young
        and not client.adopt
        and not scan.nested
        and unchanged(ctx, client, scan, moved=False)
    ):
        walk.scan, walk.idle = Scan(notices=scan.notices, look=scan.look), True
    return True


def _unseen(ctx: Context, client: Client, error: Exception) -> None:
    """It cannot be looked at: of this client alone, as long as the root is there."""
    check_root(ctx)
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        ctx.recorder.stopped(client, "stop_client_marker", shown(f"{client.dir}: {error.strerror}"))
    elif isinstance(error, OSError | Stale):
        stop(ctx, client, error)
    else:
        what = unexpected_errors.note("scan", error)
        ctx.recorder.stopped(client, "stop_client_directory", f"{client.dir}: {what}")


async def _settled(ctx: Context, walks: list[_Walk]) -> list[ClientScan]:
    """Wait once, at most `settle`, for all young documents together (RULES 6); remember what was read."""
    if not ctx.settings.patient:
        for walk in walks:
            _leave_young(walk)
    if any(walk.scan.young for walk in walks):
        await ctx.clock.sleep(ctx.settings.settle)
        with _kept(ctx, walks):
            walks = [walk for walk in walks if not walk.scan.young or await _settle(ctx, walk)]
    for walk in walks:
        if walk.scan.nested:
            where = " ; ".join(f"{walk.client.dir}/{paths.printable(n)}" for n in walk.scan.nested)
            ctx.recorder.stopped(walk.client, "stop_nested", where)
    walks = [walk for walk in walks if not walk.scan.nested]
    _remember(ctx, walks)
    return [walk.done() for walk in walks]


def _leave_young(walk: _Walk) -> None:
    """They are unknown for now, and no news to anybody: the service comes back for them."""
    if walk.scan.young:
        walk.young = frozenset(y.path for y in walk.scan.young)
        walk.scan.problems += [Problem(y.path, "unstable") for y in walk.scan.young]
        walk.scan.young.clear()


async def _settle(ctx: Context, walk: _Walk) -> bool:
    """False: its directory is not what it was before the wait, and that was told. Raises Interrupted."""
    try:
        await asyncio.to_thread(ctx.mirror.settle, walk.client.dir, walk.scan, ctx.recorder.stopping)
    except Interrupted:
        raise
    except Exception as e:
        _unseen(ctx, walk.client, e)
        return False
    return True
