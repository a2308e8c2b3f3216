"""Orders of exchange packages that people gave at the portal: taken from there, done one after the other, told of.

A kill anywhere leaves an order that is simply done again: a package that was made lies here until the portal has it, one that
was brought in is found to be so. The mirror is changed between two passes, by the same way that the command takes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from syncd.config.model import Config
from syncd.core.errors import AlreadyRunning, StateFailed, SyncdError, Unreachable
from syncd.core.package_orders import Act, PackageDone, PackageOrder, PackageReport, Result
from syncd.core.words import fault, faults
from syncd.core.words import packages as said
from syncd.engine import unexpected_errors
from syncd.jobs.packages import scheduled
from syncd.jobs.packages.at_cabinet import home_of
from syncd.jobs.packages.ordered import Work, public_key
from syncd.jobs.packages.scheduled import ScheduledPackages
from syncd.ports.package_orders import PackageDesk
from syncd.wiring import assembly
from syncd.wiring.assembly import Store

NAP = 60.0  # seconds until what could not be done is tried again
LOOK = 0.5  # between two looks for the answer of a pass that was asked for


class PackageOrders:
    """`applying`: what brings packages in between two passes. `desk`: the portal's, for one exchange. `asked`: the state as another
    process meets the service in it."""

    def __init__(
        self,
        config: Config,
        store: Store,
        instance: str,
        say: Callable[..., None],
        applying: ScheduledPackages,
        desk: Callable[[Config], PackageDesk] = assembly.package_orders,
        asked: Callable[[Config], Store] = assembly.store_of_service,
    ) -> None:
        self._config, self._store, self._instance, self._say = config, store, instance, say
        self._applying, self._desk, self._asked = applying, desk, asked
        self._done: tuple[PackageDone, ...] = ()
        self._revision, self._open = 0, False
        self._fault = ""
        self._wake = asyncio.Event()

    def passed(self) -> None:
        """A pass has ended: the portal may have named a change."""
        self._wake.set()

    async def ticking(self) -> None:
        """Until it is cancelled. The first pass takes the lease, without which nobody is told of orders."""
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), NAP)
            self._wake.clear()
            try:
                await self.tick()
                self._fault = ""
            except SyncdError as e:
                if str(e) != self._fault:
                    self._fault = str(e)
                    self._say("packages_failed", error=self._fault)
            except Exception as e:
                self._say("packages_failed", error=unexpected_errors.note("packages", e))

    async def tick(self) -> None:
        """Everything that is ordered now; what cannot be done now stays ordered. Raises SyncdError."""
        told = self._store.progress.read().packages_told
        if not told or (told == self._revision and not self._open and not self._done):
            return
        desk = self._desk(self._config)
        try:
            tried = set[tuple[str, int]]()
            while True:
                found = await desk.exchange(PackageReport(self._instance, await self._key(), self._done))
                self._done, self._revision = (), found.revision
                self._open = bool(found.orders)
                Work.forget_others(self._config, {order.id for order in found.orders})
                waiting = [o for o in found.orders if (o.id, o.number) not in tried]
                if not waiting:
                    break
                order = waiting[0]
                tried.add((order.id, order.number))
                if (done := await self._do(desk, order)) is not None:
                    self._done = (done,)
        finally:
            await desk.close()
        if self._revision != told:
            self._store.progress.change(packages_told=self._revision)

    async def _key(self) -> str:
        try:
            return await asyncio.to_thread(public_key, self._config)
        except AlreadyRunning:
            return ""

    async def _do(self, desk: PackageDesk, order: PackageOrder) -> PackageDone | None:
        """None where it is to be tried again."""
        row = next((r for r in self._store.clients.all() if r.id == order.client), None)
        work = Work(self._config, desk, order, row, self._store.progress.read().cabinet)
        try:
            done = await self._done_by(work, order)
        except (Unreachable, AlreadyRunning, StateFailed) as e:
            self._say("package_waits", act=order.act, error=str(e))
            return None
        except SyncdError as e:
            done = work.answer(Result.REFUSED, why=str(e), french=" ".join(fault(e, "fr")).strip())
        except OSError as e:
            done = work.answer(Result.FAILED, why=e.strerror or str(e), french=e.strerror or str(e))
        self._say("package", act=order.act, result=done.result)
        return done

    async def _done_by(self, work: Work, order: PackageOrder) -> PackageDone:
        match order.act:
            case Act.MAKE:
                if not work.is_made:
                    await self._ask((work.code,), "pass", {})
                return await work.make()
            case Act.LOOK:
                return await work.look()
            case Act.APPLY:
                return await self._apply(work, order)
            case Act.DISCARD:
                return await work.discard()
        raise SyncdError(said.UNKNOWN_ORDER.of())

    async def _apply(self, work: Work, order: PackageOrder) -> PackageDone:
        """The service proves its own copy, as for the command."""
        file, digest = await work.proved()
        if (known := await work.dealt_before(digest)) is not None:
            return known
        place = await asyncio.to_thread(scheduled.order, home_of(self._config), file, order.folders, digest)
        try:
            await self._ask((), scheduled.NAME, {"order": place.name})
            result = self._applying.results.pop(place.name, None)
        finally:
            scheduled.withdraw(place)
        return work.applied(result) if result is not None else await work.dealt(digest)

    async def _ask(self, clients: tuple[str, ...], kind: str, wish: dict[str, str]) -> None:
        """Done by the service between its passes. Raises SyncdError where it could not be, or was given up."""
        store = self._asked(self._config)
        try:
            number = store.requests.ask(clients, None, kind, wish)
            try:
                while True:  # the database is where processes meet: it tells nobody
                    if (answer := store.requests.answered(number)) is not None:
                        break
                    await asyncio.sleep(LOOK)
            except asyncio.CancelledError:
                store.requests.withdraw(number)
                raise
        finally:
            store.close()
        told = answer[1]
        if "error" in told:
            english = str(told["error"])
            failed = SyncdError(faults.ANSWERED.of(french=told.get("french", english), english=english))
            failed.exit_code = int(told.get("exit_code", 2))
            raise failed
        if int(told.get("exit_code", 0)) in (1, 2, 5, 6, 10, 11, 130, 143):
            raise Unreachable(str(told.get("message") or told.get("verdict")))
