"""A pass is opened: the portal is greeted, what a restored side means is seen, and each client's directory is found.

Written once for a run, a proof and a restoration.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from msgspec.structs import replace

from syncd.core.errors import UsageError
from syncd.core.events import Event
from syncd.core.ignore_patterns import PATTERNS
from syncd.core.protocol import Cursor, Hello
from syncd.core.words import faults
from syncd.engine import approval_payload
from syncd.engine.context import Context
from syncd.engine.open.discover import check_root, find_directories, put_away
from syncd.engine.open.portal import greet, learn
from syncd.engine.open.recovery import recover, seal_anew
from syncd.engine.stages import Client
from syncd.ports.local import RootMarker
from syncd.ports.state import ClientRow

SKEW = 120.0  # seconds between the clocks of cabinet and portal that are worth a word
CLOCK = "-clock"  # under which name a skew is remembered as told

Greeting = Callable[[Awaitable[Hello]], Awaitable[Hello]]


class Scope(msgspec.Struct, frozen=True):
    """What a pass is about. `clients`: ids of those something happened to, here or as the portal says when it is greeted;
    None: all clients. `works`: it carries plans out (or would, in a dry run); else it only looks."""

    clients: frozenset[str] | None = None
    works: bool = True

    def rows(self, ctx: Context) -> list[ClientRow]:
        """The clients of this scope, as far as they are known by now."""
        settings = ctx.settings
        return [
            r for r in ctx.state.clients.all()
            if r.code not in settings.exclude and (not settings.only or r.code in settings.only)
            and (self.clients is None or r.id in self.clients)
        ]  # fmt: skip


class Opened(msgspec.Struct, frozen=True):
    """`scope`: with what the portal said. `clients`: each with its directory, in the order of their turns."""

    root: RootMarker
    scope: Scope
    clients: list[Client]


def touched_by(hello: Hello) -> frozenset[str] | None:
    """Ids of the clients of whom the portal told something; None: of everybody."""
    return None if hello.unknown_cursor or hello.sync_asked else frozenset(hello.touched)


async def unaccompanied(answer: Awaitable[Hello]) -> Hello:
    """Nothing else is done while the portal is asked."""
    return await answer


async def open_pass(ctx: Context, scope: Scope, root: RootMarker, greeting: Greeting = unaccompanied) -> Opened:
    """`root`: as it was checked before. `greeting` awaits the portal's answer.

    Raises Refused, Unreachable or MirrorError where the pass cannot go on, UsageError for a client that is not known.
    """
    before = ctx.state.progress.cursor()
    hello = await greeting(greet(ctx))
    if scope.works:
        _compare_numbers(ctx, hello, before)
    directories = ctx.mirror.clients()
    check_root(ctx, root.device)  # else nobody's directory is said to be missing
    recover(ctx, hello, root, directories)
    unwritable: dict[str, str] = {}
    if scope.works and not ctx.settings.dry_run:
        unwritable = seal_anew(ctx, root, directories)
    if scope.works:
        _forget_what_no_longer_holds(ctx, hello)
    scope = _widened(ctx, scope, touched_by(hello))
    await learn(ctx, scope.rows(ctx))
    rooms = {room.client: room.free for room in hello.rooms}
    clients = find_directories(ctx, ctx.state.clients.all(), directories, rooms, scope.clients, unwritable)
    if scope.works and not ctx.settings.dry_run:
        clients = [c for c in clients if not c.dir or c.adopt or put_away(ctx, c)]
        if ctx.state.set_asides.intended():
            from syncd.engine.open.killed_set_asides import resolve_intents  # loaded after a kill alone (ADR 7)

            resolve_intents(ctx, [c for c in clients if c.dir and not c.adopt])
    if turn := ctx.state.progress.read().resume_at:  # where the last one stopped, so that nobody is always the last
        clients.sort(key=lambda c: (c.code < turn, c.code))
    return Opened(root, scope, clients)


def _widened(ctx: Context, scope: Scope, touched: frozenset[str] | None) -> Scope:
    """With the clients that the portal or a restoration adds. Raises UsageError for a code that nobody has."""
    rows = ctx.state.clients.all()
    if unknown := ctx.settings.only - {r.code for r in rows}:
        raise UsageError(faults.NO_CLIENT_ONLINE.of(codes=", ".join(sorted(unknown))), mend=faults.SEE_CLIENTS.of())
    if scope.clients is None or touched is None:
        return replace(scope, clients=None)
    return replace(scope, clients=scope.clients | touched | {r.id for r in rows if r.recovery})


def _compare_numbers(ctx: Context, hello: Hello, before: Cursor | None) -> None:
    """Runs are numbered on from what the portal was told; clocks are compared (HAZARDS 31), and decide nothing."""
    if not ctx.settings.dry_run and (before is None or hello.unknown_cursor):
        ctx.recorder.known_before(hello.last_run)
    skew = abs(ctx.clock.now() - hello.now) if hello.now else 0.0
    if skew > SKEW:  # reports are hard to read by a clock that is wrong
        told = Event("", "problem", reason="clock_skew", detail=f"{skew / 60:.0f} min", notice=True, warning=True)
        ctx.recorder.record(told, CLOCK)
    elif not ctx.settings.dry_run:
        ctx.state.journal.close_reports(CLOCK, set())
        ctx.state.trees.contents.forget()


def _forget_what_no_longer_holds(ctx: Context, hello: Hello) -> None:
    if hello.unknown_cursor and not ctx.settings.dry_run:
        approval_payload.say_again(ctx.state)  # another portal, or one put back: it may have heard nothing
    now = repr((PATTERNS, ctx.settings.ignore))
    if (
        ctx.state.progress.read().ignored != now
    ):  # other documents are looked at than before: what was planned then says nothing
        with ctx.state.atomic():
            for row in ctx.state.clients.all():
                ctx.state.clients.set_clean(row.id, False)
            ctx.state.progress.change(ignored=now)
