"""What the engine and the portal say to one another, as values (docs/wire.md gives them their JSON).

Ids are 128-bit hexadecimal. Every answer about a document is its state *now*: applying one twice is harmless.
"""

from __future__ import annotations

import msgspec

from syncd.core.content import Content
from syncd.core.entry import RemoteDoc, RemoteFolder
from syncd.core.exercises import Exercise, Scope
from syncd.core.folder_rules import ClientRules, Direction, FolderRule

PROTOCOL = 1


class Cursor(msgspec.Struct, frozen=True):
    """A place in the cabinet's feed. A portal that does not know the tag was restored (RULES 7)."""

    epoch: str
    seq: int
    tag: str


class Card(msgspec.Struct, frozen=True):
    """What reports and portfolios are cut by; `kind`: BNC, IS, …; empty where the client's card says nothing."""

    responsible: str = ""
    site: str = ""
    group: str = ""
    sector: str = ""
    kind: str = ""


NO_CARD = Card()


class ClientState(msgspec.Struct, frozen=True):
    """`tree`: grows whenever the client's rules change; `closed`: the space was closed, nothing moves any more."""

    id: str
    code: str
    name: str
    tree: int
    closed: bool = False
    card: Card = NO_CARD


class ClientTree(msgspec.Struct, frozen=True):
    client: str
    tree: int
    folders: tuple[FolderRule, ...]
    direction: Direction = Direction.BOTH
    scope: Scope = Scope.ALL
    exercises: tuple[Exercise, ...] = ()
    withheld: tuple[str, ...] = ()

    def rules(self, code: str) -> ClientRules:
        return ClientRules(code, self.folders, self.direction, self.scope, self.exercises, frozenset(self.withheld))


class DocChange(msgspec.Struct, frozen=True, gc=False):
    client: str
    doc: RemoteDoc


class FolderChange(msgspec.Struct, frozen=True, gc=False):
    client: str
    folder: RemoteFolder
    live: bool = True


class Answer(msgspec.Struct, frozen=True):
    """A person's answer on the cabinet's desk to a waiting set of actions."""

    client: str
    digest: str
    agreed: bool
    by: str = ""


class Caller(msgspec.Struct, frozen=True):
    """Who asks. `lease`: wants to write; a dry run does not. `generation`: see RULES 7.

    `seen`: the furthest place in the feed that any answer named. The cursor may lie before it (others wrote meanwhile);
    a portal that does not know it was restored.
    """

    engine: str
    machine: str
    instance: str
    lease: bool = True
    generation: int = 0
    seen: Cursor | None = None


class Hello(msgspec.Struct, frozen=True):
    """The first answer: who the portal is, and what changed since the cursor. `holder`: the machine with the lease.

    `sync_asked`: somebody at the desk asked for a pass over everything, now.
    """

    cabinet: str
    cabinet_name: str
    now: float
    cursor: Cursor
    lease: int = 0
    generation: int = 0
    unknown_cursor: bool = False
    clients: tuple[ClientState, ...] = ()
    docs: tuple[DocChange, ...] = ()
    folders: tuple[FolderChange, ...] = ()
    relist: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    holder: str = ""
    sync_asked: bool = False

    @property
    def touched(self) -> frozenset[str]:
        """Ids of the clients that changed."""
        own = {c.id for c in self.clients} | set(self.relist)
        return frozenset(
            own | {d.client for d in self.docs} | {f.client for f in self.folders} | {a.client for a in self.answers}
        )


class Listing(msgspec.Struct, frozen=True):
    """Everything of one client in one read transaction, with its own count and digest (core.parity)."""

    client: str
    seq: int
    epoch: str
    count: int
    digest: str
    docs: tuple[RemoteDoc, ...] = ()
    folders: tuple[RemoteFolder, ...] = ()


class PutItem(msgspec.Struct, frozen=True, gc=False, tag="document"):
    """A document to store. `doc` None: new at `path`; else a new version over `version`."""

    client: str
    path: str
    content: Content
    xxh3: str = ""
    doc: str | None = None
    version: int = 0


class GetItem(msgspec.Struct, frozen=True, gc=False):
    client: str
    doc: str
    version_id: str
    content: Content


