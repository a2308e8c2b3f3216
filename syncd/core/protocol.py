"""What the engine and the portal say to one another, as values (docs/wire.md gives them their JSON).

Decoding checks every field by its type (core.wire_types). Every answer about a document is its state *now*: applying one twice is harmless.
"""

from __future__ import annotations

import msgspec

from syncd.core import paths
from syncd.core.client_classification import NO_CARD, Card
from syncd.core.content import Content
from syncd.core.entry import RemoteDoc, RemoteFolder
from syncd.core.fiscal_years import Exercise, Scope
from syncd.core.folder_rules import ClientRules, Direction, FolderRule
from syncd.core.wire_types import (
    MAX_TEXT,
    MOST,
    ClientCode,
    Count,
    GivenPath,
    Handle,
    Hex,
    Id,
    LongText,
    Moment,
    OptionalId,
    Path,
    Status,
    Text,
    Word,
)  # fmt: skip

PROTOCOL = 1


class Cursor(msgspec.Struct, frozen=True):
    """A place in the cabinet's feed. A portal that does not know the tag was restored (RULES 7)."""

    epoch: OptionalId
    seq: Count
    tag: OptionalId


class ClientState(msgspec.Struct, frozen=True):
    """`tree`: grows whenever the client's rules change; `closed`: the space was closed, nothing moves any more."""

    id: Id
    code: ClientCode
    name: Text
    tree: Count
    closed: bool = False
    card: Card = NO_CARD


class ClientTree(msgspec.Struct, frozen=True):
    client: Id
    tree: Count
    folders: tuple[FolderRule, ...]
    direction: Direction = Direction.BOTH
    scope: Scope = Scope.ALL
    exercises: tuple[Exercise, ...] = ()
    withheld: tuple[str, ...] = ()

    def check(self) -> None:
        """As it comes over the wire; the types of rules say less, they also read what is kept. Raises ValueError."""
        for path in (*(rule.path for rule in self.folders), *self.withheld):
            if not paths.is_sound(path):
                raise ValueError(f"no folder of a client: '{paths.printable(path[:200])}'")
        for rule in self.folders:
            if not 0 <= rule.max_size <= MOST:
                raise ValueError("a limit out of range")
        words = (w for rule in self.folders for w in (rule.kind, *rule.extensions))
        if not all(paths.is_plain(w) and len(w) <= MAX_TEXT for w in (*words, *(e.label for e in self.exercises))):
            raise ValueError("a word that is none")

    def rules(self, code: str) -> ClientRules:
        return ClientRules(code, self.folders, self.direction, self.scope, self.exercises, frozenset(self.withheld))


class DocChange(msgspec.Struct, frozen=True, gc=False):
    client: Id
    doc: RemoteDoc


class FolderChange(msgspec.Struct, frozen=True, gc=False):
    client: Id
    folder: RemoteFolder
    live: bool = True


class Answer(msgspec.Struct, frozen=True):
    """A person's answer on the cabinet's desk to a waiting set of actions."""

    client: Id
    digest: Hex
    agreed: bool
    by: Text = ""


class FeedHead(msgspec.Struct, frozen=True):
    """Where the cabinet's feed is now."""

    cursor: Cursor


class Caller(msgspec.Struct, frozen=True):
    """Who asks. `lease`: wants to write; a dry run does not. `generation`: see RULES 7.

    `seen`: the furthest place in the feed that any answer named. The cursor may lie before it (others wrote meanwhile);
    a portal that does not know it was restored. `anew`: with the lease, the portal counts from this generation on, whatever
    it had before: somebody else's number had come in.
    """

    engine: Handle
    machine: Text
    instance: Handle
    lease: bool = True
    generation: Count = 0
    seen: Cursor | None = None
    anew: bool = False


class Unsound(msgspec.Struct, frozen=True):
    """In the place of what no portal would say of this client: it stops, others do not."""

    client: Id
    why: Text


