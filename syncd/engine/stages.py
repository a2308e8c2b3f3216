"""What is known of one client, a frozen value for each stage of a pass: Client → ClientScan → ClientPlan → Reviewed.

Each holds the one before it. What changes while a plan is carried out is `apply.work.ClientWork`.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from syncd.core.actions import Action, Download
from syncd.core.folder_rules import ClientRules
from syncd.core.guards import History, Review
from syncd.core.plan import Plan
from syncd.core.snapshot import Base
from syncd.ports.local import Scan
from syncd.ports.state import ClientRow, Pause

NOTHING_AGREED, NOTHING_TO_DO = Base(), Review(())  # thousands of clients share them


class Client(msgspec.Struct, frozen=True):
    """A client that this pass is about. `dir`: the name of its directory, '' where a dry run would make it.

    `adopt`: an unmarked directory that waits to be taken as this client's. `room`: bytes that its space at the portal still
    takes, as the portal said when it was greeted; None: no limit.
    """

    row: ClientRow
    rules: ClientRules
    dir: str = ""
    adopt: bool = False
    room: int | None = None

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def code(self) -> str:
        return self.row.code


class ClientScan(msgspec.Struct, frozen=True):
    """What lies in its directory. `idle`: neither side has moved since its last plan, which was empty; `moved`: something
    was read anew, and the state knows it by now: it is planned. `young`: documents left for the service to come back to.
    """

    client: Client
    scan: Scan
    idle: bool = False
    moved: bool = False
    young: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        return self.client.row.id

    @property
    def code(self) -> str:
        return self.client.row.code


class ClientPlan(msgspec.Struct, frozen=True):
    """What the planner says of it. `plan` None: there was nothing to plan, or it failed, and `fault` says why.

    `base`: what was agreed on when it was planned, of the documents that the plan is about. `room`: bytes that its space
    takes beside what is planned. `unsettled`: the client is planned again next time, however little is left to do.
    """

    seen: ClientScan
    base: Base = NOTHING_AGREED
    plan: Plan | None = None
    room: int | None = None
    pauses: Mapping[str, Pause] = {}
    fault: str = ""
    unsettled: bool = False

    @property
    def client(self) -> Client:
        return self.seen.client

    @property
    def id(self) -> str:
        return self.seen.client.row.id

    @property
    def code(self) -> str:
        return self.seen.client.row.code

    @property
    def actions(self) -> tuple[Action, ...]:
        return self.plan.actions if self.plan is not None else ()

    def slim(self) -> ClientPlan:
        """Without what was seen and agreed of documents that the plan is not about: it is not needed any more."""
        if self.plan is None:
            return self
        about: set[str] = set()
        for action in self.plan.actions:
            doc = getattr(action, "doc", None) or getattr(getattr(action, "fetch", None), "doc", None)
            if doc:
                about.add(doc if isinstance(doc, str) else doc.id)
            if lost := getattr(action, "lost", ""):  # whose it was
                about.add(lost)
        freed = {action.vacate for action in self.plan.actions if isinstance(action, Download) and action.vacate}
        base = replace(self.base, docs={i: d for i, d in self.base.docs.items() if i in about})
        docs = [d for d in self.seen.scan.docs if d.disk in freed]
        scan = replace(self.seen.scan, docs=docs, changed={}, strays=[])
        return replace(self, base=base, seen=replace(self.seen, scan=scan))


class Reviewed(msgspec.Struct, frozen=True):
    """What the guards let go, and what waits for a person. `history`: what they judged it by; None where nothing was.

    `counted`: how much it adds to what the whole cabinet is judged by. `partial`: something of the plan is left, because
    the run is about other places in this client.
    """

    planned: ClientPlan
    review: Review = NOTHING_TO_DO
    history: History | None = None
    counted: int = 0
    partial: bool = False

    @property
    def client(self) -> Client:
        return self.planned.seen.client

    @property
    def scan(self) -> Scan:
        return self.planned.seen.scan

    @property
    def id(self) -> str:
        return self.planned.seen.client.row.id

    @property
    def code(self) -> str:
        return self.planned.seen.client.row.code

    def drop(self) -> ClientScan:
        """What is kept of it until its turn comes, when it is scanned and planned again: nothing that grows with its documents."""
        seen = self.planned.seen
        if seen.idle:
            return seen
        return ClientScan(seen.client, Scan(), moved=True)
