"""Which directory is which client's: by its marker, never by its name alone (RULES 4–6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from msgspec.structs import replace

from syncd.core import naming, paths
from syncd.core.errors import MirrorError
from syncd.core.events import Event, shown
from syncd.core.paths import DiskPath
from syncd.core.restored_backups import Restored
from syncd.engine.apply.failures import reason_of
from syncd.engine.context import Context
from syncd.engine.open import recovery
from syncd.engine.recorder import NOBODY
from syncd.engine.stages import Client
from syncd.ports.local import ClientDirectory, ClientStopped, RootMarker, Stale
from syncd.ports.state import ClientRow

OWN = ".syncd/client.json"  # what a client's directory is known by, as people are told of it
NONE: Mapping[str, str] = MappingProxyType({})


def check_root(ctx: Context, device: int | None = None) -> RootMarker:
    """Before and after the scan: the same marker, on the same device (HAZARDS 1)."""
    marker = ctx.mirror.root()
    if marker.root != ctx.settings.root or (device is not None and marker.device != device):
        raise MirrorError(
            "stop_root_marker",
            "The mirror's root is not the one this configuration was made for.",
            mend="Mount the right disk or share: no document was touched.",
        )
    if marker.cabinet != ctx.settings.cabinet:
        raise MirrorError(
            "stop_root_marker",
            "The mirror's root bears another cabinet's marker.",
            mend="Check [mirror] root: no document was touched.",
        )
    return marker


def find_directories(
    ctx: Context,
    rows: Sequence[ClientRow],
    directories: Sequence[ClientDirectory],
    rooms: Mapping[str, int],
    within: frozenset[str] | None = None,
    unwritable: Mapping[str, str] = NONE,
) -> list[Client]:
    """Each client that has, or will get, its one directory. Says what belongs to nobody, and who is stopped.

    `rooms`: bytes by client's id; absent: no limit. `within`: ids of the clients this pass is about; None: all.
    `unwritable`: directories whose marker could not be written.
    """
    claims = _Claims(ctx, rows, directories)
    clients = []
    for row in rows:
        if (ctx.settings.only and row.code not in ctx.settings.only) or (within is not None and row.id not in within):
            continue
        if row.code in ctx.settings.exclude or row.closed:
            reason = "closed" if row.closed else "excluded"
            ctx.recorder.record(Event(row.code, "problem", reason=reason, notice=True), row.id)
            continue
        if not row.listed or row.rules is None:
            continue  # said when the listing was refused
        client = Client(row, row.rules.rules(row.code), room=rooms.get(row.id))
        found = _found(ctx, client, claims, unwritable)
        if found is not None:
            clients.append(found)
    return clients


class _Claims:
    """Directories by whose they are: marked with a client's id, or unmarked and named by its code, or marked for one of the
    same code that the portal lost. Says what is nobody's."""

    def __init__(self, ctx: Context, rows: Sequence[ClientRow], directories: Sequence[ClientDirectory]) -> None:
        self.marked: defaultdict[str, list[ClientDirectory]] = defaultdict(list)  # by client's id
        self.unmarked: defaultdict[str, list[ClientDirectory]] = defaultdict(list)  # by client's code
        self.damaged = {d.name: d for d in directories if d.fault}
        known, places, lost = (
            {r.id: r for r in rows},
            {r.dir for r in rows if r.dir},
            ctx.state.progress.read().lost_clients,
        )
        codes = {r.code: r for r in sorted(rows, key=lambda r: r.id not in lost)}
        bearers = {d.client for d in directories}
        for directory in directories:
            if directory.client in known:
                heir = codes[known[directory.client].code]
                if directory.client in lost and heir.id not in lost and not heir.dir:
                    self.unmarked[heir.code].append(
                        directory
                    )  # the portal lost it, and it was made anew: that is asked
                else:
                    self.marked[directory.client].append(directory)
            elif directory.client:
                code = _code_of(directory.name, codes) if directory.cabinet == ctx.settings.cabinet else ""
                if code and codes[code].id not in bearers and not codes[code].dir:
                    self.unmarked[code].append(
                        directory
                    )  # the same, where the state that knew the lost one is lost too
                else:
                    _belongs_to_nobody(ctx, directory.name)
            elif (code := _code_of(directory.name, codes)) and not codes[code].dir:
                self.unmarked[code].append(directory)
            elif directory.fault and directory.name not in places:
                told = Event("", "problem", shown(directory.name), reason="unreadable", detail="marker", notice=True)
                ctx.recorder.record(told, NOBODY)
            elif not code and not directory.ignored:
                _belongs_to_nobody(ctx, directory.name)


def _belongs_to_nobody(ctx: Context, name: str) -> None:
    ctx.recorder.record(Event("", "problem", shown(name), reason="not_a_client", notice=True, folder=True), NOBODY)


def _code_of(name: str, codes: Mapping[str, ClientRow]) -> str:
    """The code an unmarked directory seems to be of, by its name: enough to ask, never to publish."""
    first = name.split(" ", 1)[0].split("_", 1)[0]
    return next((c for c in (name, first) if c in codes), "")


class Unusable(Exception):
    """A client's directory that cannot be worked in: the message is what and where. `reason`: its stable code."""

    def __init__(self, message: str, reason: str = "stop_client_directory") -> None:
        super().__init__(message)
        self.reason = reason


