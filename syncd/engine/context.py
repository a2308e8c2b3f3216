"""What a run works with, and what it knows of each client while it lasts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec.structs import replace

from syncd.core.actions import Action, Download, Forget, Record
from syncd.core.events import Event
from syncd.core.folder_rules import ClientRules
from syncd.core.guards import History, Limits, Review
from syncd.core.planner import Plan
from syncd.core.snapshot import Base
from syncd.ports.clock import Clock
from syncd.ports.local import Mirror, Scan
from syncd.ports.remote import Remote
from syncd.ports.state import ClientRow, Pause, State

LARGE = 8_000_000
BATCH_BYTES = 16_000_000
BATCH_COUNT = 2000


class Settings(msgspec.Struct, frozen=True):
    """`cabinet` and `root`: ids bound by `init`. `only`: codes asked for, empty: all. Times in seconds.

    `places`: by code, where in that client alone something is done; a client that is not named: everywhere.
    `patient`: a run waits for young documents and says which are still moving; a service comes back for them instead.
    `resting`: nothing is transferred at these hours.
    `stamp`: turns a time into a conflict copy's `2026-11-21 14h03`, in the cabinet's time zone.
    """

    cabinet: str
    root: str
    engine: str
    machine: str
    instance: str
    stamp: Callable[[float], str]
    limits: Limits = msgspec.field(default_factory=Limits)
    settle: float = 2.0
    exclude: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    ignore: tuple[str, ...] = ()
    dry_run: bool = False
    max_duration: float | None = None
    reserve: int = 64_000_000
    patient: bool = True
    resting: Callable[[], bool] = lambda: False
    places: Mapping[str, tuple[str, ...]] = {}


class Parts(msgspec.Struct):
    remote: Remote
    mirror: Mirror
    state: State
    clock: Clock
    rooms: dict[str, int] = {}  # bytes by client's id, as the portal said when it was greeted; absent: no limit


class Job(msgspec.Struct):
    """One client in this run. `adopt`: an unmarked directory that waits to be taken as this client's. `idle`: neither
    side has moved since its last plan, which was empty. `young`: documents left for the service to come back to. `fault`:
    what its plan tripped over. `dropped`: what was seen and planned was too much to be kept; it is seen and planned again.
    `planned`: how much it adds to what the whole cabinet is judged by. `ahead`: what was seen of it before its turn.
    `stopped`: its directory turned out not to be the engine's to work in.
    `partial`: something of its plan is left, because the run is about other places in it.
    `held_back`: something known lies where a link, say, is in the way.
    `room`: bytes that its space still takes beside what is planned; None: no limit.
    """

    row: ClientRow
    rules: ClientRules
    dir: str = ""
    adopt: bool = False
    scan: Scan = msgspec.field(default_factory=Scan)
    base: Base = msgspec.field(default_factory=Base)
    plan: Plan | None = None
    history: History | None = None
    review: Review = msgspec.field(default_factory=lambda: Review(()))
    more: list[Action] = msgspec.field(default_factory=list)
    late: list[Record | Forget] = msgspec.field(default_factory=list)
    stumbled: bool = False
    fault: str = ""
    dropped: bool = False
    planned: int = 0
    idle: bool = False
    young: frozenset[str] = frozenset()
    pauses: dict[str, Pause] = msgspec.field(default_factory=dict)
    ahead: Scan | None = None
    stopped: bool = False
    partial: bool = False
    room: int | None = None
    held_back: bool = False

    def slim(self) -> None:
        """What was seen and agreed of documents that the plan is not about is not needed any more."""
        if self.plan is None:
            return
        about: set[str] = set()
        for action in self.plan.actions:
            doc = getattr(action, "doc", None) or getattr(getattr(action, "fetch", None), "doc", None)
            if doc:
                about.add(doc if isinstance(doc, str) else doc.id)
            if lost := getattr(action, "lost", ""):  # whose it was
                about.add(lost)
        freed = {action.vacate for action in self.plan.actions if isinstance(action, Download) and action.vacate}
        self.base = replace(self.base, docs={i: d for i, d in self.base.docs.items() if i in about})
        self.scan.docs = [d for d in self.scan.docs if d.disk in freed]
        self.scan.changed, self.scan.strays = {}, []

    def drop(self) -> None:
        """Keep nothing that grows with the documents; a run over any number of clients holds a portion of them."""
        if self.plan is None or not self.plan.actions:
            self.history = None  # judged by nothing: should there be something next time, it is looked up then
        self.scan = Scan(notices=self.scan.notices, look=self.scan.look) if self.idle else Scan()
        self.base, self.plan, self.review = Base(), None, Review(())
        self.more, self.late, self.dropped = [], [], True

    @property
    def code(self) -> str:
        return self.row.code

    @property
    def id(self) -> str:
        return self.row.id


Emit = Callable[[Event], None]


class Stop(Exception):
    """The run ends between two documents: a signal (130, 143) or its time budget (10)."""

    def __init__(self, code: int) -> None:
        self.code = code
