"""Sending folders and documents: batches of many clients, bounded by count and bytes; large ones alone, resumable."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import partial

from syncd.core import modified_dates
from syncd.core.actions import Action, MakeFolder, Side, Upload, digest
from syncd.core.entry import BaseDoc, BaseFolder, RemoteDoc, RemoteFolder
from syncd.core.guards import FOREIGN
from syncd.core.protocol import FolderItem, PutItem, Written
from syncd.engine import backoff
from syncd.engine.apply.concurrency import at_once
from syncd.engine.apply.local import published, reason_of, record_base, settle_guard, stumble
from syncd.engine.apply.remote import not_taken
from syncd.engine.context import BATCH_COUNT, LARGE, Job, Parts, Stop
from syncd.engine.open.portal import take_answers
from syncd.engine.recorder import Recorder
from syncd.ports.local import Stale

IN_BETWEEN = ("proxy_limit", "proxy_barred", "line_cut")  # it did not come as far as the portal

Planned = tuple[Job, Upload | MakeFolder]
Ready = tuple[Job, Upload | MakeFolder, bytes]
Sent = tuple[Sequence[Ready], asyncio.Task[Written]]


def _batches(planned: Sequence[Planned], most: int) -> Iterator[list[Planned]]:
    batch: list[Planned] = []
    size = 0
    for job, action in planned:
        more = action.content.size if isinstance(action, Upload) else 0
        if batch and (len(batch) >= BATCH_COUNT or size + more > most):
            yield batch
            batch, size = [], 0
        batch.append((job, action))
        size += more
    if batch:
        yield batch


def _planned(ready: Sequence[Ready]) -> list[Planned]:
    return [(job, action) for job, action, _ in ready]


class Uploads:
    """`most`: bytes to a batch; a document beyond it goes by itself."""

    def __init__(self, parts: Parts, recorder: Recorder, most: int) -> None:
        self.parts, self.recorder, self.most = parts, recorder, most

    async def all(self, jobs: Sequence[Job]) -> None:
        """While the portal stores one batch, the next is read and the one before written down: never two at once."""
        alone = min(LARGE, self.most)
        small: list[Planned] = []
        large: list[tuple[Job, Upload]] = []
        for job in jobs:
            small += ((job, action) for action in _folders(job))  # before what goes into them
            for action in (*job.review.go, *self._fitting(job)):
                if isinstance(action, Upload):
                    (large if action.content.size > alone else small).append((job, action))
        sent: Sent | None = None
        try:
            for batch in _batches(small, self.most):
                ready = await asyncio.to_thread(self._read, batch)
                before, sent = sent, None
                written = await before[1] if before is not None else None
                if ready and not self.recorder.stopping():
                    sent = (ready, asyncio.create_task(self._put(ready)))
                if before is not None and written is not None:
                    await asyncio.to_thread(self._settle, _planned(before[0]), written)
                self.recorder.between(batch[-1][0].code)
        except Stop:  # what the portal has in hand is written down first
            await self._last(sent)
            raise
        await self._last(sent)
        await at_once(self.recorder, ((job.code, partial(self._large, job, action)) for job, action in large))

    def _fitting(self, job: Job) -> Iterator[Action]:
        """What came up while the plan was carried out (a second version kept), as far as the client's space takes it."""
        for action in job.more:
            if isinstance(action, Upload) and job.room is not None:
                if action.content.size > job.room:
                    self.recorder.refused(job, action.path, "quota", "")
                    continue
                job.room -= action.content.size
            yield action

    async def _last(self, sent: Sent | None) -> None:
        if sent is not None:
            self._settle(_planned(sent[0]), await sent[1])

    def _read(self, batch: Sequence[Planned]) -> list[Ready]:
        ready: list[Ready] = []
        for job, action in batch:
            if self.recorder.stopping():
                return []  # none of it would be sent
            if isinstance(action, MakeFolder):
                ready.append((job, action, b""))
                continue
            try:
                ready.append((job, action, self.parts.mirror.read(job.dir, action.disk, action.expect)))
            except (OSError, Stale) as e:  # Changed is one: dropped now, seen again next run
                self._not_read(job, action, e)
        return ready

    def _not_read(self, job: Job, action: Upload, error: OSError | Stale) -> None:
        reason = reason_of(error) if isinstance(error, OSError) and error.errno is not None else "unstable"
        stumble(self.recorder, job, action, reason, str(error))

    async def _put(self, ready: Sequence[Ready]) -> Written:
        return await self.parts.remote.put(
            [
                (FolderItem(job.id, a.path) if isinstance(a, MakeFolder) else self._item(job, a), data)
                for job, a, data in ready
            ]
        )

    async def _large(self, job: Job, action: Upload) -> None:
        try:
            source = self.parts.mirror.source(job.dir, action.disk, action.expect)
            written = await self.parts.remote.put_large(self._item(job, action), source)
        except (OSError, Stale) as e:
            self._not_read(job, action, e)
            return
        self._settle([(job, action)], written)

    def _item(self, job: Job, action: Upload) -> PutItem:
        lost = job.base.docs.get(action.lost) if action.lost else None
        own = lost is not None and lost.by_company
        modified = modified_dates.kept(action.expect.mtime_ns / 1e9, self.parts.clock.now())
        return PutItem(
            job.id, action.path, action.content, doc=action.doc, version=action.version, by_company=own, modified=modified
        )  # fmt: skip

    def _settle(self, batch: Sequence[Planned], written: Written) -> None:
        making = {job.id: job for job, action in batch if isinstance(action, MakeFolder)}
        inodes = {i: {folder.disk: folder.inode for folder in job.scan.folders} for i, job in making.items()}
        with self.parts.state.atomic():
            take_answers(self.parts, written)
            for (job, action), result in zip(batch, written.results, strict=True):
                if isinstance(action, MakeFolder) and result.ok and result.folder is not None:
                    self._made(job, action, result.folder, inodes[job.id].get(action.disk, 0))
                elif isinstance(action, Upload) and result.ok and result.doc is not None:
                    self._stored(job, action, result.doc)
                else:
                    if isinstance(action, Upload) and result.reason in IN_BETWEEN and result.status == "refused":
                        backoff.barred(self.parts, job, action, result.reason, result.detail)
                    not_taken(self.recorder, job, action, result)

    def _others(self, job: Job, action: Upload) -> None:
        """What is another client's too counts, unless somebody agreed to it; a few at a time are many in the end."""
        history, sha256 = job.history, action.content.sha256
        if history is None or not (sha256 in history.elsewhere or sha256 in history.doubted):
            return
        if digest(action) not in history.agreed:
            self.parts.state.count(job.id, FOREIGN, self.parts.clock.now())
        self.parts.state.undoubt(job.id, sha256)

    def _made(self, job: Job, action: MakeFolder, folder: RemoteFolder, inode: int) -> None:
        self.parts.state.observe_folder(job.id, folder, True)
        self.parts.state.put_folder(job.id, BaseFolder(folder.id, folder.path, action.disk, inode))
        self.recorder.done(job, action)

    def _stored(self, job: Job, action: Upload, doc: RemoteDoc) -> None:
        self.parts.state.observe_doc(job.id, doc)
        backoff.sent(self.parts, job, action)
        record_base(
            self.parts, job,
            BaseDoc(doc.id, doc.path, action.disk, action.content, doc.version, action.expect, by_company=doc.by_company),
            over=action.lost,
        )  # fmt: skip
        self.recorder.done(job, action)
        if action.doc is None:
            published(self.parts, job, action.path)
            self._others(job, action)
        else:
            settle_guard(self.parts, job, action, "overwrites_online")


def _folders(job: Job) -> list[MakeFolder]:
    """Those to be made online, from the top."""
    makes = [a for a in job.review.go if isinstance(a, MakeFolder) and a.side is Side.REMOTE]
    return sorted(makes, key=lambda a: a.path.count("/"))