class Room(msgspec.Struct, frozen=True):
    """Bytes that the client's space still takes, of those that have a limit."""

    client: Id
    free: Count


class Hello(msgspec.Struct, frozen=True):
    """The first answer: who the portal is, and what changed since the cursor. `holder`: the machine with the lease.

    `last_run`: the highest number of a run that was reported, where the portal does not know the cursor. `moved`: whose
    documents changed, in place of the changes where only that was asked. `rooms`: as they are now. `sync_asked`: somebody at the desk
    asked for a pass over everything, now. `tasks`: of the tasks planned there (`POST /tasks`), 0 where the portal knows none; `packages`: of
    orders of exchange packages. `colour` (`#rrggbb`) and `logo` (whether `GET /logo` shows one to anybody): the cabinet's look, for mails."""

    cabinet: Id
    cabinet_name: Text
    now: Moment
    cursor: Cursor
    lease: Count = 0
    generation: Count = 0
    unknown_cursor: bool = False
    clients: tuple[ClientState, ...] = ()
    docs: tuple[DocChange, ...] = ()
    folders: tuple[FolderChange, ...] = ()
    relist: tuple[Id, ...] = ()
    answers: tuple[Answer, ...] = ()
    holder: Text = ""
    sync_asked: bool = False
    last_run: Count = 0
    unsound: tuple[Unsound, ...] = ()
    moved: tuple[Id, ...] = ()
    rooms: tuple[Room, ...] = ()
    tasks: Count = 0
    packages: Count = 0
    colour: Text = ""
    logo: bool = False

    @property
    def touched(self) -> frozenset[str]:
        """Ids of the clients that changed."""
        own = {c.id for c in self.clients} | {*self.relist, *self.moved} | {u.client for u in self.unsound}
        return frozenset(
            own | {d.client for d in self.docs} | {f.client for f in self.folders} | {a.client for a in self.answers}
        )


class Listing(msgspec.Struct, frozen=True):
    """Everything of one client in one read transaction, with its own count and digest (core.tree_digests)."""

    client: Id
    seq: Count
    epoch: OptionalId
    count: Count
    digest: Hex
    docs: tuple[RemoteDoc, ...] = ()
    folders: tuple[RemoteFolder, ...] = ()


class PutItem(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag="document"):
    """A document to store. `doc` None: new at `path`; else a new version over `version`.

    `by_company`: the company's own, which a restored portal has lost; it stays the company's. `modified`: the file's own date
    (core.modified_dates), None where it is not known. `origin`: its way into the mirror (core.origins), '' by somebody's hand.
    """

    client: Id
    path: GivenPath
    content: Content
    doc: Id | None = None
    version: Count = 0
    by_company: bool = False
    modified: Moment | None = None
    origin: Word = ""


class GetItem(msgspec.Struct, frozen=True, gc=False):
    """A version to bring. `modified`: its file's own date, in the answer alone, where it is known."""

    client: OptionalId
    doc: Id
    version_id: Id
    content: Content
    modified: Moment | None = None


class Coming(msgspec.Struct, frozen=True, gc=False):
    """What the engine reads of a `GetItem` that a body comes with: it knows the rest, and what is not as asked is not taken."""

    version_id: Handle
    modified: Moment | None = None


class FolderItem(msgspec.Struct, frozen=True, gc=False, tag="folder"):
    """A folder to make, with those above it."""

    client: Id
    path: GivenPath


class MoveItem(msgspec.Struct, frozen=True, gc=False):
    """`folder` or `doc` by id; `from_path` is what the mover saw."""

    client: Id
    from_path: GivenPath
    to: GivenPath
    doc: OptionalId = ""
    folder: OptionalId = ""


