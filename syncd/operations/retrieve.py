"""Clients' documents out of the portal, into bags that anybody can read."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from syncd.core.words import faults
from syncd.operations.outside import closed, outside

if TYPE_CHECKING:
    from syncd.config.model import Config
    from syncd.jobs.retrieve.bags import Outcome, Printed
    from syncd.jobs.retrieve.ledger import Asked, Begun
    from syncd.jobs.retrieve.planning import Total
    from syncd.jobs.retrieve.target import Target
    from syncd.operations.observer import Observer
    from syncd.ports.client_cards import ClientCards
    from syncd.ports.remote import Remote
    from syncd.wiring.assembly import Store

MISSING = 3
ZIP_PART = 4_000_000_000  # bytes of one ZIP where nobody says: what every disk takes


class Shown(msgspec.Struct, frozen=True):
    """What somebody is asked to agree to. `resumed`: since when, as people read it; '' for a new retrieval."""

    clients: int
    documents: int
    size: int
    to: Path
    resumed: str = ""
    deactivates: bool = False


class Retrieved(msgspec.Struct, frozen=True):
    """How it ended; `clients`: those that came to their end. `again`: what is missing is asked for by the same command.
    `deactivated`: codes; `kept`: why others were not, by code."""

    clients: tuple[Outcome, ...] = ()
    exit_code: int = 0
    declined: bool = False
    deactivated: tuple[str, ...] = ()
    kept: Mapping[str, str] = {}

    @property
    def again(self) -> bool:
        return any(c.missing for c in self.clients)


Agrees = Callable[[Shown], bool]
Told = Callable[["Outcome"], None]


def retrieve(config: Config, asked: Asked, to: Path, observer: Observer, agrees: Agrees, told: Told) -> Retrieved:
    """`agrees` is asked before anything is brought, but for a retrieval that was agreed to and goes on. `told`: each client
    that ended. Raises SyncdError.
    """
    from syncd.config.load import file_system
    from syncd.jobs.retrieve import target

    to = outside(config, to)
    with closed(to), target.opened(to, file_system(to)) as place:
        try:
            return asyncio.run(_Retrieval(config, asked, place, observer, agrees, told)())
        finally:
            target.put_away(place)


def listed(path: Path) -> list[str]:
    """The codes of a file, one on each line; what stands behind a code (`;`, a blank) is not read, nor lines after '#'.

    Raises UsageError.
    """
    from syncd.core.errors import UsageError
    from syncd.core.plain_text import decoded

    try:
        text = decoded(path.read_bytes())
    except (OSError, ValueError) as e:
        why = (e.strerror or str(e)) if isinstance(e, OSError) else str(e)
        raise UsageError(faults.LIST_UNREADABLE.of(path=path, why=why), mend=faults.LIST_MEND.of()) from None
    lines = (line.split("#")[0].replace(";", " ").replace("\t", " ").split() for line in text.splitlines())
    return list(dict.fromkeys(line[0] for line in lines if line))


def bytes_of(text: str) -> int:
    """`4G`, `700M`, `250000000`, decimal. Raises UsageError."""
    import re

    from syncd.core.errors import UsageError

    match = re.fullmatch(r"(\d{1,12}(?:[.,]\d{1,3})?)\s*([kmgt]?)(?:o|b)?", text.strip().lower())
    units = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
    size = int(float(match[1].replace(",", ".")) * units[match[2]]) if match else 0
    if size < 1:
        raise UsageError(faults.PART_SIZE.of(text=text), mend=faults.PART_SIZE_MEND.of())
    return size


class _Retrieval:
    def __init__(
        self, config: Config, asked: Asked, target: Target, observer: Observer, agrees: Agrees, told: Told
    ) -> None:
        self._config, self._asked, self._target = config, asked, target
        self._observer, self._agrees, self._told = observer, agrees, told
        self._code = 0

    async def __call__(self) -> Retrieved:
        from syncd.wiring import assembly

        with contextlib.closing(assembly.store(self._config, writes=False)) as store:
            remote = assembly.remote(self._config)
            try:
                with self._observer.stopping(self._stop):
                    return await self._work(remote, store)
            finally:
                await remote.close()

    def _stop(self, code: int) -> None:
        self._code = code

    async def _work(self, remote: Remote, store: Store) -> Retrieved:
        from syncd.core.protocol import Caller
        from syncd.jobs.retrieve import planning
        from syncd.jobs.retrieve.deactivation import check_right
        from syncd.jobs.retrieve.ledger import Ledger
        from syncd.jobs.retrieve.target import check_room, told
        from syncd.wiring import assembly

        settings = assembly.settings(self._config, store, dry_run=True)
        me = Caller(settings.engine, settings.machine, settings.instance, lease=False)
        ledger = Ledger(self._target.work)
        with told(self._target.path), self._observer.working("") as how_far:
            begun = await planning.plan(
                remote, me, settings.cabinet, self._asked, self._target, settings.exclude,
                lambda done, of: how_far(done, of, ""),
            )  # fmt: skip
            total = planning.total(ledger, begun)
        try:
            if self._asked.deactivate:
                async with self._cards() as cards:
                    await check_right(cards, begun.clients)
            if not begun.agreed:
                check_room(self._target, total.size)
            if not self._agrees(self._shown(begun, total)):
                ledger.clear()
                return Retrieved(exit_code=2, declined=True)
        except BaseException:
            if not begun.agreed:
                ledger.clear()
            raise
        begun = planning.agreed(ledger, begun)
        name = (await remote.hello(me, None)).cabinet_name
        return await self._bring(remote, store, begun, total, name)

    def _shown(self, begun: Begun, total: Total) -> Shown:
        from syncd.config.local_time import local_time
        from syncd.core import words

        since = words.date_time(local_time(self._config, begun.at)) if begun.agreed else ""
        return Shown(total.clients, total.documents, total.size, self._target.path, since, self._asked.deactivate)

    async def _bring(self, remote: Remote, store: Store, begun: Begun, total: Total, cabinet: str) -> Retrieved:
        from syncd.engine.context import Stop
        from syncd.jobs.retrieve.bags import Bags, Outcome
        from syncd.jobs.retrieve.ledger import Ledger
        from syncd.wiring import assembly

        done, outcomes = 0, list[Outcome]()
        with self._observer.working("") as how_far:

            def came(size: int) -> None:
                nonlocal done
                done += 1
                how_far(done, total.documents, "")

            bags = Bags(
                remote,
                self._target,
                begun,
                self._printed(store, begun, cabinet),
                assembly.sink,
                lambda: self._code,
                came,
            )
            try:
                for client in begun.clients:
                    outcomes.append(await bags.client(client))
                    self._told(outcomes[-1])
            except Stop as e:
                return Retrieved(tuple(outcomes), e.code)
        ended = await self._closed(outcomes)
        if ended.again or ended.kept:
            return msgspec.structs.replace(ended, exit_code=MISSING)
        Ledger(self._target.work).clear()
        return ended

    @contextlib.asynccontextmanager
    async def _cards(self) -> AsyncIterator[ClientCards]:
        from syncd.wiring import assembly

        cards = assembly.client_cards(self._config)
        try:
            yield cards
        finally:
            await cards.close()

    async def _closed(self, outcomes: Sequence[Outcome]) -> Retrieved:
        from syncd.jobs.retrieve.deactivation import deactivate

        if not self._asked.deactivate:
            return Retrieved(tuple(outcomes))
        async with self._cards() as cards:
            results = await deactivate(cards, outcomes)
        kept = {code: r.detail or r.reason for code, r in results.items() if r.status != "ok"}
        return Retrieved(tuple(outcomes), deactivated=tuple(c for c in results if c not in kept), kept=kept)

    def _printed(self, store: Store, begun: Begun, cabinet: str) -> Printed:
        from syncd.config.local_time import local_time
        from syncd.jobs.retrieve.bags import Printed
        from syncd.report import journal

        def of(code: str) -> bytes:
            rows = ((local_time(self._config, at), event) for at, event in store.journal.events(client=code))
            first = next(rows, None)
            if first is None:
                return b""
            return "".join(journal.table(itertools.chain([first], rows), self._config.language)).encode()

        return Printed(cabinet, local_time(self._config, begun.at), of, self._config.language)
