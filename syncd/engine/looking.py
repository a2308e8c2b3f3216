"""Who need not be walked: most clients at most times look as they did when there was nothing to do for them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from types import TracebackType

from syncd.engine.ledger import Ledger
from syncd.engine.parts import Job, Parts
from syncd.ports.local import Looks
from syncd.ports.state import ClientRow

LOOKED_AT = 500  # clients looked at together; a run can be stopped in between


class Looking:
    """A look is of the disk alone, and may be begun before the portal has said anything."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._asked: set[str] = set()
        self._looks: Looks | None = None

    def __enter__(self) -> Looking:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._looks is not None:
            self._looks.close()

    def begin(self, rows: Iterable[ClientRow]) -> None:
        looks = self._parts.state.looks()
        before = {row.dir: looks[row.id] for row in rows if row.id in looks and _was_clean(row)}
        self._looks, self._asked = self._parts.mirror.looks(before), set(before)

    async def idle(self, ledger: Ledger, jobs: Sequence[Job]) -> None:
        """Say so of each job that is."""
        if self._looks is None:
            self.begin(job.row for job in jobs)
        assert self._looks is not None
        likely = [job for job in jobs if job.dir in self._asked and _was_clean(job.row) and not job.adopt]
        for n in range(0, len(likely), LOOKED_AT):
            some = likely[n : n + LOOKED_AT]
            ledger.between(some[0].code)
            same = await asyncio.to_thread(self._looks.same, [job.dir for job in some])
            for job in some:
                job.idle = job.dir in same


def _was_clean(row: ClientRow) -> bool:
    """The last plan was empty, and nothing was observed online since."""
    return bool(row.clean and row.dir and not row.recovery)
