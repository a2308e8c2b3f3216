"""What the portal says: first request, trees, complete listings; stored together with the cursor (RULES 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from syncd.core import tree_digests
from syncd.core.entry import RemoteState
from syncd.core.errors import Refused
from syncd.core.events import Event
from syncd.core.guards import LEFT
from syncd.core.protocol import Answer, Caller, ClientState, ClientTree, Hello, Listing, Unsound
from syncd.core.restored_backups import MOST
from syncd.engine.context import Context
from syncd.engine.open.recovery import restored_portal
from syncd.ports.state import ClientRow, State

CLIENTS = 200  # clients to a request


async def greet(ctx: Context) -> Hello:
    """The first request. Raises Refused for another cabinet's portal; one that was restored marks every client."""
    state, settings = ctx.state, ctx.settings
    caller = Caller(
        settings.engine, settings.machine, settings.instance, lease=not settings.dry_run,
        generation=min(state.progress.read().generation, MOST), seen=state.progress.seen(),
    )  # fmt: skip
    hello = await ctx.remote.hello(caller, state.progress.cursor())
    if hello.cabinet != settings.cabinet:
        raise Refused(
            "stop_other_cabinet",
            f"This portal or key is of another cabinet ('{hello.cabinet_name}').",
            mend="Check [portal] url and token_file: no document was touched.",
        )
    named = await _named(ctx, caller, hello)
    with state.atomic():
        lost = state.progress.read().lost_clients
        for client in named:
            state.clients.put(client)
            if client.id in lost:
                state.clients.set_lost(client.id, False)
        if hello.unknown_cursor:  # marked in the transaction that moves the cursor: a crash cannot come in between
            restored_portal(state, {c.id for c in named})
        _observe_changes(state, hello)
        for answer in hello.answers:
            _take_answer(state, answer, ctx.clock.now())
        state.progress.set_cursor(hello.cursor)
        state.progress.set_seen(hello.cursor)
        state.progress.change(
            portal_seen=ctx.clock.now(), cabinet_name=hello.cabinet_name, cabinet_colour=hello.colour, cabinet_logo=hello.logo,
            tasks_told=hello.tasks, packages_told=hello.packages,
        )  # fmt: skip
    return hello


async def _named(ctx: Context, caller: Caller, hello: Hello) -> Sequence[ClientState]:
    """The clients of this answer; asked for once more, all of them, before any is taken for lost (HAZARDS 2).

    Raises Refused where the portal names none of those that are in use here.
    """
    in_use = {row.id for row in ctx.state.clients.all() if not row.closed}
    lost = ctx.state.progress.read().lost_clients
    if not lost and not (hello.unknown_cursor and in_use - {c.id for c in hello.clients}):
        return hello.clients
    every = {c.id: c for c in (await ctx.remote.hello(caller, None)).clients}
    named = {**every, **{c.id: c for c in hello.clients}}
    if hello.unknown_cursor and in_use and not in_use & named.keys():
        raise Refused(
            "stop_no_clients",
            f"The portal names none of the {len(in_use)} clients in use here.",
            mend="Put back a newer backup of the portal, or create them again: no document was touched.",
        )
    return list(named.values())


def _observe_changes(state: State, hello: Hello) -> None:
    known = {row.id for row in state.clients.all()} if hello.docs or hello.folders else set()
    left = state.trees.base.left() if hello.docs else frozenset[str]()  # few, and one question for all of them
    for change in hello.docs:
        if change.client in known:
            state.trees.remote.put(change.client, change.doc)
            wanted = change.doc.id in left and change.doc.state is RemoteState.LIVE and not change.doc.left
            if wanted and state.trees.base.wanted_again(change.client, change.doc.id):
                state.guards.uncount(change.client, LEFT)
    for folder in hello.folders:
        if folder.client in known:
            state.trees.remote.put_folder(folder.client, folder.folder, folder.live)
    for client in {c.client for c in hello.docs} | {c.client for c in hello.folders}:
        state.clients.set_clean(client, False)
    for client in (*hello.relist, *(u.client for u in hello.unsound)):  # its list says all of it, or why it stops
        state.clients.set_listed(client, False)


