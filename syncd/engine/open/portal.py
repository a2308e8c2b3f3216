"""What the portal says: first request, trees, complete listings; stored together with the cursor (RULES 7)."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core import tree_digests
from syncd.core.entry import RemoteState
from syncd.core.errors import Refused
from syncd.core.events import Event
from syncd.core.protocol import Caller, ClientState, Hello, Listing, Unsound, Written
from syncd.core.restored_backups import MOST
from syncd.engine.context import Parts, Settings
from syncd.engine.open.recovery import restored_portal
from syncd.engine.recorder import Recorder
from syncd.ports.state import LEFT, ClientRow

AT_ONCE = 200


async def greet(parts: Parts, settings: Settings) -> Hello:
    """The first request. Raises Refused for another cabinet's portal; one that was restored marks every client."""
    state = parts.state
    caller = Caller(
        settings.engine, settings.machine, settings.instance, lease=not settings.dry_run,
        generation=min(int(state.get("generation", "0")), MOST), seen=state.seen(),
    )  # fmt: skip
    hello = await parts.remote.hello(caller, state.cursor())
    if hello.cabinet != settings.cabinet:
        raise Refused(
            "stop_other_cabinet",
            f"This portal or key is of another cabinet ('{hello.cabinet_name}').",
            mend="Check [portal] url and token_file: no document was touched.",
        )
    named = await _named(parts, caller, hello)
    parts.rooms = {room.client: room.free for room in hello.rooms}
    with state.atomic():
        for client in named:
            state.put_client(client)
            if client.id in state.lost():
                state.found_online(client.id)
        if hello.unknown_cursor:  # marked in the transaction that moves the cursor: a crash cannot come in between
            restored_portal(state, {c.id for c in named})
        known = {row.id for row in state.clients()} if hello.docs or hello.folders else set()
        for change in hello.docs:
            if change.client in known:
                state.observe_doc(change.client, change.doc)
                wanted = change.doc.state is RemoteState.LIVE and not change.doc.left
                if wanted and state.wanted_again(change.client, change.doc.id):
                    state.uncount(change.client, LEFT)
        for folder in hello.folders:
            if folder.client in known:
                state.observe_folder(folder.client, folder.folder, folder.live)
        for client_id in {c.client for c in hello.docs} | {c.client for c in hello.folders}:
            state.set_clean(client_id, False)
        for client_id in (
            *hello.relist,
            *(u.client for u in hello.unsound),
        ):  # its list says all of it, or why it stops
            state.set_listed(client_id, False)
        for answer in hello.answers:
            for row in state.waiting(answer.client):
                if row.digest == answer.digest and answer.agreed:
                    state.agree(answer.client, row.digests, parts.clock.now(), answer.by)
                elif row.digest == answer.digest:
                    state.decline(answer.client, answer.digest, parts.clock.now(), answer.by)
        state.set_cursor(hello.cursor)
        state.set_seen(hello.cursor)
        state.set("portal_seen", repr(parts.clock.now()))
    return hello


async def _named(parts: Parts, caller: Caller, hello: Hello) -> Sequence[ClientState]:
    """The clients of this answer; asked for once more, all of them, before any is taken for lost (HAZARDS 2).

    Raises Refused where the portal names none of those that are in use here.
    """
    in_use = {row.id for row in parts.state.clients() if not row.closed}
    lost = parts.state.lost()
    if not lost and not (hello.unknown_cursor and in_use - {c.id for c in hello.clients}):
        return hello.clients
    every = {c.id: c for c in (await parts.remote.hello(caller, None)).clients}
    named = {**every, **{c.id: c for c in hello.clients}}
    if hello.unknown_cursor and in_use and not in_use & named.keys():
        raise Refused(
            "stop_no_clients",
            f"The portal names none of the {len(in_use)} clients in use here.",
            mend="Put back a newer backup of the portal, or create them again: no document was touched.",
        )
    return list(named.values())


async def learn(parts: Parts, recorder: Recorder, rows: Sequence[ClientRow]) -> None:
    """Trees that changed, and complete listings of clients not yet listed."""
    state = parts.state
    by_id = {r.id: r for r in rows}
    faulty = set[str]()

    def stop(client: str, why: str) -> None:
        """What is said of this client cannot be believed: asked for again by the next run."""
        faulty.add(client)
        state.set_listed(client, False)
        recorder.tell(Event(by_id[client].code, "stopped", reason="stop_listing", detail=why), client)

    stale = [r.id for r in rows if not r.closed and (r.rules is None or r.rules.tree != r.tree)]
    for n in range(0, len(stale), AT_ONCE):
        trees = await parts.remote.trees(stale[n : n + AT_ONCE])
        with state.atomic():
            for tree in trees:
                if isinstance(tree, Unsound):
                    stop(tree.client, tree.why)
                else:
                    state.put_tree(tree)
    unlisted = {r.id: r for r in rows if not r.listed and not r.closed and r.id not in faulty}
    ids = list(unlisted)

    def take(listing: Listing | Unsound) -> None:
        row = unlisted[listing.client]
        recorder.between(row.code)
        if fault := _fault(listing):
            stop(row.id, fault)
            return
        assert isinstance(listing, Listing)
        with state.atomic():
            state.observe_docs(row.id, listing.docs, listing.folders)
            state.set_listed(row.id, True)
            state.set_clean(row.id, False)

    for n in range(0, len(ids), AT_ONCE):
        await parts.remote.listings(ids[n : n + AT_ONCE], take)
    for row in rows:
        if (
            row.closed or row.id in faulty or (row.clean and row.listed and not row.recovery)
        ):  # planned, and found whole
            continue
        recorder.between(row.code)
        missing = state.unlisted_base(row.id)
        if missing:  # only a tombstone is a deletion: ask for each by its id before anything is planned
            found = await parts.remote.lookup(row.id, missing)
            if isinstance(found, Unsound):
                stop(row.id, found.why)
                continue
            with state.atomic():
                for doc in found:
                    if doc is not None:
                        state.observe_doc(row.id, doc)
                        state.set_clean(row.id, False)


def _fault(listing: Listing | Unsound) -> str:
    """Why a listing cannot be believed: '' when it can (RULES 5, HAZARDS 2 and 27)."""
    if isinstance(listing, Unsound):
        return listing.why
    count, digest = tree_digests.listing(listing.docs, listing.folders)
    if (count, digest) != (listing.count, listing.digest):
        return f"{count}/{listing.count}"
    return ""


def take_answers(parts: Parts, written: Written) -> None:
    """Store what our own write made; move the cursor when nothing came in between. In the caller's transaction."""
    cursor = parts.state.cursor()
    parts.state.set_seen(written.after)
    if cursor is not None and cursor == written.before:
        parts.state.set_cursor(written.after)
