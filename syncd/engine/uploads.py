"""Sending documents: batches of many clients, bounded by count and bytes; large ones alone, resumable."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.core.actions import Upload
from syncd.core.entry import BaseDoc
from syncd.core.exchange import PutItem, Result, Written
from syncd.engine.ledger import Ledger
from syncd.engine.local_work import reason_of, record_base, settle_guard, stumble
from syncd.engine.observe import take_answers
from syncd.engine.parts import BATCH_BYTES, BATCH_COUNT, LARGE, Job, Parts
from syncd.engine.remote_work import not_taken

Ready = tuple[Job, Upload, bytes]


class Uploads:
    def __init__(self, parts: Parts, ledger: Ledger) -> None:
        self.parts, self.ledger = parts, ledger

    async def all(self, jobs: Sequence[Job]) -> None:
        batch: list[Ready] = []
        size = 0
        for job in jobs:
            for action in [
                *[a for a in job.review.go if isinstance(a, Upload)],
                *[a for a in job.more if isinstance(a, Upload)],
            ]:
                if action.content.size > LARGE:
                    await self._large(job, action)
                    continue
                if batch and (len(batch) >= BATCH_COUNT or size + action.content.size > BATCH_BYTES):
                    await self._batch(batch)
                    batch, size = [], 0
                try:
                    data = self.parts.mirror.read(job.dir, action.disk, action.expect)
                except OSError as e:  # Changed is one: dropped now, seen again next run
                    stumble(self.ledger, job, action, "unstable" if e.errno is None else reason_of(e), str(e))
                    continue
                batch.append((job, action, data))
                size += len(data)
        if batch:
            await self._batch(batch)

    async def _batch(self, batch: Sequence[Ready]) -> None:
        self.ledger.between()
        written = await self.parts.remote.put([(_item(job, a), data) for job, a, data in batch])
        self._settle([(job, a) for job, a, _ in batch], written)

    async def _large(self, job: Job, action: Upload) -> None:
        self.ledger.between()
        try:
            source = self.parts.mirror.source(job.dir, action.disk, action.expect)
            written = await self.parts.remote.put_large(_item(job, action), source)
        except OSError as e:
            stumble(self.ledger, job, action, "unstable" if e.errno is None else reason_of(e), str(e))
            return
        self._settle([(job, action)], written)

    def _settle(self, batch: Sequence[tuple[Job, Upload]], written: Written) -> None:
        with self.parts.state.atomic():
            take_answers(self.parts, None, written)
            for (job, action), result in zip(batch, written.results, strict=True):
                if result.ok and result.doc is not None:
                    self._stored(job, action, result)
                else:
                    not_taken(self.ledger, job, action, result)

    def _stored(self, job: Job, action: Upload, result: Result) -> None:
        doc = result.doc
        assert doc is not None
        self.parts.state.observe_doc(job.id, doc)
        record_base(
            self.parts, job,
            BaseDoc(doc.id, doc.path, action.disk, action.content, doc.version, action.expect, by_company=doc.by_company),
            over=action.lost,
        )  # fmt: skip
        self.ledger.done(job, action)
        if action.doc is not None:
            settle_guard(self.parts, job, action, "overwrites_online")


def _item(job: Job, action: Upload) -> PutItem:
    return PutItem(job.id, action.path, action.content, doc=action.doc, version=action.version)