class FolderItem(msgspec.Struct, frozen=True, gc=False, tag="folder"):
    """A folder to make, with those above it."""

    client: str
    path: str


class MoveItem(msgspec.Struct, frozen=True, gc=False):
    """`folder` or `doc` by id; `from_path` is what the mover saw."""

    client: str
    from_path: str
    to: str
    doc: str = ""
    folder: str = ""


class RemoveItem(msgspec.Struct, frozen=True, gc=False):
    """To the portal's bin. `withdraw`: moved out of reach at the cabinet (RULES 2)."""

    client: str
    doc: str
    version: int
    withdraw: bool = False


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """The engine has placed this version at the cabinet. `at`: seconds since 1970."""

    client: str
    doc: str
    version: int
    at: float


class LeftNote(msgspec.Struct, frozen=True, gc=False):
    """Removed at the cabinet, stays online; `left` False ends it."""

    client: str
    doc: str
    left: bool


class Result(msgspec.Struct, frozen=True, gc=False):
    """One item's answer. `status`: ok | refused | conflict (seen otherwise: plan anew)."""

    status: str
    reason: str = ""
    detail: str = ""
    doc: RemoteDoc | None = None
    folder: RemoteFolder | None = None

    @property
    def ok(self) -> bool:
        return self.status == "ok"


class Written(msgspec.Struct, frozen=True):
    """Answers to one write. The cursor moves from `before` to `after` when nothing came in between."""

    results: tuple[Result, ...]
    before: Cursor
    after: Cursor


class Total(msgspec.Struct, frozen=True):
    """How many of one change (core.agreements) wait in one folder of the tree; `folder` '': of none."""

    folder: str
    change: str
    count: int


class WaitingPlan(msgspec.Struct, frozen=True):
    """What waits for agreement, as the desk shows it: `actions` are event lines, the first of them where they are many.

    `totals`: of all of them; an older engine has none, and may leave lines out.
    """

    client: str
    reason: str
    digest: str
    actions: tuple[dict[str, object], ...]
    totals: tuple[Total, ...] = ()


class WaitingLines(msgspec.Struct, frozen=True):
    """More lines of a set that waits: those from the `first`-th (from 0) on."""

    client: str
    digest: str
    first: int
    actions: tuple[dict[str, object], ...]


class OpenReport(msgspec.Struct, frozen=True):
    """What was told of a client and still holds: refusals, problems, stops (`path` ''). `since`: seconds since 1970."""

    client: str
    path: str
    reason: str
    since: float


class ClientDone(msgspec.Struct, frozen=True):
    """What a run did for one client: a verdict's code, and its counts as in the summary, nothing said of zeros."""

    client: str
    verdict: str
    counts: dict[str, int]


class RunSummary(msgspec.Struct, frozen=True):
    """`reports`: what still holds everywhere, None when it is what the portal was told last. `clients`: those for which
    something was done or newly told. `lines`: of sets of this summary, which the portal does not have yet.
    """

    run: int
    started: float
    ended: float
    verdict: str
    counts: dict[str, int]
    exit_code: int
    chain_head: str
    generation: int
    waiting: tuple[WaitingPlan, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    left: tuple[LeftNote, ...] = ()
    reports: tuple[OpenReport, ...] | None = None
    clients: tuple[ClientDone, ...] = ()
    lines: tuple[WaitingLines, ...] = ()


class Former(msgspec.Struct, frozen=True):
    """A document as it was at some moment: its place, and the version it had."""

    doc: str
    path: str
    content: Content
    version: int
    version_id: str


class Rotten(msgspec.Struct, frozen=True):
    """A version whose bytes the portal no longer holds as they were. `current`: of a live document."""

    doc: str
    path: str
    version_id: str
    version: int
    content: Content
    current: bool


class ChainHead(msgspec.Struct, frozen=True):
    """The head of the event stream that a run's summary left with the portal. `at`: when that run ended."""

    run: int
    at: float
    head: str


class Parity(msgspec.Struct, frozen=True):
    """Count and digest of what the portal says both sides hold."""

    client: str
    count: int
    digest: str
