"""After a side was put back from a backup: recognised, marked client by client, unmarked when reconciled (RULES 7)."""

from __future__ import annotations

from collections.abc import Iterable, Set

from syncd.core.entry import RemoteState
from syncd.core.exchange import Hello
from syncd.core.outcomes import Event
from syncd.core.recovery import HERE, Finding, Restored, Seen, recognise
from syncd.engine.ledger import NOBODY, Ledger
from syncd.engine.parts import Job, Parts
from syncd.ports.local import ClientDirectory, RootMarker
from syncd.ports.state import State


def restored_portal(state: State, known: Set[str]) -> None:
    """The portal no longer knows our cursor. In the caller's transaction. `known`: the clients it still has."""
    for row in state.clients():
        state.mark(row.id, frozenset({Restored.PORTAL}))
        if row.id not in known:
            state.lost_online(row.id)
    state.set("portal_restored", "1")  # until it was said
    state.set("seen_epoch", "")


def look(parts: Parts, hello: Hello, root: RootMarker, directories: Iterable[ClientDirectory]) -> Finding:
    """What the generations say. `directories`: as they lie below the root now."""
    state = parts.state
    rows = {r.id: r for r in state.clients()}
    return recognise(
        Seen(
            int(state.get("generation_started", "0")), int(state.get("generation", "0")), hello.generation,
            root.generation, int(state.get("root_written", "0")),
            {d.client: d.generation for d in directories if d.client in rows}, {i: r.generation for i, r in rows.items()},
            not state.get("portal_restored") and not hello.unknown_cursor,
        )
    )  # fmt: skip


def recover(
    parts: Parts, ledger: Ledger, hello: Hello, root: RootMarker, directories: Iterable[ClientDirectory]
) -> None:
    """Mark what has to be reconciled, in one transaction with what made it seen; say so once."""
    directories = list(directories)
    finding = look(parts, hello, root, directories)
    if not finding.any:
        return
    state = parts.state
    with state.atomic():
        for row in state.clients():
            marks = finding.everywhere | finding.clients.get(row.id, frozenset())
            if marks - row.recovery:
                state.mark(row.id, marks - row.recovery)
        if Restored.STATE in finding.everywhere:
            state.set("generation_started", str(finding.generation))
        if Restored.PORTAL in finding.everywhere:
            state.set("generation", str(hello.generation))
            state.set("portal_restored", "")
        if Restored.MIRROR in finding.everywhere:
            state.set_written(root.generation, ())
        for d in directories:
            if finding.clients.get(d.client) or Restored.MIRROR in finding.everywhere:
                state.set_written(d.generation, [d.client], root=False)
        for mark in sorted(finding.everywhere):
            _say(ledger, "", NOBODY, mark, state.get("damaged") if mark is Restored.STATE else "")
        codes = {r.id: r.code for r in state.clients()}
        for client, marks in finding.clients.items():
            for mark in marks:
                _say(ledger, codes[client], client, mark)
        known = {c.id for c in hello.clients}
        for row in state.clients():
            if hello.unknown_cursor and row.id not in known:
                ledger.tell(Event(row.code, "problem", reason="lost_online", notice=True, warning=True), row.id)


def _say(ledger: Ledger, code: str, client: str, mark: Restored, detail: str = "") -> None:
    ledger.tell(
        Event(code, "problem", reason=f"restored_{mark.value}", detail=detail, notice=True, warning=True), client
    )


def reconciled(parts: Parts, job: Job) -> None:
    """The client was gone through to its end. In the caller's transaction."""
    if (
        job.row.recovery & HERE
    ):  # what could not come back (a right withdrawn, a direction) was not taken away by anybody
        known, remote = parts.state.known(job.id), parts.state.remote(job.id)
        for doc in parts.state.base(job.id).docs.values():
            here, online = known.get(doc.disk), remote.docs.get(doc.id)
            hidden = online is not None and online.state is RemoteState.WITHDRAWN
            if not doc.left and (here is None or (hidden and here.content != doc.content)):
                parts.state.forget(job.id, doc.id)
    if Restored.PORTAL in job.row.recovery:
        parts.state.requeue(job.id, parts.clock.now())
    parts.state.unmark(job.id)
