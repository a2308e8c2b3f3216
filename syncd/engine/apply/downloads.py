"""Bringing documents: temps → one sync for the batch → exchange or no-replace each → directories → one transaction."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from functools import partial

import msgspec

from syncd.core import paths, words
from syncd.core.actions import Download, KeepBoth, Upload
from syncd.core.errors import SyncdError
from syncd.core.outcomes import Applied, Failed, Outcome
from syncd.core.paths import DiskPath
from syncd.core.protocol import GetItem
from syncd.engine.action_backoff import fetched
from syncd.engine.apply.batches import batches
from syncd.engine.apply.commit import commit, observe, stop_client
from syncd.engine.apply.concurrency import run_concurrently
from syncd.engine.apply.failures import failed, failure
from syncd.engine.apply.fault_isolation import of_a_place, synced
from syncd.engine.apply.local import there
from syncd.engine.apply.work import ClientWork
from syncd.engine.context import LARGE, Context, Stop
from syncd.ports.local import ClientStopped, Placed, Stale
from syncd.ports.remote import NotGiven

Wanted = tuple[ClientWork, Download | KeepBoth]


def _size(one: Wanted) -> int:
    return fetched(one[1]).content.size


def _new_name(action: Download | KeepBoth) -> DiskPath | None:
    """Where nothing is to be replaced. None: what is replaced there says whose the document is."""
    return action.disk if isinstance(action, Download) and (action.expect is None or action.vacate) else None


class Arrived(msgspec.Struct):
    work: ClientWork
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

    def __init__(self, ctx: Context, most: int) -> None:
        self.ctx, self.most = ctx, most
        self._naming = False
        self._doubted: list[tuple[str, str]] = []  # (client, document)
        self._cut: list[Wanted] = []
        self._coming = 0  # bytes of large ones under way, which the disk does not hold yet

    async def all(self, works: Sequence[ClientWork]) -> None:
        wanted: list[Wanted] = [
            (work, a)
            for work in works
            for a in work.go
            if isinstance(a, Download) or (isinstance(a, KeepBoth) and a.fetch is not None)
        ]
        alone = min(LARGE, self.most)
        small: list[Wanted] = []
        large: list[Wanted] = []
        for one in wanted:
            (small if _size(one) <= alone else large).append(one)
        await self._small(small)
        self.ctx.recorder.between()  # some may have been left
        large += self._cut
        await run_concurrently(self.ctx, ((work.code, partial(self._large, work, action)) for work, action in large))
        await self._look_up()

    async def _look_up(self) -> None:
        """Documents of which something else was observed than came: asked for by their ids."""
        for client in dict.fromkeys(client for client, _ in self._doubted):
            docs = [doc for whose, doc in self._doubted if whose == client]
            observe(self.ctx, client, await self.ctx.remote.lookup(client, docs))

    async def _small(self, wanted: Sequence[Wanted]) -> None:
        """While one batch is placed, the next is on its way, and while the disk syncs one, the next is written."""
        coming: asyncio.Task[Came] | None = None
        try:
            for batch in batches(wanted, _size, self.most):
                came = await coming if coming is not None else Came()
                if came.broken is None and not self.ctx.recorder.stopping():
                    coming = asyncio.create_task(self._get(self._fitting(batch)))
                else:
                    coming = None
                self._naming = True
                try:
                    await asyncio.to_thread(self._take, came)
                finally:
                    self._naming = False
                self.ctx.recorder.between(batch[-1][0].code)
        except Stop:  # what has come is placed first
            self._take(await coming if coming is not None else Came())
            raise
        self._take(await coming if coming is not None else Came())

    def _fitting(self, batch: Sequence[Wanted]) -> list[Wanted]:
        """Those there is room for; of the others it is told that there is none."""
        free = self.ctx.mirror.free_bytes() - self._coming - self.ctx.settings.reserve
        fitting: list[Wanted] = []
        for work, action in batch:
            size = fetched(action).content.size
            if size < free:
                fitting.append((work, action))
                free -= size
            else:
                commit(self.ctx, [(work, failed(action, "disk_full"))])
        return fitting

    async def _get(self, batch: Sequence[Wanted]) -> Came:
        """Bodies of one batch become temporary files as they come; nothing is told or named yet.

        Those that come while another batch is being named are held: two threads that work take turns all the time.
        """
        fetches = [fetched(action) for _, action in batch]
        came = Came({fetch.version_id: one for fetch, one in zip(fetches, batch, strict=True)})

        def take(item: GetItem, data: bytes) -> None:
            work, action = came.wanted[item.version_id]
            held = (data, item.modified)
            came.got[item.version_id] = held if self._naming else self._written(work, action, *held)

        wanted = {
            fetch.version_id: GetItem(work.id, fetch.doc, fetch.version_id, fetch.content)
            for fetch, (work, _) in zip(fetches, batch, strict=True)
        }
        try:
            if wanted:
                await self.ctx.remote.get(list(wanted.values()), take)
        except NotGiven as e:
            came.why = e.why
        except (SyncdError, Stop) as e:
            came.broken = e
        return came

    def _written(
        self, work: ClientWork, action: Download | KeepBoth, data: bytes, modified: float | None
    ) -> str | OSError:
        try:
            return self.ctx.mirror.temp(work.dir, data, modified, _new_name(action))
        except OSError as e:
            return e
        except Stale as e:
            return OSError(str(e))

    def _take(self, came: Came) -> None:
        """Places what came, in the order of the plan; raises what broke the batch off."""
        arrived = []
        for version, (work, action) in came.wanted.items():
            got = came.got.pop(version, None)
            if isinstance(got, tuple) and self.ctx.recorder.overdue():
                continue  # it would get no name
            if isinstance(got, tuple):
                got = self._written(work, action, *got)
            if isinstance(got, str):
                arrived.append(Arrived(work, action, got))
            elif isinstance(got, OSError):
                self._not_taken(work, action, got, "failed")
            elif (
                came.broken is None
                and came.why.get(version) == "not_given"
                and fetched(action).content.size > PIECEWISE
            ):
                self._cut.append((work, action))  # alone it goes on where a line that breaks left it
            elif came.broken is None:
                self._not_given(work, action, came.why.get(version, "not_given"))
        self._place(arrived)
        if came.broken is not None:
            raise came.broken

    def _not_given(self, work: ClientWork, action: Download | KeepBoth, why: str) -> None:
        """The portal has it, and does not give it as it is: said, and tried again after a growing pause. `why`: as in
        NotGiven. What was observed of it may be wrong: it is looked up, by itself."""
        code, _, detail = why.partition(" ")
        reason, said = (code, detail) if code in words.REASONS else ("failed", why)
        self._doubted.append((work.id, fetched(action).doc))
        commit(self.ctx, [(work, Failed(action, reason, said, rests=True))])

    async def _large(self, work: ClientWork, action: Download | KeepBoth) -> None:
        if not self._fitting([(work, action)]):
            return
        self._coming += fetched(action).content.size
        try:
            await self._bring(work, action)
        finally:
            self._coming -= fetched(action).content.size

    async def _bring(self, work: ClientWork, action: Download | KeepBoth) -> None:
        fetch = fetched(action)
        item = GetItem(work.id, fetch.doc, fetch.version_id, fetch.content)
        try:
            sink, temp = self.ctx.mirror.sink(work.dir, fetch.version_id)
            got = await self.ctx.remote.get_large(item, sink)
            same = got and await sink.content() == fetch.content
        except NotGiven as e:
            self._not_given(work, action, e.why.get(fetch.version_id, "not_given"))
            return
        except (OSError, Stale) as e:
            if isinstance(e, OSError) and not of_a_place(e):
                raise
            if isinstance(e, Stale):
                commit(self.ctx, [(work, failed(action, "failed", str(e)))])
            else:
                self._not_taken(work, action, e, "failed")
            return
        if not same:
            if got:  # whole, and wrong: keep nothing of it
                await sink.write(0, b"")
            self._not_given(work, action, "other_content" if got else "not_given")
            return
        arrived = [Arrived(work, action, temp)]
        durable = self._durable(arrived, await asyncio.to_thread(self._sync_temps, arrived))
        done = self._named(durable)  # and settled: not in a thread, the others under way tell of themselves meanwhile
        faults = await asyncio.to_thread(self._sync_names, done)
        self._write_down(done, faults)

    def _place(self, arrived: list[Arrived]) -> None:
        if not arrived or self.ctx.recorder.overdue():
            return
        naming, self._naming = self._naming, False  # the disk works: what comes meanwhile is written
        faults = self._sync_temps(arrived)
        self._naming = naming
        done = self._named(self._durable(arrived, faults))
        self._write_down(done, self._sync_names(done))

    def _sync_temps(self, arrived: Sequence[Arrived]) -> dict[str, str]:
        return synced(self.ctx.mirror.sync_temps, [(a.work.dir, a.temp) for a in arrived])

    def _durable(self, arrived: Sequence[Arrived], faults: Mapping[str, str]) -> list[Arrived]:
        """Without those of clients whose directory would not be synced, which is told."""
        bad = [a for a in arrived if a.work.dir in faults]
        if bad:
            commit(self.ctx, [(a.work, failed(a.action, "failed", faults[a.work.dir])) for a in bad])
        return [a for a in arrived if a.work.dir not in faults]

    def _named(self, arrived: Sequence[Arrived]) -> list[tuple[Arrived, Placed]]:
        done: list[tuple[Arrived, Placed]] = []
        left: list[Arrived] = []
        for a in arrived:
            if self.ctx.recorder.overdue():
                break  # the temporary files go with those of a killed run, their documents are fetched again
            try:
                done.append((a, self._one(a)))
                continue
            except Stale as e:
                commit(self.ctx, [(a.work, failure(a.action, e))])
            except OSError as e:
                self._not_taken(a.work, a.action, e)
            left.append(a)
        for a in left:  # the portal holds it; what an exchange brought out is another content, and stays
            with contextlib.suppress(OSError, Stale):
                self.ctx.mirror.drop_temp(a.work.dir, a.temp, fetched(a.action).content)
        return done

    def _not_taken(self, work: ClientWork, action: Download | KeepBoth, error: OSError, reason: str = "") -> None:
        """The disk did not take it."""
        if isinstance(error, ClientStopped):
            stop_client(self.ctx, work, error)
        else:
            commit(self.ctx, [(work, failure(action, error, reason))])

    def _sync_names(self, done: Sequence[tuple[Arrived, Placed]]) -> dict[str, str]:
        return synced(self.ctx.mirror.sync_names, [(a.work.dir, a.action.disk) for a, _ in done])

    def _write_down(self, done: Sequence[tuple[Arrived, Placed]], faults: Mapping[str, str]) -> None:
        durable = {id(a) for a in self._durable([a for a, _ in done], faults)}
        commit(self.ctx, [(a.work, self._outcome(a, placed)) for a, placed in done if id(a) in durable])

    def _one(self, a: Arrived) -> Placed:
        mirror, action, directory = self.ctx.mirror, a.action, a.work.dir
        if isinstance(action, KeepBoth):
            copy = paths.join(paths.parent(action.disk), paths.name(action.copy))
            mirror.link(directory, action.disk, copy, action.expect)
            return mirror.replace(directory, a.temp, action.disk, action.expect, action.content, self.stamp)
        if action.expect is not None and action.expect_content is not None and not action.vacate:
            return mirror.replace(directory, a.temp, action.disk, action.expect, action.expect_content, self.stamp)
        return Placed(mirror.place(directory, a.temp, action.disk))

    @property
    def stamp(self) -> str:
        return self.ctx.settings.stamp(self.ctx.recorder.started)

    def _outcome(self, a: Arrived, placed: Placed) -> Outcome:
        action, work = a.action, a.work
        copied = None
        if isinstance(action, KeepBoth):
            copy = paths.join(paths.parent(action.disk), paths.name(action.copy))
            copied = there(self.ctx, work.dir, copy)
            if copied is not None and action.publish and not placed.kept:
                work.more.append(Upload(action.copy, copy, action.content, copied))
        return Applied(action, placed.stamp, copy=copied, kept=placed.kept)
