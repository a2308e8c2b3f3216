"""Bringing documents: temps → one sync for the batch → exchange or no-replace each → directories → one transaction."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import msgspec

from syncd.core import paths, words
from syncd.core.actions import Download, KeepBoth, Upload
from syncd.core.entry import BaseDoc
from syncd.core.errors import SyncdError
from syncd.core.protocol import GetItem, Receipt, Unsound
from syncd.engine import backoff
from syncd.engine.apply.concurrency import at_once
from syncd.engine.apply.fault_isolation import of_a_place, synced
from syncd.engine.apply.local import fell, reason_of, record_base, saved_meanwhile, settle_guard, stumble, there
from syncd.engine.backoff import fetched
from syncd.engine.context import BATCH_COUNT, LARGE, Job, Parts, Settings, Stop
from syncd.engine.recorder import Recorder
from syncd.ports.local import ClientStopped, Known, Placed, Stale
from syncd.ports.remote import NotGiven

Wanted = tuple[Job, Download | KeepBoth]


def _batches(wanted: Sequence[Wanted], most: int) -> Iterator[list[Wanted]]:
    batch: list[Wanted] = []
    size = 0
    for job, action in wanted:
        count = fetched(action).content.size
        if batch and (len(batch) >= BATCH_COUNT or size + count > most):
            yield batch
            batch, size = [], 0
        batch.append((job, action))
        size += count
    if batch:
        yield batch


class Arrived(msgspec.Struct):
    job: Job
    action: Download | KeepBoth
    temp: str


PIECEWISE = 64_000  # bytes: what is larger and does not come with others is fetched alone


class Came(msgspec.Struct):
    """What became of one batch, by version: a temporary file's name, bytes still to be written and their date, or why the
    disk did not take them. `why`: what is said of those that never come. `broken`: what broke the batch off."""

    wanted: dict[str, Wanted] = {}
    got: dict[str, str | tuple[bytes, float | None] | OSError] = {}
    why: Mapping[str, str] = {}
    broken: SyncdError | Stop | None = None


class Downloads:
    """`most`: bytes to a batch; a document beyond it comes by itself."""

    def __init__(self, parts: Parts, settings: Settings, recorder: Recorder, most: int) -> None:
        self.parts, self.settings, self.recorder, self.most = parts, settings, recorder, most
        self._placing = False
        self._doubted: list[tuple[Job, str]] = []
        self._cut: list[Wanted] = []
        self._coming = 0  # bytes of large ones under way, which the disk does not hold yet

    async def all(self, jobs: Sequence[Job]) -> None:
        wanted: list[Wanted] = [
            (job, a)
            for job in jobs
            for a in job.review.go
            if isinstance(a, Download) or (isinstance(a, KeepBoth) and a.fetch is not None)
        ]
        alone = min(LARGE, self.most)
        small = [(job, a) for job, a in wanted if fetched(a).content.size <= alone]
        coming: asyncio.Task[Came] | None = None
        try:
            for batch in _batches(small, self.most):
                came = await coming if coming is not None else Came()
                if came.broken is None and not self.recorder.stopping():
                    coming = asyncio.create_task(self._get(self._fitting(batch)))
                else:
                    coming = None
                self._placing = True
                try:
                    await asyncio.to_thread(self._take, came)  # while the next ones are on their way
                finally:
                    self._placing = False
                self.recorder.between(batch[-1][0].code)
        except Stop:  # what has come is placed first
            self._take(await coming if coming is not None else Came())
            raise
        self._take(await coming if coming is not None else Came())
        self.recorder.between()  # some may have been left
        large = [(job, action) for job, action in wanted if fetched(action).content.size > alone] + self._cut
        await at_once(self.recorder, ((job.code, partial(self._large, job, action)) for job, action in large))
        await self._look_up()

    def _fitting(self, batch: Sequence[Wanted]) -> list[Wanted]:
        """Those there is room for; of the others it is told that there is none."""
        free = self.parts.mirror.free_bytes() - self._coming - self.settings.reserve
        fitting: list[Wanted] = []
        for job, action in batch:
            size = fetched(action).content.size
            if size < free:
                fitting.append((job, action))
                free -= size
            else:
                self.recorder.problem(job, action.path, "failed", "disk_full")
        return fitting

    async def _get(self, batch: Sequence[Wanted]) -> Came:
        """Bodies of one batch become temporary files as they come; nothing is told or named yet.

        Those that come while another batch is being placed are held: two threads that write take turns all the time.
        """
        came = Came({fetched(a).version_id: (job, a) for job, a in batch})

        def take(item: GetItem, data: bytes) -> None:
            job, _ = came.wanted[item.version_id]
            held = (data, item.modified)
            came.got[item.version_id] = held if self._placing else self._written(job, *held)

        items = [
            GetItem(job.id, fetched(a).doc, version, fetched(a).content) for version, (job, a) in came.wanted.items()
        ]
        try:
            if items:
                await self.parts.remote.get(items, take)
        except NotGiven as e:
            came.why = e.why
        except (SyncdError, Stop) as e:
            came.broken = e
        return came

    def _written(self, job: Job, data: bytes, modified: float | None) -> str | OSError:
        try:
            return self.parts.mirror.temp(job.dir, data, modified)
        except OSError as e:
            return e
        except Stale as e:
            return OSError(str(e))

    def _take(self, came: Came) -> None:
        """Places what came, in the order of the plan; raises what broke the batch off."""
        arrived = []
        for version, (job, action) in came.wanted.items():
            got = came.got.pop(version, None)
            if isinstance(got, tuple) and self.recorder.overdue():
                continue  # it would get no name
            if isinstance(got, tuple):
                got = self._written(job, *got)
            if isinstance(got, str):
                arrived.append(Arrived(job, action, got))
            elif isinstance(got, OSError):
                self._not_taken(job, action, got, "failed")
            elif (
                came.broken is None
                and came.why.get(version) == "not_given"
                and fetched(action).content.size > PIECEWISE
            ):
                self._cut.append((job, action))  # alone it goes on where a line that breaks left it
            elif came.broken is None:
                self._not_given(job, action, came.why.get(version, "not_given"))
        self._place(arrived)
        if came.broken is not None:
            raise came.broken

    def _not_given(self, job: Job, action: Download | KeepBoth, why: str) -> None:
        """The portal has it, and does not give it as it is: said, and tried again after a growing pause. `why`: as in
        NotGiven. What was observed of it may be wrong: it is looked up, by itself."""
        job.stumbled = True
        code, _, detail = why.partition(" ")
        reason, said = (code, detail) if code in words.REASONS else ("failed", why)
        backoff.not_given(self.parts, job, action, reason, said)
        self._doubted.append((job, fetched(action).doc))
        self.recorder.problem(job, action.path, reason, said)

    async def _look_up(self) -> None:
        doubted, self._doubted = self._doubted, []
        for job in {job.id: job for job, _ in doubted}.values():
            found = await self.parts.remote.lookup(job.id, [doc for its, doc in doubted if its.id == job.id])
            with self.parts.state.atomic():
                for held in [] if isinstance(found, Unsound) else found:
                    if held is not None:
                        self.parts.state.observe_doc(job.id, held)
                if isinstance(found, Unsound) or None in found:
                    self.parts.state.set_listed(job.id, False)  # the whole list says what there is

    async def _large(self, job: Job, action: Download | KeepBoth) -> None:
        if not self._fitting([(job, action)]):
            return
        self._coming += fetched(action).content.size
        try:
            await self._bring(job, action)
        finally:
            self._coming -= fetched(action).content.size

    async def _bring(self, job: Job, action: Download | KeepBoth) -> None:
        fetch = fetched(action)
        item = GetItem(job.id, fetch.doc, fetch.version_id, fetch.content)
        try:
            sink, temp = self.parts.mirror.sink(job.dir, fetch.version_id)
            got = await self.parts.remote.get_large(item, sink)
            same = got and await sink.content() == fetch.content
        except NotGiven as e:
            self._not_given(job, action, e.why.get(fetch.version_id, "not_given"))
            return
        except (OSError, Stale) as e:
            if isinstance(e, OSError) and not of_a_place(e):
                raise
            if isinstance(e, Stale):
                stumble(self.recorder, job, action, "failed", str(e))
            else:
                self._not_taken(job, action, e, "failed")
            return
        if not same:
            if got:  # whole, and wrong: keep nothing of it
                await sink.write(0, b"")
            self._not_given(job, action, "other_content" if got else "not_given")
            return
        arrived = [Arrived(job, action, temp)]
        durable = self._durable(arrived, await asyncio.to_thread(self._sync_temps, arrived))
        done = self._named(durable)  # and settled: not in a thread, the others under way tell of themselves meanwhile
        faults = await asyncio.to_thread(self._sync_names, done)
        self._settle_all(done, faults)

    def _place(self, arrived: list[Arrived]) -> None:
        if not arrived or self.recorder.overdue():
            return
        done = self._named(self._durable(arrived, self._sync_temps(arrived)))
        self._settle_all(done, self._sync_names(done))

    def _sync_temps(self, arrived: Sequence[Arrived]) -> dict[str, str]:
        return synced(self.parts.mirror.sync_temps, [(a.job.dir, a.temp) for a in arrived])

    def _durable(self, arrived: Sequence[Arrived], faults: Mapping[str, str]) -> list[Arrived]:
        """Without those of clients whose directory would not be synced, which is told."""
        for a in arrived:
            if a.job.dir in faults:
                stumble(self.recorder, a.job, a.action, "failed", faults[a.job.dir])
        return [a for a in arrived if a.job.dir not in faults]

    def _named(self, arrived: Sequence[Arrived]) -> list[tuple[Arrived, Placed]]:
        done: list[tuple[Arrived, Placed]] = []
        left: list[Arrived] = []
        for a in arrived:
            if self.recorder.overdue():
                break  # the temporary files go with those of a killed run, their documents are fetched again
            try:
                done.append((a, self._one(a)))
                continue
            except Stale as e:
                fell(self.recorder, a.job, a.action, e)
            except OSError as e:
                self._not_taken(a.job, a.action, e, reason_of(e))
            left.append(a)
        for a in left:  # the portal holds it; what an exchange brought out is another content, and stays
            with contextlib.suppress(OSError, Stale):
                self.parts.mirror.drop_temp(a.job.dir, a.temp, fetched(a.action).content)
        return done

    def _not_taken(self, job: Job, action: Download | KeepBoth, error: OSError, reason: str) -> None:
        fell(self.recorder, job, action, error, reason)
        if not isinstance(error, ClientStopped):
            backoff.failed(self.parts, job, action, error, reason)

    def _sync_names(self, done: Sequence[tuple[Arrived, Placed]]) -> dict[str, str]:
        return synced(self.parts.mirror.sync_names, [(a.job.dir, a.action.disk) for a, _ in done])

    def _settle_all(self, done: Sequence[tuple[Arrived, Placed]], faults: Mapping[str, str]) -> None:
        durable = {id(a) for a in self._durable([a for a, _ in done], faults)}
        with self.parts.state.atomic():
            for a, placed in done:
                if id(a) in durable:
                    self._settle(a, placed)

    def _one(self, a: Arrived) -> Placed:
        mirror, action, directory = self.parts.mirror, a.action, a.job.dir
        if isinstance(action, KeepBoth):
            copy = paths.join(paths.parent(action.disk), paths.name(action.copy))
            mirror.link(directory, action.disk, copy, action.expect)
            return mirror.replace(directory, a.temp, action.disk, action.expect, action.content, self.stamp)
        if action.expect is not None and action.expect_content is not None and not action.vacate:
            return mirror.replace(directory, a.temp, action.disk, action.expect, action.expect_content, self.stamp)
        return Placed(mirror.place(directory, a.temp, action.disk))

    @property
    def stamp(self) -> str:
        return self.settings.stamp(self.recorder.started)

    def _settle(self, a: Arrived, placed: Placed) -> None:
        action, job, state = a.action, a.job, self.parts.state
        disk, stamp = action.disk, placed.stamp
        fetch = fetched(action)
        now = self.parts.clock.now()
        seen: dict[str, Known | None] = {disk: Known(stamp, fetch.content, int(now * 1e9))}
        if isinstance(action, KeepBoth):
            copy = paths.join(paths.parent(disk), paths.name(action.copy))
            copied = there(self.parts, job, copy)
            if copied is not None:
                seen[copy] = Known(copied, action.content, int(now * 1e9))
                if action.publish and not placed.kept:
                    job.more.append(Upload(action.copy, copy, action.content, copied))
        if isinstance(action, Download) and action.vacate:
            seen.setdefault(action.vacate, None)
        state.observe_local(job.id, seen)
        record_base(
            self.parts, job,
            BaseDoc(fetch.doc, action.path, disk, fetch.content, fetch.version, stamp, by_company=fetch.by_company),
        )  # fmt: skip
        state.queue_receipt(Receipt(job.id, fetch.doc, fetch.version, now))
        backoff.placed(self.parts, job, action)
        self.recorder.done(job, action)
        if isinstance(action, KeepBoth) or (action.expect is not None and not action.emptied):
            settle_guard(self.parts, job, action, "overwrites_here")
        saved_meanwhile(self.recorder, job, action.path, placed)
