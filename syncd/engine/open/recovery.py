"""After a side was put back from a backup: recognised, marked client by client, unmarked when reconciled (RULES 7)."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set

from msgspec.structs import replace

from syncd.core import paths
from syncd.core.entry import RemoteState
from syncd.core.errors import WornOut
from syncd.core.events import Event
from syncd.core.protocol import Hello
from syncd.core.restored_backups import HERE, MOST, Finding, Restored, Seen, recognise, seal, sealed
from syncd.engine import approval_payload
from syncd.engine.context import Context, Settings
from syncd.engine.recorder import NOBODY
from syncd.ports.local import ClientDirectory, ClientMarker, RootMarker
from syncd.ports.state import ClientRow, State

GENERATIONS = "-generations"  # under which name a portal's impossible number is remembered as told


def restored_portal(state: State, known: Set[str]) -> None:
    """The portal no longer knows our cursor. In the caller's transaction. `known`: the clients it still has."""
    for row in state.clients.all():
        state.clients.mark(row.id, frozenset({Restored.PORTAL}))
        if row.id not in known:
            state.clients.set_lost(row.id, True)
    state.progress.change(portal_restored=True)  # until it was said
    state.progress.set_seen(None)


def counts(key: str, directory: ClientDirectory) -> bool:
    """Whether the generation in the marker is one that this state's engine wrote."""
    return sealed(key, directory.cabinet, directory.client, directory.generation, directory.seal)


def root_counts(key: str, root: RootMarker) -> bool:
    return sealed(key, root.cabinet, root.root, root.generation, root.seal)


def key_of(state: State) -> str:
    """What markers are sealed with: made once, and kept with what it proves."""
    key = state.progress.read().marker_key
    if not key:
        key = secrets.token_hex(32)
        state.progress.change(marker_key=key)
    return key


def look(
    state: State,
    hello: Hello,
    root: RootMarker,
    directories: Iterable[ClientDirectory],
    exclude: Set[str] = frozenset(),
) -> Finding:
    """What the generations say. `directories`: as they lie below the root now; `exclude`: codes left alone here."""
    progress = state.progress.read()
    key = progress.marker_key
    rows = {r.id: r for r in state.clients.all()}
    theirs = [d for d in directories if d.client in rows]
    unsealed = _unsealed(key, [d for d in theirs if rows[d.client].code not in exclude], rows)
    return recognise(
        Seen(
            progress.generation_started, progress.generation, hello.generation,
            root.generation, progress.root_written,
            {d.client: d.generation for d in theirs if d.client in unsealed or counts(key, d)},
            {i: r.generation for i, r in rows.items()},
            not progress.portal_restored and not hello.unknown_cursor,
            root_counts(key, root), frozenset(unsealed), frozenset(c for c, d in unsealed.items() if d.seal),
        )
    )  # fmt: skip


def _unsealed(key: str, theirs: Sequence[ClientDirectory], rows: Mapping[str, ClientRow]) -> dict[str, ClientDirectory]:
    """Clients in use whose one marker says a generation that does not count."""
    often = Counter(d.client for d in theirs)
    return {d.client: d for d in theirs if often[d.client] == 1 and not rows[d.client].closed and not counts(key, d)}


def recover(ctx: Context, hello: Hello, root: RootMarker, directories: Sequence[ClientDirectory]) -> None:
    """Mark what has to be reconciled, in one transaction with what made it seen; say so once."""
    state = ctx.state
    if max(state.progress.read().generations()[:2]) >= MOST:
        raise WornOut
    if hello.generation >= MOST:
        ctx.recorder.record(Event("", "problem", reason="generations", notice=True, warning=True), GENERATIONS)
    elif not ctx.settings.dry_run:
        state.journal.close_reports(GENERATIONS, set())
    _tell_lost(ctx)
    finding = look(state, hello, root, directories, ctx.settings.exclude)
    if not finding.any:
        return
    with state.atomic():
        _mark(state, finding)
        _believe(state, finding, hello, root, directories)
        _say_what_was_restored(ctx, finding)


def _mark(state: State, finding: Finding) -> None:
    for row in state.clients.all():
        marks = finding.everywhere | finding.clients.get(row.id, frozenset())
        if marks - row.recovery:
            state.clients.mark(row.id, marks - row.recovery)


