"""One client's plan while it is carried out: the one thing about a client that changes in a pass, and only in here."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from syncd.core.actions import Action, Download, Forget, KeepBoth, Record, Upload
from syncd.core.content import Stamp
from syncd.core.effects import Before
from syncd.core.paths import DiskPath
from syncd.engine.stages import Reviewed


class ClientWork:
    """`go`: what is to be done, as it is expected by now. `late`: agreements that count once the folders around them have
    moved. `more`: uploads that came up meanwhile (a second version kept). `stumbled`: something was not done.

    `stopped`: its directory turned out not to be the engine's to work in. `completed`: keys of the top-level folders of
    which a publication was acknowledged. `room`: bytes that its space at the portal takes beside what is planned.
    """

    def __init__(self, reviewed: Reviewed) -> None:
        client, planned = reviewed.client, reviewed.planned
        self.reviewed, self.row = reviewed, client.row
        self.id, self.code, self.dir = client.row.id, client.row.code, client.dir
        self.base, self.scan, self.pauses = planned.base, planned.seen.scan, planned.pauses
        self.before = Before(self.id, self.code, planned.base, reviewed.history)
        self.go: tuple[Action, ...] = reviewed.review.go
        self.late: Sequence[Record | Forget] = ()
        self.more: list[Upload] = []
        self.completed = client.row.completed
        self.room = planned.room
        self.stumbled = planned.unsettled
        self.stopped = False

    def give_up(self) -> None:
        """Nothing more of its plan is carried out, here or online."""
        self.stumbled, self.go, self.more, self.late = True, (), [], ()

    def follow(self, doc: str, disk: DiskPath, to: DiskPath, stamp: Stamp) -> None:
        """Later actions of the plan on a document that was just renamed expect it as it is now."""

        def now(action: Action) -> Action:
            if isinstance(action, Upload) and action.doc == doc and action.disk in (disk, to):
                return replace(action, disk=to, expect=stamp)
            if isinstance(action, Download) and action.doc == doc and action.expect is not None:
                return replace(action, disk=to, expect=stamp)
            if isinstance(action, KeepBoth) and action.fetch is not None and action.fetch.doc == doc:
                return replace(action, disk=to, expect=stamp)
            return action

        self.go = tuple(now(a) for a in self.go)
