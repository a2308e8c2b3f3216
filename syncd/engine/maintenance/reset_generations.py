"""Generations set anew on all three sides, after somebody else's number came in (RULES 7): `syncd doctor --repair`."""

from __future__ import annotations

import secrets
from collections import Counter

import msgspec

from syncd.core.errors import MirrorError, Refused
from syncd.core.protocol import Caller
from syncd.core.restored_backups import HERE, MOST
from syncd.engine.context import Context, Ports, Settings
from syncd.engine.context_factory import begin
from syncd.engine.open.recovery import key_of, marker, root_marker
from syncd.ports.local import RootMarker
from syncd.ports.state import ClientRow, State


class Repaired(msgspec.Struct, frozen=True):
    """`sides`: what had an impossible number: state, portal, root. `clients`: codes of those whose marker had one.
    `generation`: what is counted from now, 0 when single markers were all. `faults`: why not, by directory.
    `kept`: the portal is older than this and kept its number."""

    sides: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    generation: int = 0
    faults: tuple[tuple[str, str], ...] = ()
    kept: bool = False


def worn(state: State, portal: int) -> tuple[str, ...]:
    """Which of the two counts beyond any honest number."""
    written = state.progress.read().generations()
    poisoned = max([*written, *(row.generation for row in state.clients.all())]) >= MOST
    return (*(("state",) if poisoned else ()), *(("portal",) if portal >= MOST else ()))


async def set_anew(ports: Ports, settings: Settings) -> Repaired:
    """Nothing is done where every number is possible. Under the engine's lock; documents are not touched, and every
    client whose numbers are written anew is reconciled by the next run. Raises SyncdError."""
    ctx = begin(ports, settings, lambda event: None)
    state = ctx.state
    root = ctx.mirror.root(any_number=True)
    if (root.cabinet, root.root) != (ctx.settings.cabinet, ctx.settings.root):
        raise MirrorError(
            "stop_root_marker",
            "The mirror's root is not the one this configuration was made for.",
            mend="Mount the right disk or share: nothing was changed.",
        )
    asking = Caller(
        ctx.settings.engine, ctx.settings.machine, ctx.settings.instance, lease=False, seen=state.progress.seen()
    )
    hello = await ctx.remote.hello(asking, state.progress.cursor())
    if hello.cabinet != ctx.settings.cabinet:
        raise Refused(
            "stop_other_cabinet",
            f"This portal or key is of another cabinet ('{hello.cabinet_name}').",
            mend="Check [portal] url and token_file: nothing was changed.",
        )
    sides = [*worn(state, hello.generation)]
    try:
        ctx.mirror.root()
    except MirrorError:  # though its ids can be read
        sides.append("root")
    theirs = _theirs(ctx)
    unreadable = {d.name for d in ctx.mirror.clients() if d.fault}
    odd = {name: row for name, row in theirs.items() if name in unreadable}
    codes = tuple(row.code for row in odd.values())
    if sides:
        number = _next(state, hello.generation, ctx.clock.now())
        lease = msgspec.structs.replace(asking, lease=True, generation=number, anew=True)
        kept = (await ctx.remote.hello(lease, state.progress.cursor())).generation != number
        return Repaired(tuple(sides), codes, number, _write(ctx, root, theirs, number), kept)
    return Repaired((), codes, 0, _write(ctx, None, odd, 0)) if odd else Repaired()


def _theirs(ctx: Context) -> dict[str, ClientRow]:
    """Directories that bear the id of one client each, whatever else their marker says."""
    rows = {row.id: row for row in ctx.state.clients.all() if row.code not in ctx.settings.exclude}
    found = [d for d in ctx.mirror.clients(any_number=True) if d.client in rows and d.cabinet == ctx.settings.cabinet]
    often = Counter(d.client for d in found)
    return {d.name: rows[d.client] for d in found if often[d.client] == 1}


def _next(state: State, portal: int, now: float) -> int:
    """Above everything that was honestly counted, so that no backup of before looks newer: the time is, too."""
    counted = state.progress.read().generations()
    honest = [n for n in [portal, *counted, *(row.generation for row in state.clients.all())] if n < MOST // 2]
    return max([*honest, int(now)]) + 1


def _write(
    ctx: Context, root: RootMarker | None, directories: dict[str, ClientRow], number: int
) -> tuple[tuple[str, str], ...]:
    """`number` everywhere, under a key that no marker of before was sealed with; 0: what the state has of each client."""
    state = ctx.state
    with state.atomic():
        if number:
            state.progress.change(
                marker_key=secrets.token_hex(32), generation_started=number, generation=number, root_written=number
            )
            state.clients.set_generation(number, [row.id for row in state.clients.all()])
        for row in directories.values():
            state.clients.mark(row.id, HERE)
    key = key_of(state)
    held = root_marker(key, root, number) if root is not None else None
    markers = {name: marker(key, ctx.settings, row, number or row.generation) for name, row in directories.items()}
    return tuple(sorted(ctx.mirror.set_generation(held, markers).items()))