def _found(ctx: Context, client: Client, claims: _Claims, unwritable: Mapping[str, str]) -> Client | None:
    """The client with its directory; None: it is stopped, and that was told."""
    try:
        found = _place(ctx, client, claims)
        if found is not None and found.dir in unwritable:
            raise Unusable(f"{found.dir}/{OWN}: {unwritable[found.dir]}")
    except Unusable as e:
        ctx.recorder.stopped(client, e.reason, shown(str(e)))
        return None
    return found


def stop(ctx: Context, client: Client, error: OSError | Stale) -> None:
    """Nothing more is done for this client in this run: which place of it, and what the disk says of it."""
    if isinstance(error, Stale):
        ctx.recorder.stopped(client, "stop_client_directory", shown(f"{client.dir}: {error}"))
        return
    if isinstance(error, ClientStopped):
        ctx.recorder.stopped(client, error.reason, shown(error.where))  # the code says the rest
        return
    place = str(error.filename or "")
    at = place.rfind(f"/{client.dir}/") if client.dir else -1
    where = place[at + 1 :] if at >= 0 else client.dir
    ctx.recorder.stopped(client, "stop_client_directory", shown(f"{where}: {error.strerror or error}"))


def _place(ctx: Context, client: Client, claims: _Claims) -> Client | None:
    """Find, or make, the client's directory. None: it cannot be made, and that was told. Raises Unusable."""
    row = client.row
    marked, unmarked, damaged = claims.marked[row.id], claims.unmarked[row.code], claims.damaged.get(row.dir)
    placed: Client | None
    if marked:
        placed = replace(client, dir=_marked(ctx, marked))
    elif damaged is not None:
        raise Unusable(f"{damaged.name}/{OWN}: {damaged.fault}", damaged.reason or "stop_client_marker")
    elif row.dir and Restored.MIRROR not in row.recovery:
        raise Unusable(row.dir, "stop_client_marker")
    elif unmarked:
        placed = replace(client, dir=_unmarked(unmarked), adopt=True)
        if f"adopt:{row.id}" in ctx.state.guards.agreed(row.id, ctx.clock.now()) and not ctx.settings.dry_run:
            placed = _made(ctx, replace(placed, adopt=False), unmarked[0].client)
    elif ctx.settings.dry_run:
        return client
    else:
        placed = _made(ctx, replace(client, dir=naming.shorten(naming.windows_safe(f"{row.code} - {row.name}"), "")))
    if placed is not None and row.dir != placed.dir and not placed.adopt:
        ctx.state.clients.set_dir(row.id, placed.dir)
    return placed


def _marked(ctx: Context, marked: Sequence[ClientDirectory]) -> str:
    """The name of the one directory that bears the client's id."""
    if len(marked) > 1:
        raise Unusable(" ; ".join(d.name for d in marked), "stop_doubled")
    if marked[0].cabinet != ctx.settings.cabinet:
        raise Unusable(marked[0].name, "stop_client_marker")
    if not paths.is_decoded(marked[0].name):
        raise Unusable(marked[0].name, "stop_client_name")
    return marked[0].name


def _unmarked(unmarked: Sequence[ClientDirectory]) -> str:
    """The name of the one directory that seems to be the client's, by its name."""
    if len(unmarked) > 1:
        raise Unusable(" ; ".join(d.name for d in unmarked), "stop_doubled")
    if unmarked[0].fault:
        raise Unusable(f"{unmarked[0].name}/{OWN}: {unmarked[0].fault}", unmarked[0].reason or "stop_client_marker")
    if not paths.is_decoded(unmarked[0].name):
        raise Unusable(unmarked[0].name, "stop_client_name")
    return unmarked[0].name


def _made(ctx: Context, client: Client, instead: str = "") -> Client | None:
    """The client, its directory made or marked; None: it cannot be, and that was told. `instead`: id of a lost client whose
    directory it was."""
    key = recovery.key_of(ctx.state)
    marker = recovery.marker(key, ctx.settings, client.row, client.row.generation)
    try:
        ctx.mirror.make_client(client.dir, marker, instead)
    except Stale:  # another client's marker lies in the directory of that very name
        ctx.recorder.stopped(client, "stop_client_marker", shown(client.dir))
    except OSError as e:
        stop(ctx, client, e)
    else:
        if instead:
            ctx.state.clients.set_dir(instead, "")
        return client
    return None


def put_away(ctx: Context, client: Client) -> bool:
    """Leftovers of a killed run. False: nothing can be done in there, and that was told."""
    try:
        ctx.mirror.drop_temps(client.dir)
    except (Stale, OSError) as e:
        stop(ctx, client, e)
        return False
    return True


def own_folders(ctx: Context, clients: Iterable[Client]) -> set[str]:
    """Folders of the tree that do not exist online are made here by the tree alone. Ids of clients where one was not."""
    unmade: set[str] = set()
    for client in clients:
        for path in client.rules.kept_here():
            try:
                ctx.mirror.make_folder(client.dir, DiskPath(path))
                continue
            except (Stale, NotADirectoryError):
                ctx.recorder.problem(client, shown(path), "not_a_folder")
            except OSError as e:
                ctx.recorder.problem(client, shown(path), reason_of(e), e.strerror or "")
            unmade.add(client.id)  # looked at again, and said again
    return unmade
