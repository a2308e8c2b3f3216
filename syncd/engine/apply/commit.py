"""Outcomes written down: the only place where what became of an action changes the state (what it changes: core.effects)."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core import paths
from syncd.core.actions import SetAside
from syncd.core.effects import Before, Effects, effects
from syncd.core.entry import RemoteDoc, SetAsideRecord, Tombstone
from syncd.core.events import shown
from syncd.core.outcomes import Applied, Failed, Outcome
from syncd.core.paths import ClientPath
from syncd.core.protocol import Unsound, Written
from syncd.engine import action_backoff
from syncd.engine.apply.work import ClientWork
from syncd.engine.context import Context
from syncd.engine.stages import Client, Reviewed
from syncd.ports.local import ClientStopped


def commit(
    ctx: Context,
    outcomes: Sequence[tuple[ClientWork, Outcome]],
    written: Written | None = None,
    withdrawn: Sequence[int] = (),
) -> None:
    """All of them in one transaction: they are remembered together or not at all.

    `written`: the portal's answer that they come from, with its place in the feed. `withdrawn`: rows of set-asides that
    were written down and not made.
    """
    if not outcomes and written is None and not withdrawn:
        return
    with ctx.state.atomic():
        if written is not None:
            _follow_the_feed(ctx, written)
        for row in withdrawn:
            ctx.state.set_asides.settle(row, None)
        for work, outcome in outcomes:
            _commit(ctx, work, outcome, ctx.clock.now())


def commit_in_pieces(ctx: Context, outcomes: Sequence[tuple[ClientWork, Outcome]], client: str = "") -> None:
    """Many to a transaction; the run may end (Stop) between two of them. What was written down stays so."""
    ctx.recorder.each(outcomes, lambda one: _commit(ctx, *one, ctx.clock.now()), client)


def show(ctx: Context, reviewed: Reviewed) -> None:
    """A dry run: the effects of everything that would go, told and not written."""
    before = Before(reviewed.id, reviewed.code, reviewed.planned.base, reviewed.history)
    for action in reviewed.review.go:
        for event in effects(before, Applied(action), ctx.clock.now()).events:
            ctx.recorder.record(event, reviewed.id)


def stop_client(ctx: Context, work: ClientWork, error: ClientStopped) -> None:
    """Said once; nothing more of its plan is carried out, here or online (RULES 6)."""
    work.give_up()
    if not work.stopped:
        work.stopped = True
        ctx.recorder.stopped(work, error.reason, shown(error.where))


def intend(ctx: Context, work: ClientWork, actions: Sequence[SetAside]) -> list[tuple[int, SetAsideRecord, SetAside]]:
    """Set-asides are written down before their renames (RULES 3): each with its row."""
    found = []
    with ctx.state.atomic():
        for action in actions:
            to = paths.join(paths.parent(action.disk), paths.name(action.to))
            record = SetAsideRecord(
                action.doc, Tombstone(action.tombstone), action.path, to, action.content, action.expect.inode, action.content.size,
                done=False,
            )  # fmt: skip
            found.append((ctx.state.set_asides.intend(work.id, record), record, action))
    return found


def withdraw_intent(ctx: Context, row: int) -> None:
    """A set-aside that a killed run had written down was never made."""
    with ctx.state.atomic():
        ctx.state.set_asides.settle(row, None)


def observe(ctx: Context, client: str, found: Sequence[RemoteDoc | None] | Unsound) -> None:
    """What the portal says now of documents that were doubted; None: it knows no such document."""
    with ctx.state.atomic():
        for doc in [] if isinstance(found, Unsound) else found:
            if doc is not None:
                ctx.state.trees.remote.put(client, doc)
        if isinstance(found, Unsound) or None in found:
            ctx.state.clients.set_listed(client, False)  # the whole list says what there is


def commit_effects(ctx: Context, client: Client | ClientWork, changed: Effects) -> None:
    """What is no outcome of a plan, in a transaction of its own: a repair, an intent of a killed run."""
    with ctx.state.atomic():
        _write(ctx, client.id, changed)
        for event in changed.events:
            ctx.recorder.record(event, client.id)


def _commit(ctx: Context, work: ClientWork, outcome: Outcome, now: float) -> None:
    if not isinstance(outcome, Applied) or outcome.kept:  # somebody saved meanwhile: seen and planned anew
        work.stumbled = True
    pause = action_backoff.after(work, outcome, now)
    if isinstance(pause, str):
        ctx.state.progress.end_pause(work.id, pause)
    elif pause is not None:
        ctx.state.progress.pause(work.id, pause)
        if action_backoff.given_up(pause):  # said as such, once, instead of at every run
            at = shown(getattr(outcome.action, "disk", ""))
            outcome = Failed(outcome.action, action_backoff.NOT_RENAMED, at, notice=True)
    changed = effects(work.before, outcome, now)
    _write(ctx, work.id, changed)
    if changed.published:
        _published(ctx, work, changed.published)
    for event in changed.events:
        ctx.recorder.record(event, work.id)


def _published(ctx: Context, work: ClientWork, path: ClientPath) -> None:
    """A publication into the top-level folder of `path` was acknowledged: it is no longer the first one there."""
    top = paths.key(paths.top(path))
    if top not in work.completed:
        work.completed |= {top}
        ctx.state.clients.set_completed(work.id, work.completed)


def _follow_the_feed(ctx: Context, written: Written) -> None:
    """The cursor moves over what our own write made, where nothing else came in between."""
    cursor = ctx.state.progress.cursor()
    ctx.state.progress.set_seen(written.after)
    if cursor is not None and cursor == written.before:
        ctx.state.progress.set_cursor(written.after)


def _write(ctx: Context, client: str, e: Effects) -> None:
    """Field by field. In the caller's transaction."""
    _write_observed(ctx, client, e)
    _write_agreed(ctx, client, e)
    _write_set_asides(ctx, client, e)
    _write_judged(ctx, client, e)


