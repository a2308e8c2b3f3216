"""The proof that both sides hold the same, and the repair of what is damaged on one of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import msgspec

from syncd.engine.maintenance.verify import Proof

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.core.run_result import RunResult
    from syncd.operations.observer import Observer

STOPPED = (130, 143)


class Verified(msgspec.Struct, frozen=True):
    """A proof for each client; `stopped`: the exit code of a repair that was ended, and then nothing is proved."""

    proofs: Sequence[Proof] = ()
    stopped: int = 0

    @property
    def same(self) -> bool:
        return all(proof.same for proof in self.proofs)


def verify(config: Config, clients: Collection[str], observer: Observer, *, deep: bool, repair: bool) -> Verified:
    """`clients`: codes, all when empty. `deep`: every byte is read again; `repair` (deep, too) mends what that finds from
    the other side's good copy, then proves anew. Raises SyncdError.
    """
    proofs = asyncio.run(_proofs(config, clients, deep=deep or repair))
    rotten = [p.code for p in proofs if any(reason.startswith("rotten") for _, reason in p.differences)]
    if not repair or not rotten:
        return Verified(proofs)
    for code in rotten:  # between two of them, a service makes the passes that are due
        if (ended := _repair(config, code, observer)).exit_code in STOPPED:
            return Verified(stopped=ended.exit_code)
    return Verified(asyncio.run(_proofs(config, clients, deep=True)))


async def _proofs(config: Config, clients: Collection[str], *, deep: bool) -> list[Proof]:
    from syncd.engine.maintenance.verify import prove
    from syncd.wiring import assembly

    with contextlib.closing(assembly.store(config, writes=False)) as store:
        settings = assembly.settings(config, store, only=frozenset(clients), dry_run=True)
        async with assembly.connected(config, store) as ports:
            return await prove(ports, settings, deep=deep)


def _repair(config: Config, code: str, observer: Observer) -> RunResult:
    """One client, here or by the service that holds the mirror."""
    from syncd.core.errors import AlreadyRunning
    from syncd.engine.maintenance import service_requests
    from syncd.operations.service_request import ask, tell
    from syncd.wiring import assembly, service_parts

    try:
        with assembly.lock(config):
            return asyncio.run(_repair_here(config, code, observer))
    except AlreadyRunning:
        if not service_parts.service_runs(config):
            raise
    with observer.working(code) as how_far:
        result = ask(config, [code], how_far, observer, kind=service_requests.REPAIR)
    tell(config, result, observer)
    return result


async def _repair_here(config: Config, code: str, observer: Observer) -> RunResult:
    from syncd.engine.maintenance.maintenance_run import MaintenanceTask
    from syncd.engine.maintenance.verify import repair
    from syncd.operations.reporting import kept
    from syncd.wiring import assembly, report_writing

    with contextlib.closing(assembly.sound_store(config)) as store:
        settings = assembly.settings(config, store, only=frozenset({code}))
        async with assembly.connected(config, store) as ports:
            task = MaintenanceTask(ports, settings, observer.event)
            with observer.working(code) as how_far, observer.stopping(task.stop):

                async def work() -> None:
                    await repair(task.ctx, lambda done, of: how_far(done, of, ""))

                result = await task(work)
            text = report_writing.render_run(config, store, result)
            result = kept(config, store, result, text, observer.warn)
            observer.ended(result, task.told, lambda: text)
    return result
