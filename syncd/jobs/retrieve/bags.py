"""Each client's bags, one after the other: documents first, then what describes and proves them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from syncd.core import naming
from syncd.core.bag.layout import Entry
from syncd.jobs.retrieve.directory_bag import DirectoryBag
from syncd.jobs.retrieve.fetch import Fetch, Stopping
from syncd.jobs.retrieve.holder import Holder, SinkMaker
from syncd.jobs.retrieve.ledger import Asked, Begun, Done, Ledger, Planned
from syncd.jobs.retrieve.target import Target, told
from syncd.jobs.retrieve.zip_bag import ENDING, ZipBag
from syncd.ports.remote import Remote
from syncd.report.bag.facts import Bag
from syncd.report.bag.tag_files import tag_files

JOURNAL = "journal/journal.csv"


class Outcome(msgspec.Struct, frozen=True):
    """How one client's retrieval ended. `missing`: (place online, why), a code of core.words.bag."""

    code: str
    name: str
    present: int = 0
    retrieved: int = 0
    size: int = 0
    missing: tuple[tuple[str, str], ...] = ()
    places: tuple[str, ...] = ()
    skipped: bool = False
    id: str = ""

    @property
    def whole(self) -> bool:
        return not self.skipped and not self.missing


class Printed(msgspec.Struct, frozen=True):
    """What the pages say besides: whose the documents are, when the retrieval began in the reader's time, a client's
    journal by its code (b'' where there is none)."""

    cabinet: str
    at: datetime
    journal: Callable[[str], bytes]
    language: str = "fr"


class Bags:
    """`came`: is told of each document that came, by its size."""

    def __init__(
        self, remote: Remote, target: Target, begun: Begun, printed: Printed, sinks: SinkMaker, stopping: Stopping,
        came: Callable[[int], None],
    ) -> None:  # fmt: skip
        self._remote, self._target, self._begun, self._printed = remote, target, begun, printed
        self._sinks, self._stopping, self._came = sinks, stopping, came
        self._ledger = Ledger(target.work)

    async def client(self, client: str) -> Outcome:
        """One client's, made or gone on with. Raises Stop between two documents, SyncdError when portal or disk are away."""
        planned = self._ledger.plan(client)
        done = self._ledger.done(client)
        if done is None or done.missing:
            with told(self._target.path):
                done = await self._made(planned)
                self._ledger.keep_done(client, done)
        return _outcome(planned, done)

    async def _made(self, planned: Planned) -> Done:
        if planned.skipped:
            return Done()
        missing, names = dict[str, str](), places(planned, self._begun.asked)
        for n, (entries, place) in enumerate(zip(planned.parts, names, strict=True), 1):
            missing |= await self._part(planned, n, entries, place)
        return Done(missing, tuple(names))

    async def _part(self, planned: Planned, number: int, entries: Sequence[Entry], place: str) -> Mapping[str, str]:
        """Why some of its documents are missing."""
        refused = {e.kept.version_id: why for e in entries if (why := planned.refused.get(e.kept.version_id))}
        holder = self._holder(planned, number, entries, place)
        try:
            held = holder.held() | refused.keys()
            fetch = Fetch(self._remote, planned.id, holder, self._stopping, self._came)
            missing = refused | await fetch([e for e in entries if e.kept.version_id not in held])
            holder.close(self._files(planned, number, entries, missing))
        finally:
            holder.release()
        return missing

    def _files(
        self, planned: Planned, number: int, entries: Sequence[Entry], missing: Mapping[str, str]
    ) -> Iterator[tuple[str, bytes]]:
        journal = self._printed.journal(planned.code)
        bag = Bag(
            code=planned.code, name=planned.name, cabinet=self._printed.cabinet, at=self._printed.at, entries=entries,
            missing=missing, part=number, of=len(planned.parts), choice=self._begun.asked.choice,
            left_out=planned.left_out, journal=bool(journal), language=self._printed.language,
        )  # fmt: skip
        return tag_files(bag, {JOURNAL: journal} if journal else {})

    def _holder(self, planned: Planned, number: int, entries: Sequence[Entry], place: str) -> Holder:
        directory, work = self._target.directory, self._target.work
        if self._begun.asked.zipped:
            return ZipBag(directory, work, place.removesuffix(ENDING), f"{planned.id}-{number}", entries, self._sinks)
        return DirectoryBag(directory, work, place, entries, self._sinks)


def places(planned: Planned, asked: Asked) -> list[str]:
    """What each part is called where the bags lie: `007868 - SARL Dupont`, `…-2-sur-3.zip`; names that Windows takes."""
    exercise, of = asked.choice.exercise, len(planned.parts)
    stem = f"{planned.code} - {planned.name}" + (f" - {exercise}" if exercise else "")
    ending = ENDING if asked.zipped else ""
    suffixes = [f"-{n}-sur-{of}{ending}" if of > 1 else ending for n in range(1, of + 1)]
    return [naming.shorten(naming.windows_safe(stem), suffix, 200) for suffix in suffixes]


def _outcome(planned: Planned, done: Done) -> Outcome:
    entries = [e.kept for part in planned.parts for e in part]
    got = [k for k in entries if k.version_id not in done.missing]
    missing = tuple((k.path, done.missing[k.version_id]) for k in entries if k.version_id in done.missing)
    size = sum(k.content.size for k in got)
    return Outcome(
        planned.code, planned.name, len(entries), len(got), size, missing, done.places, planned.skipped, planned.id
    )