def _believe(
    state: State, finding: Finding, hello: Hello, root: RootMarker, directories: Sequence[ClientDirectory]
) -> None:
    """The generations of the sides that were put back count from now on: they are not found restored again."""
    if Restored.STATE in finding.everywhere:
        state.progress.change(generation_started=finding.generation)
        approval_payload.say_again(state)  # what the portal heard since is not known here
    if Restored.PORTAL in finding.everywhere:
        state.progress.change(generation=min(hello.generation, finding.generation), portal_restored=False)
    key = state.progress.read().marker_key
    if Restored.MIRROR in finding.everywhere and root_counts(key, root):
        state.progress.change(root_written=root.generation)
    for d in directories:
        if (finding.clients.get(d.client) or Restored.MIRROR in finding.everywhere) and counts(key, d):
            state.clients.set_generation(d.generation, [d.client])


def _say_what_was_restored(ctx: Context, finding: Finding) -> None:
    for mark in sorted(finding.everywhere):
        _say(ctx, "", NOBODY, mark.value, ctx.state.progress.read().damaged if mark is Restored.STATE else "")
    codes = {r.id: r.code for r in ctx.state.clients.all()}
    for client, marks in finding.clients.items():
        _say(ctx, codes[client], client, "marker" if marks == HERE else Restored.MIRROR.value)


def _tell_lost(ctx: Context) -> None:
    """At every run, as long as it is so: nothing of theirs moves."""
    lost, rows = ctx.state.progress.read().lost_clients, ctx.state.clients.all()
    anew = {row.code for row in rows if row.id not in lost}  # what waits of those is told instead
    for row in rows if lost else ():
        if row.id in lost and row.code not in ctx.settings.exclude and row.code not in anew:
            ctx.recorder.record(Event(row.code, "problem", reason="lost_online", notice=True, warning=True), row.id)


def seal_anew(ctx: Context, root: RootMarker, directories: Sequence[ClientDirectory]) -> dict[str, str]:
    """Write the markers whose generation does not count, with what the state last wrote to them; after `recover`.

    Why not, by directory. A marker of an older version, of a state that was lost, or one that somebody wrote.
    """
    state, key = ctx.state, key_of(ctx.state)
    rows = {r.id: r for r in state.clients.all()}
    ours = [
        d for d in directories
        if d.client in rows and d.cabinet == ctx.settings.cabinet and rows[d.client].code not in ctx.settings.exclude
    ]  # fmt: skip
    anew = {
        d.name: marker(key, ctx.settings, rows[client], rows[client].generation)
        for client, d in _unsealed(key, ours, rows).items()
        if paths.is_decoded(d.name)
    }
    held: RootMarker | None = None
    if not root_counts(key, root):
        held = root_marker(key, root, state.progress.read().root_written)
    return ctx.mirror.set_generation(held, anew) if held is not None or anew else {}


def marker(key: str, settings: Settings, row: ClientRow, generation: int) -> ClientMarker:
    code = seal(key, settings.cabinet, row.id, generation)
    return ClientMarker(row.id, settings.cabinet, row.code, generation, code)


def root_marker(key: str, root: RootMarker, generation: int) -> RootMarker:
    return replace(root, generation=generation, seal=seal(key, root.cabinet, root.root, generation))


def _say(ctx: Context, code: str, client: str, what: str, detail: str = "") -> None:
    ctx.recorder.record(
        Event(code, "problem", reason=f"restored_{what}", detail=detail, notice=True, warning=True), client
    )


def reconciled(ctx: Context, row: ClientRow) -> None:
    """The client was gone through to its end. In the caller's transaction."""
    state = ctx.state
    if row.recovery & HERE:  # what could not come back (a right withdrawn, a direction) was not taken away by anybody
        known, remote = state.trees.local.known(row.id), state.trees.remote.load(row.id)
        for doc in state.trees.base.load(row.id).docs.values():
            here, online = known.get(doc.disk), remote.docs.get(doc.id)
            hidden = online is not None and online.state is RemoteState.WITHDRAWN
            if not doc.left and (here is None or (hidden and here.content != doc.content)):
                state.trees.base.forget(row.id, doc.id)
    if Restored.PORTAL in row.recovery:
        state.outboxes.requeue(row.id, ctx.clock.now())
    state.clients.unmark(row.id)
