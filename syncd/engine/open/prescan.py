"""Who need not be walked: most clients at most times look as they did when there was nothing to do for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from types import TracebackType

from syncd.core.errors import SyncdError
from syncd.core.protocol import Hello
from syncd.engine.context import Job, Parts, Stop
from syncd.engine.open import scan
from syncd.engine.recorder import Recorder
from syncd.ports.local import Interrupted, Looks
from syncd.ports.state import ClientRow

LOOKED_AT = 500  # clients looked at together; a run can be stopped in between


class Prescan:
    """A look or a walk is of the disk alone, and may be taken before the portal has said anything."""

    def __init__(self, parts: Parts, recorder: Recorder) -> None:
        self._parts, self._recorder = parts, recorder
        self._rows: list[ClientRow] = []
        self._asked: set[str] = set()
        self._looks: Looks | None = None
        self._found: dict[str, bool] = {}  # by directory: looks as before
        self._walked: dict[str, Job] = {}  # by client
        self._held = 0  # documents
        self._answered = False

    def __enter__(self) -> Prescan:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._walked.clear()  # what is still needed of it is the jobs' own
        if self._looks is not None:
            self._looks.close()

    def begin(self, rows: Iterable[ClientRow]) -> None:
        self._rows = list(rows)
        looks = self._parts.state.looks()
        before = {row.dir: looks[row.id] for row in self._rows if row.id in looks and _was_clean(row)}
        self._looks, self._asked = self._parts.mirror.looks(before), set(before)

    async def meanwhile(self, answer: Awaitable[Hello]) -> Hello:
        """Until the portal answers, write down that a run began, look at one client after the other, and walk those that
        look otherwise."""
        going = asyncio.create_task(self._ahead())
        try:
            return await answer
        except (SyncdError, Stop):  # what was read is not read again, though nothing comes of it now
            self._answered = True
            await going
            scan.remember(self._parts, [job for job in self._walked.values() if job.scan.changed])
            raise
        finally:
            self._answered = True
            await going

    async def _ahead(self) -> None:
        await asyncio.to_thread(lambda: self._recorder.run)
        for row in self._rows:
            if row.dir in self._asked and not self._answered:
                await self._look([row.dir])
            if self._answered or self._held >= scan.PORTION:
                break
            if not self._found.get(row.dir):
                await self._walk(row)

    async def _look(self, directories: Sequence[str]) -> None:
        assert self._looks is not None
        same = await asyncio.to_thread(self._looks.same, directories)
        self._found |= {directory: directory in same for directory in directories}

    async def _walk(self, row: ClientRow) -> None:
        if not row.dir or row.rules is None or row.closed:
            return
        job = Job(row, row.rules.rules(row.code), row.dir)
        known = self._parts.state.known(row.id)
        try:
            job.scan = await asyncio.to_thread(scan.walk, self._parts, self._recorder, job, known)
        except Interrupted as e:  # the run ends before it comes to this one
            job.scan.changed = e.changed
            scan.remember(self._parts, [job])
            self._answered = True
            return
        except Exception:  # of this client alone: walked again when it is its turn, and told then
            return
        self._walked[row.id] = job
        self._held += len(job.scan.docs) + len(job.scan.young)

    async def idle(self, jobs: Sequence[Job]) -> None:
        """Say so of each job that is; of the others, what was seen of them already."""
        if self._looks is None:
            self.begin(job.row for job in jobs)
        likely = [job for job in jobs if job.dir in self._asked and _was_clean(job.row) and not job.adopt]
        unknown = [job for job in likely if job.dir not in self._found]
        for n in range(0, len(unknown), LOOKED_AT):
            some = unknown[n : n + LOOKED_AT]
            self._recorder.between(some[0].code)
            await self._look([job.dir for job in some])
        for job in likely:
            job.idle = self._found[job.dir]
        for job in jobs:
            walked = self._walked.get(job.id)
            if walked is not None and not job.adopt and (walked.dir, walked.row.rules) == (job.dir, job.row.rules):
                job.ahead = walked.scan


def _was_clean(row: ClientRow) -> bool:
    """The last plan was empty, and nothing was observed online since."""
    return bool(row.clean and row.dir and not row.recovery)
