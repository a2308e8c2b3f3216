"""What became of a document that a job brought into the mirror: whether it lies there still, and whether the portal has it."""

from __future__ import annotations

from syncd.core.content import Content, Stamp
from syncd.core.paths import DiskPath
from syncd.engine.context import Context
from syncd.ports.local import Stale
from syncd.ports.state import Arrival, ClientRow

DATES = 2_000_000_000  # ns by which a disk may round a date
PROVES = ("upload", "record")  # events that tell of a content that the portal has


class Proofs:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def online(self, row: ClientRow, content: Content) -> bool:
        return self._ctx.state.trees.contents.agreed(row.id, content)

    def answered(self, row: ClientRow, arrival: Arrival) -> bool:
        """Whether it was online since: somebody may have written over it, or removed it, before the robot looked again."""
        events = self._ctx.state.journal.events(client=row.code, start=arrival.at)
        return any(e.sha256 == arrival.content.hex and e.action in PROVES for _, e in events)

    def came_after(self, row: ClientRow, arrival: Arrival, scan: Stamp, ahead: float) -> bool:
        """Whether a scan of the same content is another, made after that one was online: the power went when its source was
        put away, and nobody wrote that down. `ahead`: of the share's clock, seconds.
        """
        return arrival.at > 0 and scan.mtime_ns / 1e9 - ahead > arrival.at and self.answered(row, arrival)

    def lies(self, row: ClientRow, arrival: Arrival, scan: Stamp | None = None) -> bool:
        """Where it was placed. `scan`: its source's; what bears that date and size is not read anew."""
        at = DiskPath(arrival.path)
        try:
            there = self._ctx.mirror.stat(row.dir, at)
            if there is None or there.size != arrival.content.size:
                return False
            if arrival.at and scan is not None and abs(there.mtime_ns - scan.mtime_ns) < DATES:
                return True
            return self._ctx.mirror.content(row.dir, at) == arrival.content
        except (Stale, OSError):
            return False