def _write_observed(ctx: Context, client: str, e: Effects) -> None:
    state = ctx.state
    if e.carried is not None:
        state.trees.move_folder(client, e.carried.folder, e.carried.path, e.carried.disk, online=e.carried.online)
    if e.online is not None:
        state.trees.remote.put(client, e.online)
    if e.online_folder is not None:
        state.trees.remote.put_folder(client, e.online_folder, True)
    if e.here:
        state.trees.local.observe(client, dict(e.here))


def _write_agreed(ctx: Context, client: str, e: Effects) -> None:
    state = ctx.state
    if e.had is not None:
        state.trees.contents.add(client, e.had)
    if e.base is not None:
        state.trees.base.put(client, e.base, over=e.over)
    if e.forgotten:
        state.trees.base.forget(client, e.forgotten)
    if e.folder is not None:
        state.trees.base.put_folder(client, e.folder)
    if e.forgotten_folder:
        state.trees.base.forget_folder(e.forgotten_folder)
    if e.receipt is not None:
        state.outboxes.queue_receipt(e.receipt)
    if e.left is not None:
        state.outboxes.queue_left(e.left)


def _write_set_asides(ctx: Context, client: str, e: Effects) -> None:
    if e.settled:
        ctx.state.set_asides.settle(e.settled, e.record)
    elif e.record is not None:
        ctx.state.set_asides.put(client, e.record)
    if e.unrecorded:
        ctx.state.set_asides.forget(client, e.unrecorded)


def _write_judged(ctx: Context, client: str, e: Effects) -> None:
    state = ctx.state
    for kind in e.counted:
        state.guards.count(client, kind, ctx.clock.now())
    if e.uncounted:
        state.guards.uncount(client, e.uncounted)
    if e.agreement:
        state.guards.use_agreement(client, e.agreement)
    if e.cleared:
        state.trees.contents.undoubt(client, e.cleared)
