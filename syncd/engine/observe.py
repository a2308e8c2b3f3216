"""What the portal says: first request, trees, complete listings; stored together with the cursor (RULES 7)."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core import parity, paths
from syncd.core.errors import BadPath, Refused
from syncd.core.exchange import Caller, Hello, Listing, Written
from syncd.core.outcomes import Event
from syncd.engine.ledger import Ledger
from syncd.engine.parts import Job, Parts, Settings
from syncd.engine.recovery import restored_portal
from syncd.ports.state import ClientRow

AT_ONCE = 200


async def greet(parts: Parts, settings: Settings, wait: float = 0.0) -> Hello:
    """The first request. Raises Refused for another cabinet's portal; one that was restored marks every client."""
    state = parts.state
    caller = Caller(
        settings.engine, settings.machine, settings.instance, lease=not settings.dry_run,
        generation=int(state.get("generation", "0")), seen=state.seen(),
    )  # fmt: skip
    hello = await parts.remote.hello(caller, state.cursor(), wait)
    if hello.cabinet != settings.cabinet:
        raise Refused(
            "stop_other_cabinet",
            f"This portal or key is of another cabinet ('{hello.cabinet_name}').",
            mend="Check [portal] url and token_file: no document was touched.",
        )
    with state.atomic():
        for client in hello.clients:
            state.put_client(client)
        if hello.unknown_cursor:  # marked in the transaction that moves the cursor: a crash cannot come in between
            restored_portal(state, {c.id for c in hello.clients})
        for change in hello.docs:
            state.observe_doc(change.client, change.doc)
        for folder in hello.folders:
            state.observe_folder(folder.client, folder.folder, folder.live)
        for client_id in {c.client for c in hello.docs} | {c.client for c in hello.folders}:
            state.set_clean(client_id, False)
        for client_id in hello.relist:
            state.set_listed(client_id, False)
        for answer in hello.answers:
            for row in state.waiting(answer.client):
                if answer.agreed and row.digest == answer.digest:
                    state.agree(answer.client, row.digests, parts.clock.now(), answer.by)
        state.set_cursor(hello.cursor)
        state.set_seen(hello.cursor)
        state.set("portal_seen", repr(parts.clock.now()))
    return hello


async def learn(parts: Parts, ledger: Ledger, rows: Sequence[ClientRow]) -> None:
    """Trees that changed, and complete listings of clients not yet listed."""
    state = parts.state
    stale = [r.id for r in rows if not r.closed and (r.rules is None or r.rules.tree != r.tree)]
    for n in range(0, len(stale), AT_ONCE):
        trees = await parts.remote.trees(stale[n : n + AT_ONCE])
        with state.atomic():
            for tree in trees:
                state.put_tree(tree)
    unlisted = {r.id: r for r in rows if not r.listed and not r.closed}
    ids = list(unlisted)

    def take(listing: Listing) -> None:
        row = unlisted[listing.client]
        if fault := _fault(listing):
            ledger.tell(Event(row.code, "stopped", reason="stop_listing", detail=fault), row.id)
            return
        with state.atomic():
            state.observe_docs(row.id, listing.docs, listing.folders)
            state.set_listed(row.id, True)
            state.set_clean(row.id, False)

    for n in range(0, len(ids), AT_ONCE):
        await parts.remote.listings(ids[n : n + AT_ONCE], take)
    for row in rows:
        if row.closed or (row.clean and row.listed and not row.recovery):  # planned, and found whole
            continue
        missing = state.unlisted_base(row.id)
        if missing:  # only a tombstone is a deletion: ask for each by its id before anything is planned
            found = await parts.remote.lookup(row.id, missing)
            with state.atomic():
                for doc in found:
                    if doc is not None:
                        state.observe_doc(row.id, doc)
                        state.set_clean(row.id, False)


def _fault(listing: Listing) -> str:
    """Why a listing cannot be believed: '' when it can (RULES 5, HAZARDS 2 and 27)."""
    count, digest = parity.listing(listing.docs, listing.folders)
    if (count, digest) != (listing.count, listing.digest):
        return f"{count}/{listing.count}"
    try:
        for path in [d.path for d in listing.docs] + [f.path for f in listing.folders]:
            if paths.check(path) != path:
                return paths.printable(path)
    except BadPath as e:
        return str(e)
    return ""


def take_answers(parts: Parts, job: Job | None, written: Written) -> None:
    """Store what our own write made; move the cursor when nothing came in between. In the caller's transaction."""
    cursor = parts.state.cursor()
    parts.state.set_seen(written.after)
    if cursor is not None and cursor == written.before:
        parts.state.set_cursor(written.after)
