"""Who need not be walked: most clients at most times look as they did when there was nothing to do for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from types import TracebackType

from syncd.core.errors import SyncdError
from syncd.core.protocol import Hello
from syncd.engine.context import Context, Stop
from syncd.engine.open import scan
from syncd.engine.open.scan import Glimpse
from syncd.engine.stages import Client
from syncd.ports.local import Interrupted, Looks, Scan
from syncd.ports.state import ClientRow

LOOKED_AT = 500  # clients looked at together; a run can be stopped in between


class Prescan:
    """A look or a walk is of the disk alone, and may be taken before the portal has said anything."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._rows: list[ClientRow] = []
        self._asked: set[str] = set()
        self._looks: Looks | None = None
        self._same: dict[str, bool] = {}  # by directory: looks as before
        self._walked: dict[str, tuple[Client, Scan]] = {}  # by client
        self._held = 0  # documents
        self._answered = False

    def __enter__(self) -> Prescan:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._walked.clear()  # what is still needed of it is the scan's own
        if self._looks is not None:
            self._looks.close()

    def begin(self, rows: Iterable[ClientRow]) -> None:
        self._rows = list(rows)
        looks = self._ctx.state.clients.looks()
        before = {row.dir: looks[row.id] for row in self._rows if row.id in looks and _was_clean(row)}
        self._looks, self._asked = self._ctx.mirror.looks(before), set(before)

    async def meanwhile(self, answer: Awaitable[Hello]) -> Hello:
        """Until the portal answers, write down that a run began, look at one client after the other, and walk those that
        look otherwise."""
        going = asyncio.create_task(self._ahead())
        try:
            return await answer
        except (SyncdError, Stop):  # what was read is not read again, though nothing comes of it now
            self._answered = True
            await going
            scan.remember(self._ctx, list(self._walked.values()))
            raise
        finally:
            self._answered = True
            await going

    async def _ahead(self) -> None:
        await asyncio.to_thread(lambda: self._ctx.recorder.run)
        for row in self._rows:
            if row.dir in self._asked and not self._answered:
                await self._look([row.dir])
            if self._answered or self._held >= scan.PORTION:
                break
            if not self._same.get(row.dir):
                await self._walk(row)

    async def _look(self, directories: Sequence[str]) -> None:
        assert self._looks is not None
        same = await asyncio.to_thread(self._looks.same, directories)
        self._same |= {directory: directory in same for directory in directories}

    async def _walk(self, row: ClientRow) -> None:
        if not row.dir or row.rules is None or row.closed:
            return
        client = Client(row, row.rules.rules(row.code), row.dir)
        known = self._ctx.state.trees.local.known(row.id)
        try:
            found = await asyncio.to_thread(scan.walk_directory, self._ctx, client, known)
        except Interrupted as e:  # the run ends before it comes to this one
            scan.remember(self._ctx, [(client, Scan(changed=e.changed))])
            self._answered = True
            return
        except Exception:  # of this client alone: walked again when it is its turn, and told then
            return
        self._walked[row.id] = client, found
        self._held += len(found.docs) + len(found.young)

    async def glimpse(self, clients: Sequence[Client]) -> Glimpse:
        """Which of them look as before; of the others, what was seen of them already."""
        if self._looks is None:
            self.begin(client.row for client in clients)
        likely = [c for c in clients if c.dir in self._asked and _was_clean(c.row) and not c.adopt]
        unknown = [c for c in likely if c.dir not in self._same]
        for n in range(0, len(unknown), LOOKED_AT):
            some = unknown[n : n + LOOKED_AT]
            self._ctx.recorder.between(some[0].code)
            await self._look([c.dir for c in some])
        idle = {c.id for c in likely if self._same[c.dir]}
        walked: dict[str, Scan] = {}
        for client in clients:
            before = self._walked.get(client.id)
            if before is None or client.adopt:
                continue
            if (before[0].dir, before[0].row.rules) == (client.dir, client.row.rules):
                walked[client.id] = before[1]
        return Glimpse(idle, walked)


def _was_clean(row: ClientRow) -> bool:
    """The last plan was empty, and nothing was observed online since."""
    return bool(row.clean and row.dir and not row.recovery)
