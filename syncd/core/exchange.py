"""What the engine and the portal say to one another, as values (docs/wire.md gives them their JSON).

Ids are 128-bit hexadecimal. Every answer about a document is its state *now*: applying one twice is harmless.
"""

from __future__ import annotations

from dataclasses import dataclass

from syncd.core.content import Content
from syncd.core.entry import RemoteDoc, RemoteFolder
from syncd.core.exercises import Exercise, Scope
from syncd.core.folder_rules import ClientRules, Direction, FolderRule

PROTOCOL = 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the cabinet's feed. A portal that does not know the tag was restored (RULES 7)."""

    epoch: str
    seq: int
    tag: str


@dataclass(frozen=True, slots=True)
class Card:
    """What reports and portfolios are cut by; `kind`: BNC, IS, …; empty where the client's card says nothing."""

    responsible: str = ""
    site: str = ""
    group: str = ""
    sector: str = ""
    kind: str = ""


NO_CARD = Card()


@dataclass(frozen=True, slots=True)
class ClientState:
    """`tree`: grows whenever the client's rules change; `closed`: the space was closed, nothing moves any more."""

    id: str
    code: str
    name: str
    tree: int
    closed: bool = False
    card: Card = NO_CARD


@dataclass(frozen=True, slots=True)
class ClientTree:
    client: str
    tree: int
    folders: tuple[FolderRule, ...]
    direction: Direction = Direction.BOTH
    scope: Scope = Scope.ALL
    exercises: tuple[Exercise, ...] = ()
    withheld: tuple[str, ...] = ()

    def rules(self, code: str) -> ClientRules:
        return ClientRules(code, self.folders, self.direction, self.scope, self.exercises, frozenset(self.withheld))


@dataclass(frozen=True, slots=True)
class DocChange:
    client: str
    doc: RemoteDoc


@dataclass(frozen=True, slots=True)
class FolderChange:
    client: str
    folder: RemoteFolder
    live: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer on the cabinet's desk to a waiting set of actions."""

    client: str
    digest: str
    agreed: bool
    by: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
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


@dataclass(frozen=True, slots=True)
class Hello:
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


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything of one client in one read transaction, with its own count and digest (core.parity)."""

    client: str
    seq: int
    epoch: str
    count: int
    digest: str
    docs: tuple[RemoteDoc, ...] = ()
    folders: tuple[RemoteFolder, ...] = ()


@dataclass(frozen=True, slots=True)
class PutItem:
    """A document to store. `doc` None: new at `path`; else a new version over `version`."""

    client: str
    path: str
    content: Content
    xxh3: str = ""
    doc: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class GetItem:
    client: str
    doc: str
    version_id: str
    content: Content


@dataclass(frozen=True, slots=True)
class FolderItem:
    client: str
    path: str


@dataclass(frozen=True, slots=True)
class MoveItem:
    """`folder` or `doc` by id; `from_path` is what the mover saw."""

    client: str
    from_path: str
    to: str
    doc: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class RemoveItem:
    """To the portal's bin. `withdraw`: moved out of reach at the cabinet (RULES 2)."""

    client: str
    doc: str
    version: int
    withdraw: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The engine has placed this version at the cabinet. `at`: seconds since 1970."""

    client: str
    doc: str
    version: int
    at: float


@dataclass(frozen=True, slots=True)
class LeftNote:
    """Removed at the cabinet, stays online; `left` False ends it."""

    client: str
    doc: str
    left: bool


@dataclass(frozen=True, slots=True)
class Result:
    """One item's answer. `status`: ok | refused | conflict (seen otherwise: plan anew)."""

    status: str
    reason: str = ""
    detail: str = ""
    doc: RemoteDoc | None = None
    folder: RemoteFolder | None = None

    @property
    def ok(self) -> bool:
        return self.status == "ok"


@dataclass(frozen=True, slots=True)
class Written:
    """Answers to one write. The cursor moves from `before` to `after` when nothing came in between."""

    results: tuple[Result, ...]
    before: Cursor
    after: Cursor


@dataclass(frozen=True, slots=True)
class WaitingPlan:
    """What waits for agreement, as the desk shows it: `actions` are event lines."""

    client: str
    reason: str
    digest: str
    actions: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class OpenReport:
    """What was told of a client and still holds: refusals, problems, stops (`path` ''). `since`: seconds since 1970."""

    client: str
    path: str
    reason: str
    since: float


@dataclass(frozen=True, slots=True)
class RunSummary:
    """`reports`: what still holds everywhere, None when it is what the portal was told last."""

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


@dataclass(frozen=True, slots=True)
class Former:
    """A document as it was at some moment: its place, and the version it had."""

    doc: str
    path: str
    content: Content
    version: int
    version_id: str


@dataclass(frozen=True, slots=True)
class Rotten:
    """A version whose bytes the portal no longer holds as they were. `current`: of a live document."""

    doc: str
    path: str
    version_id: str
    version: int
    content: Content
    current: bool


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The head of the event stream that a run's summary left with the portal. `at`: when that run ended."""

    run: int
    at: float
    head: str


@dataclass(frozen=True, slots=True)
class Parity:
    """Count and digest of what the portal says both sides hold."""

    client: str
    count: int
    digest: str
