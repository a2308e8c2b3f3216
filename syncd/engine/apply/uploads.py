"""Sending folders and documents: batches of many clients, bounded by count and bytes; large ones alone, resumable."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial

from syncd.core import modified_dates, origins
from syncd.core.actions import Action, MakeFolder, Side, Upload
from syncd.core.content import Content
from syncd.core.outcomes import Applied, Conflict, Failed, Outcome, Refused
from syncd.core.protocol import FolderItem, PutItem, Result, Written
from syncd.engine.apply.batches import batches
from syncd.engine.apply.commit import commit
from syncd.engine.apply.concurrency import run_concurrently
from syncd.engine.apply.failures import failed, reason_of
from syncd.engine.apply.remote import not_taken
from syncd.engine.apply.work import ClientWork
from syncd.engine.context import LARGE, Context, Stop
from syncd.ports.local import Stale

Planned = tuple[ClientWork, Upload | MakeFolder]
Ready = tuple[ClientWork, Upload | MakeFolder, bytes]
Sent = tuple[Sequence[Ready], asyncio.Task[Written]]


def _size(one: Planned) -> int:
    return one[1].content.size if isinstance(one[1], Upload) else 0


def _planned(ready: Sequence[Ready]) -> list[Planned]:
    return [(work, action) for work, action, _ in ready]


class Uploads:
    """`most`: bytes to a batch; a document beyond it goes by itself."""

    def __init__(self, ctx: Context, most: int) -> None:
        self.ctx, self.most = ctx, most
        self._once: dict[str, frozenset[Content]] = {}

    async def all(self, works: Sequence[ClientWork]) -> None:
        """While the portal stores one batch, the next is read and the one before written down: never two at once."""
        small, large = self._sorted(works)
        sent: Sent | None = None
        try:
            for batch in batches(small, _size, self.most):
                ready = await asyncio.to_thread(self._read, batch)
                before, sent = sent, None
                written = await before[1] if before is not None else None
                if ready and not self.ctx.recorder.stopping():
                    sent = (ready, asyncio.create_task(self._put(ready)))
                if before is not None and written is not None:
                    await asyncio.to_thread(self._write_down, _planned(before[0]), written)
                self.ctx.recorder.between(batch[-1][0].code)
        except Stop:  # what the portal has in hand is written down first
            await self._last(sent)
            raise
        await self._last(sent)
        await run_concurrently(self.ctx, ((work.code, partial(self._large, work, action)) for work, action in large))

    def _sorted(self, works: Sequence[ClientWork]) -> tuple[list[Planned], list[tuple[ClientWork, Upload]]]:
        """What goes in batches, folders before what goes into them; and what goes by itself."""
        alone = min(LARGE, self.most)
        small: list[Planned] = []
        large: list[tuple[ClientWork, Upload]] = []
        for work in works:
            small += ((work, action) for action in _folders(work))
            for action in (*work.go, *self._fitting(work)):
                if isinstance(action, Upload):
                    (large if action.content.size > alone else small).append((work, action))
        return small, large

    def _fitting(self, work: ClientWork) -> Iterator[Action]:
        """What came up while the plan was carried out (a second version kept), as far as the client's space takes it."""
        for action in work.more:
            if work.room is not None:
                if action.content.size > work.room:
                    commit(self.ctx, [(work, Refused(action, "quota"))])
                    continue
                work.room -= action.content.size
            yield action

    async def _last(self, sent: Sent | None) -> None:
        if sent is not None:
            self._write_down(_planned(sent[0]), await sent[1])

    def _read(self, batch: Sequence[Planned]) -> list[Ready]:
        ready: list[Ready] = []
        for work, action in batch:
            if self.ctx.recorder.stopping():
                return []  # none of it would be sent
            if isinstance(action, MakeFolder):
                ready.append((work, action, b""))
                continue
            try:
                ready.append((work, action, self.ctx.mirror.read(work.dir, action.disk, action.expect)))
            except (OSError, Stale) as e:  # Changed is one: dropped now, seen again next run
                commit(self.ctx, [(work, _not_read(action, e))])
        return ready

    async def _put(self, ready: Sequence[Ready]) -> Written:
        now = self.ctx.clock.now()
        return await self.ctx.remote.put(
            [
                (FolderItem(work.id, a.path) if isinstance(a, MakeFolder) else self._item(work, a, now), data)
                for work, a, data in ready
            ]
        )

    async def _large(self, work: ClientWork, action: Upload) -> None:
        try:
            source = self.ctx.mirror.source(work.dir, action.disk, action.expect)
            written = await self.ctx.remote.put_large(self._item(work, action, self.ctx.clock.now()), source)
        except (OSError, Stale) as e:
            commit(self.ctx, [(work, _not_read(action, e))])
            return
        self._write_down([(work, action)], written)

    def _item(self, work: ClientWork, action: Upload, now: float) -> PutItem:
        lost = work.base.docs.get(action.lost) if action.lost else None
        own = lost.by_company if lost is not None else not action.doc and action.content in self._once_theirs(work)
        modified = modified_dates.kept(action.expect.mtime_ns / 1e9, now)
        arrival = self.ctx.state.arrivals.find(work.id, action.content)
        return PutItem(
            work.id, action.path, action.content, doc=action.doc, version=action.version, by_company=own, modified=modified,
            origin=origins.known(arrival.origin) or "" if arrival is not None else "",
        )  # fmt: skip

    def _once_theirs(self, work: ClientWork) -> frozenset[Content]:
        """What was the company's own in a client of this code that a restored portal lost, and that was made anew."""
        if work.id not in self._once:
            state = self.ctx.state
            former = [r.id for r in state.clients.all() if r.code == work.code and r.id != work.id and r.closed]
            docs = (doc for client in former for doc in state.trees.base.load(client).docs.values())
            self._once[work.id] = frozenset(doc.content for doc in docs if doc.by_company)
        return self._once[work.id]

    def _write_down(self, batch: Sequence[Planned], written: Written) -> None:
        making = {work.id: work for work, action in batch if isinstance(action, MakeFolder)}
        inodes = {i: {folder.disk: folder.inode for folder in work.scan.folders} for i, work in making.items()}
        outcomes = [
            (work, _outcome(action, result, inodes[work.id].get(action.disk, 0) if work.id in inodes else 0))
            for (work, action), result in zip(batch, written.results, strict=True)
        ]
        commit(self.ctx, outcomes, written)


def _outcome(action: Upload | MakeFolder, result: Result, inode: int) -> Outcome:
    """`inode`: of the directory here, for a folder."""
    if isinstance(action, MakeFolder) and result.ok and result.folder is not None:
        return Applied(action, folder=result.folder, inode=inode)
    if isinstance(action, Upload) and result.ok and result.doc is not None:
        return Applied(action, action.expect, doc=result.doc)
    return not_taken(action, result)


def _not_read(action: Upload, error: OSError | Stale) -> Conflict | Failed:
    if isinstance(error, OSError) and error.errno is not None:
        return failed(action, reason_of(error), str(error))
    return Conflict(action, online=False)


def _folders(work: ClientWork) -> list[MakeFolder]:
    """Those to be made online, from the top."""
    makes = [a for a in work.go if isinstance(a, MakeFolder) and a.side is Side.REMOTE]
    return sorted(makes, key=lambda a: a.path.count("/"))
