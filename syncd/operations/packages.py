"""The cabinet's exchange packages: made of what is on both sides, brought into the mirror, published by an ordinary pass."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from syncd.core import words
from syncd.core.errors import AlreadyRunning, SyncdError, Unreachable
from syncd.core.packages.manifest import Manifest, NotTaken, PackageRefused, Way
from syncd.core.words import packages as said
from syncd.jobs.packages import cabinet, dates, ledger, receiving, scheduled
from syncd.jobs.packages.at_cabinet import look, make
from syncd.jobs.packages.cabinet_apply import CabinetResult, apply_package, planned
from syncd.jobs.packages.creation import Made, Wish
from syncd.jobs.packages.keys import Keys
from syncd.jobs.packages.receiving import Opened
from syncd.jobs.packages.scheduled import HOME
from syncd.jobs.packages.trust import trusting
from syncd.operations.outside import outside
from syncd.operations.package_desk import Applied, Listed, Viewed, found_lying, in_order, lying, of_chain
from syncd.package_file.public_keys import Public

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.run_result import RunResult
    from syncd.engine.context import Ports, Settings
    from syncd.operations.observer import Observer
    from syncd.wiring.assembly import Store


class CabinetDesk:
    """A Desk."""

    def __init__(self, config: Config, observer: Observer) -> None:
        self._config, self._observer = config, observer
        self._home = Path(config.mirror.state) / HOME
        self._shown = dates.shown(config)

    # -- creation ------------------------------------------------------------------------------------------------------------

    def create(self, client: str, to: Path, wish: Wish) -> tuple[Made, Sequence[NotTaken]]:
        """An ordinary pass comes first: what it agrees on is what the package holds."""
        from syncd.wiring import assembly

        to = outside(self._config, to)
        to.mkdir(parents=True, exist_ok=True)
        self._pass(client)
        with contextlib.closing(assembly.store(self._config, writes=False)) as store:
            return make(self._config, store, client, wish, to), ()

    def _pass(self, code: str) -> None:
        """Raises SyncdError where it did not come to its end: what lies on both sides is not known then."""
        from syncd.operations.run import Pass, run

        result = run(self._config, Pass(clients=(code,)), _Silent(self._observer))
        if result.abandoned or result.exit_code in (1, 2, 5, 6, 10, 11, 130, 143):
            failed = SyncdError(said.PASS_FAILED.of(why=result.message or result.label))
            failed.exit_code = result.exit_code or 1
            raise failed

    # -- receiving ---------------------------------------------------------------------------------------------------------

    def opened(self, file: Path) -> AbstractContextManager[Opened]:
        return receiving.opened_for(self._home, file)

    def view(self, found: Opened, only: tuple[str, ...]) -> Viewed:
        with ledger.opened(self._home) as own:
            seen = Viewed(found.name, found.manifest, found.sealed, receiving.signer(own, found.manifest).value)
        try:
            looked = asyncio.run(look(self._config, self._home, found, only))
        except SyncdError as e:
            return replace(seen, refused_by=e)
        plan = looked.prepared.plan
        steps = tuple(planned(looked.row.code, s) for s in plan.steps)
        return replace(
            seen, counts=looked.prepared.counts, steps=steps, not_taken=(*plan.refused, *plan.later), waits=looked.waits,
            answers=looked.prepared.answers,
        )  # fmt: skip

    def in_order(self, files: Sequence[Path]) -> list[Path]:
        with ledger.opened(self._home) as own:
            return in_order(files, own)

    def apply(self, found: Opened, only: tuple[str, ...]) -> Applied:
        from syncd.wiring import assembly, service_parts

        try:
            with assembly.lock(self._config):
                return asyncio.run(_Here(self._config, self._observer, self._home)(found, only, self._shown))
        except AlreadyRunning:
            if not service_parts.service_runs(self._config):
                raise
        return self._by_service(found, only)

    def _by_service(self, found: Opened, only: tuple[str, ...]) -> Applied:
        """The service proves its own copy, and that it is the very package that was shown here."""
        from syncd.operations.service_request import ask, tell

        place = scheduled.order(self._home, found.path, only, found.package.digest)
        try:
            with self._observer.working("") as how_far:
                wish = {"order": place.name}
                result = ask(self._config, (), how_far, self._observer, kind=scheduled.NAME, wish=wish)
        finally:
            scheduled.withdraw(place)
        tell(self._config, result, self._observer)
        return Applied(found.manifest.sequence, exit_code=result.exit_code)

    def discard(self, file: Path) -> Manifest:
        from syncd.wiring import assembly

        with contextlib.closing(assembly.store(self._config, writes=False)) as store:
            codes = {r.id: r for r in store.clients.all()}
            cabinet_id = store.progress.read().cabinet
        with ledger.opened(self._home) as own, receiving.opened(file, own) as found:
            row = codes.get(found.manifest.client)
            if row is None:
                raise PackageRefused(
                    said.OTHER_CLIENT.of(code=found.manifest.code, name=found.manifest.name), mend=said.OTHER_CLIENT_MEND.of()
                )  # fmt: skip
            who = cabinet.identity(row, cabinet_id)
            receiving.discard(own, who, Way.TO_CABINET, found, time.time())
            manifest = found.manifest
        file.unlink()
        return manifest

    # -- list and keys -----------------------------------------------------------------------------------------------------

    def listed(self, directory: Path | None) -> list[Listed]:
        from syncd.wiring import assembly

        with contextlib.closing(assembly.store(self._config, writes=False)) as store:
            codes = {r.id: r.code for r in store.clients.all()}
        with ledger.opened(self._home) as own:
            found = [
                line for client in own.clients()
                for line in of_chain(own.chain(client), codes.get(client, "?"), self._shown, self._when)
            ]  # fmt: skip
            for file in lying(directory) if directory is not None else []:
                found.append(found_lying(file, own, codes, Way.TO_CABINET, self._shown))
        return found

    def _when(self, at: str) -> str:
        return words.date_time(dates.local(self._config.timezone)(float(at)))

    def key(self) -> Public:
        with ledger.opened(self._home) as own:
            return Keys(own.home).public()

    def signer(self, client: str, found: Opened) -> Public:
        from syncd.wiring import assembly

        with contextlib.closing(assembly.store(self._config, writes=False)) as store:
            who = cabinet.identity(cabinet.client(store, client), store.progress.read().cabinet)
        return receiving.signed_by(who, Way.TO_CABINET, found)

    def trust(self, client: str, key: str, *, revoked: bool) -> str:
        from syncd.wiring import assembly

        with contextlib.closing(assembly.store(self._config, writes=False)) as store:
            row = cabinet.client(store, client)
        with ledger.opened(self._home) as own:
            mine = Keys(own.home).public()
            own.trust(row.id, trusting(own.trusted(row.id), key, time.time(), own=mine, revoked=revoked))
        return row.code


class _Silent:
    """An Observer of the pass that comes first: its report is written as ever, and nothing of it is shown."""

    def __init__(self, inner: Observer) -> None:
        self._inner = inner
        self.working, self.warn, self.stopping = inner.working, inner.warn, inner.stopping

    def event(self, event: object) -> None:
        return

    def ended(self, result: RunResult, told: int, report: Callable[[], Sequence[str]]) -> None:
        return


class _Here:
    """A package dealt with in this process, under the engine's lock; then a pass over its client."""

    def __init__(self, config: Config, observer: Observer, home: Path) -> None:
        self._config, self._observer, self._home = config, observer, home
        self._stop: Callable[[int], object] = lambda code: None

    async def __call__(self, found: Opened, only: tuple[str, ...], shown: said.Shown) -> Applied:
        from syncd.operations.intake import together
        from syncd.operations.run import post
        from syncd.wiring import assembly, report_writing

        store = assembly.sound_store(self._config)
        settings = assembly.settings(self._config, store)
        ports = assembly.ports(self._config, store)
        try:
            with self._observer.stopping(lambda code: self._stop(code)), self._observer.working(""):
                done, result = await self._applied(ports, settings, store, found, only, shown)
                after = await self._publish(ports, settings, store, done.row.code)
            result = together(result, after)
            text = report_writing.render_run(self._config, store, result)
            await post(self._config, store, result, frozenset({done.row.id}), self._observer)
        finally:
            await ports.remote.close()
            store.close()
        self._observer.ended(result, 1, lambda: text)
        assert done.result is not None
        return Applied(
            found.manifest.sequence, done.result.done, done.result.refused, done.result.later, result.exit_code
        )

    async def _applied(
        self, ports: Ports, settings: Settings, store: Store, found: Opened, only: tuple[str, ...], shown: said.Shown
    ) -> tuple[CabinetResult, RunResult]:
        from syncd.engine.maintenance.maintenance_run import MaintenanceTask
        from syncd.engine.open.discover import check_root
        from syncd.engine.open.open_pass import Scope, open_pass

        task = MaintenanceTask(ports, settings, self._observer.event)
        self._stop = task.stop
        done: CabinetResult | None = None

        async def work() -> None:
            nonlocal done  # greeted, the portal lets documents be set aside; where it is away, the rest comes all the same
            with contextlib.suppress(Unreachable):
                await open_pass(
                    task.ctx, Scope(clients=frozenset({found.manifest.client}), works=False), check_root(task.ctx)
                )
            done = await apply_package(task.ctx, self._home, found, only, shown)

        result = self._kept(store, await task(work))
        if done is None:
            stopped = SyncdError(said.STOPPED.of(), mend=said.STOPPED_MEND.of())
            stopped.exit_code = result.exit_code
            raise stopped
        return done, result

    async def _publish(self, ports: Ports, settings: Settings, store: Store, code: str) -> RunResult:
        from syncd.engine.run import Run

        job = Run(ports, replace(settings, only=frozenset({code})), self._observer.event)
        self._stop = job.stop
        return self._kept(store, await job())

    def _kept(self, store: Store, result: RunResult) -> RunResult:
        from syncd.operations.reporting import kept
        from syncd.wiring import report_writing

        return kept(
            self._config, store, result, report_writing.render_run(self._config, store, result), self._observer.warn
        )