class RemoveItem(msgspec.Struct, frozen=True, gc=False):
    """To the portal's bin. `withdraw`: moved out of reach at the cabinet (RULES 2). `company`: by a package of its own."""

    client: Id
    doc: Id
    version: Count
    withdraw: bool = False
    company: bool = False


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """The engine has placed this version at the cabinet. `at`: seconds since 1970."""

    client: Id
    doc: Id
    version: Count
    at: Moment


class LeftNote(msgspec.Struct, frozen=True, gc=False):
    """Removed at the cabinet, stays online; `left` False ends it."""

    client: Id
    doc: Id
    left: bool


class Result(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One item's answer. `status`: ok | refused | conflict (seen otherwise: plan anew)."""

    status: Status
    reason: Word = ""
    detail: Text = ""
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
    """How many of one change (core.plan_totals) wait in one folder of the tree; `folder` '': of none."""

    folder: LongText
    change: Word
    count: Count


class WaitingPlan(msgspec.Struct, frozen=True):
    """What waits for agreement, as the desk shows it: `actions` are event lines, the first of them where they are many;
    `totals`: of all of them; an older engine has none, and may leave lines out."""

    client: Handle
    reason: Word
    digest: Hex
    actions: tuple[dict[Handle, object], ...]
    totals: tuple[Total, ...] = ()


class WaitingLines(msgspec.Struct, frozen=True):
    """More lines of a set that waits: those from the `first`-th (from 0) on."""

    client: Handle
    digest: Hex
    first: Count
    actions: tuple[dict[Handle, object], ...]


class OpenReport(msgspec.Struct, frozen=True):
    """What was told of a client and still holds; `path` '' is a stop. `detail`: what fills the reason's sentence."""

    client: Handle
    path: LongText
    reason: Word
    since: Moment
    detail: Text = ""


class ClientDone(msgspec.Struct, frozen=True):
    """What a run did for one client: a verdict's code, and its counts as in the summary, nothing said of zeros."""

    client: Handle
    verdict: Word
    counts: dict[Word, Count]


class RunSummary(msgspec.Struct, frozen=True):
    """`reports`: what still holds everywhere, None when it is what the portal was told last. `clients`: those for which
    something was done or newly told. `lines`: of sets of this summary, which the portal does not have yet. `reason`: why
    the run was given up, '' when it was not; `cause`: what the network or the disk said of it."""

    run: Count
    started: Moment
    ended: Moment
    verdict: Word
    counts: dict[Word, Count]
    exit_code: Count
    chain_head: Hex
    generation: Count
    waiting: tuple[WaitingPlan, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    left: tuple[LeftNote, ...] = ()
    reports: tuple[OpenReport, ...] | None = None
    clients: tuple[ClientDone, ...] = ()
    lines: tuple[WaitingLines, ...] = ()
    reason: Word = ""
    cause: Text = ""

    def nameless(self) -> RunSummary:
        """Without a document's name, where one is barred on the way. What was never shown is agreed to at the cabinet."""
        return msgspec.structs.replace(
            self, lines=(), cause="", waiting=tuple(msgspec.structs.replace(w, actions=()) for w in self.waiting),
            reports=None if self.reports is None else tuple(dict.fromkeys(msgspec.structs.replace(r, path="", detail="") for r in self.reports)),
        )  # fmt: skip


class Former(msgspec.Struct, frozen=True):
    """A document as it was at some moment: its place, and the version it had."""

    doc: Id
    path: Path
    content: Content
    version: Count
    version_id: Id


class Rotten(msgspec.Struct, frozen=True):
    """A version whose bytes the portal no longer holds as they were. `current`: of a live document."""

    doc: Id
    path: Path
    version_id: Id
    version: Count
    content: Content
    current: bool


class ChainHead(msgspec.Struct, frozen=True):
    """The head of the event stream that a run's summary left with the portal. `at`: when that run ended."""

    run: Count
    at: Moment
    head: Hex


class Parity(msgspec.Struct, frozen=True):
    """Count and digest of what the portal says both sides hold."""

    client: Id
    count: Count
    digest: Hex