def _take_answer(state: State, answer: Answer, now: float) -> None:
    """What a person answered at the portal, to the very set that still waits."""
    for row in state.guards.waiting(answer.client):
        if row.digest != answer.digest:
            continue
        if answer.agreed:
            state.guards.agree(answer.client, row.digests, now, answer.by)
        else:
            state.guards.decline(answer.client, answer.digest, now, answer.by)


async def learn(ctx: Context, rows: Sequence[ClientRow]) -> None:
    """Trees that changed, complete listings of clients not yet listed, and what a listing lacks though it was agreed on.

    A client of whom the portal says what cannot be believed is stopped, and asked about again by the next run.
    """
    learner = _Learner(ctx, {r.id: r for r in rows})
    await learner.trees()
    await learner.listings()
    await learner.missing()


class _Learner:
    def __init__(self, ctx: Context, rows: Mapping[str, ClientRow]) -> None:
        self.ctx, self.rows = ctx, rows
        self.faulty: set[str] = set()

    def _stop(self, client: str, why: str) -> None:
        self.faulty.add(client)
        self.ctx.state.clients.set_listed(client, False)
        event = Event(self.rows[client].code, "stopped", reason="stop_listing", detail=why)
        self.ctx.recorder.record(event, client)

    async def trees(self) -> None:
        stale = [r.id for r in self.rows.values() if not r.closed and (r.rules is None or r.rules.tree != r.tree)]
        for n in range(0, len(stale), CLIENTS):
            trees = await self.ctx.remote.trees(stale[n : n + CLIENTS])
            with self.ctx.state.atomic():
                for tree in trees:
                    self._take_tree(tree)

    def _take_tree(self, tree: ClientTree | Unsound) -> None:
        if isinstance(tree, Unsound):
            self._stop(tree.client, tree.why)
        else:
            self.ctx.state.clients.put_tree(tree)

    async def listings(self) -> None:
        unlisted = [r.id for r in self.rows.values() if not r.listed and not r.closed and r.id not in self.faulty]
        for n in range(0, len(unlisted), CLIENTS):
            await self.ctx.remote.listings(unlisted[n : n + CLIENTS], self._take_listing)

    def _take_listing(self, listing: Listing | Unsound) -> None:
        row, state = self.rows[listing.client], self.ctx.state
        self.ctx.recorder.between(row.code)
        if fault := _fault(listing):
            self._stop(row.id, fault)
            return
        assert isinstance(listing, Listing)
        with state.atomic():
            state.trees.remote.replace(row.id, listing.docs, listing.folders)
            state.clients.set_listed(row.id, True)
            state.clients.set_clean(row.id, False)

    async def missing(self) -> None:
        """Only a tombstone is a deletion: what was agreed on and is not listed is asked for by its id before any plan."""
        for row in self.rows.values():
            planned_and_whole = row.clean and row.listed and not row.recovery
            if row.closed or row.id in self.faulty or planned_and_whole:
                continue
            self.ctx.recorder.between(row.code)
            if missing := self.ctx.state.trees.unlisted(row.id):
                await self._ask_for(row, missing)

    async def _ask_for(self, row: ClientRow, missing: Sequence[str]) -> None:
        found = await self.ctx.remote.lookup(row.id, missing)
        if isinstance(found, Unsound):
            self._stop(row.id, found.why)
            return
        with self.ctx.state.atomic():
            for doc in found:
                if doc is not None:
                    self.ctx.state.trees.remote.put(row.id, doc)
                    self.ctx.state.clients.set_clean(row.id, False)


def _fault(listing: Listing | Unsound) -> str:
    """Why a listing cannot be believed: '' when it can (RULES 5, HAZARDS 2 and 27)."""
    if isinstance(listing, Unsound):
        return listing.why
    count, digest = tree_digests.listing(listing.docs, listing.folders)
    if (count, digest) != (listing.count, listing.digest):
        return f"{count}/{listing.count}"
    return ""
