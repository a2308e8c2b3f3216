"""One order of the portal's: the package is fetched or brought, and what became of it is put as the portal keeps it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import shutil
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from syncd.core.errors import SyncdError, UsageError
from syncd.core.events import Event
from syncd.core.package_orders import (
    MOST_LINES,
    FolderLines,
    PackageAnswer,
    PackageDone,
    PackageFacts,
    PackageLine,
    PackageNote,
    PackageOrder,
    Result,
)
from syncd.core.packages import file_names
from syncd.core.packages import manifest as manifests
from syncd.core.packages.chain import Standing, standing
from syncd.core.packages.manifest import Manifest, NotTaken, PackageRefused, Receipt, Way
from syncd.core.words import fault
from syncd.core.words import packages as said
from syncd.disk import private
from syncd.disk.directory import Directory
from syncd.disk.hashing import hash_file
from syncd.jobs.packages import cabinet, ledger, receiving
from syncd.jobs.packages.at_cabinet import home_of, look, make
from syncd.jobs.packages.cabinet_apply import CabinetResult, planned
from syncd.jobs.packages.creation import Made, Wish
from syncd.jobs.packages.keys import SIGNING, Keys
from syncd.jobs.packages.receiving import Opened, Signer
from syncd.jobs.packages.trust import trusting
from syncd.package_file.archive import CHUNK
from syncd.package_file.public_keys import Public
from syncd.ports.package_orders import PackageDesk
from syncd.ports.state import ClientRow
from syncd.wiring import assembly

if TYPE_CHECKING:
    from syncd.config.model import Config

DESK, MADE = "desk", "made"  # below the side's home: a directory for each order; what was made, until the portal has it


def public_key(config: Config) -> str:
    """The cabinet's, once it has one. Raises AlreadyRunning."""
    home = home_of(config)
    if not (home / SIGNING).exists():
        return ""
    with ledger.opened(home) as own:
        return str(Keys(own.home).public())


class Work:
    """Its files lie in a directory of the order's own until the portal has heard what became of it. `row`: of its client, None for
    one that is not known here; `cabinet`: its id."""

    def __init__(
        self, config: Config, desk: PackageDesk, order: PackageOrder, row: ClientRow | None, cabinet: str
    ) -> None:
        self._config, self._desk, self._order, self._row, self._cabinet = config, desk, order, row, cabinet
        self._home = home_of(config)
        self._place = self._home / DESK / order.id

    @staticmethod
    def forget_others(config: Config, orders: Collection[str]) -> None:
        """What is not ordered any more."""
        for place in (home_of(config) / DESK).glob("*"):
            if place.name not in orders:
                with contextlib.suppress(OSError):
                    shutil.rmtree(place)

    def answer(self, result: Result, *, why: str = "", french: str = "") -> PackageDone:
        return PackageDone(self._order.id, self._order.number, self._order.act, result, why[:1000], french[:1000])

    @property
    def code(self) -> str:
        """Raises UsageError for a client that is not known here."""
        return self._client().code

    def _client(self) -> ClientRow:
        if self._row is None:
            raise UsageError(said.NO_DIRECTORY.of(code="?"), mend=said.NO_DIRECTORY_MEND.of())
        return self._row

    # -- one is made -----------------------------------------------------------------------------------------------------

    @property
    def is_made(self) -> bool:
        """It was, before a kill or a cut, and the portal does not have it yet."""
        return (self._place / MADE).exists()

    async def make(self) -> PackageDone:
        done = await asyncio.to_thread(self._made)
        if done.result == Result.DONE:
            await self._desk.bring(self._order, _Source(self._place / done.name))
        return done

    def _made(self) -> PackageDone:
        if self.is_made:
            return msgspec.json.decode((self._place / MADE).read_bytes(), type=PackageDone)
        self._empty()
        order = self._order
        with contextlib.closing(assembly.store(self._config, writes=False)) as state:
            made = make(self._config, state, self.code, Wish(order.full, order.purpose, order.comment), self._place)
        done = replace(self._of_made(made), acknowledged=self._acknowledged(), number=order.number)
        part = self._place / f"{MADE}.new"
        part.write_bytes(msgspec.json.encode(done))
        part.rename(self._place / MADE)
        return done

    def _of_made(self, made: Made) -> PackageDone:
        left = tuple(PackageNote(path) for path in made.left[:MOST_LINES])
        later = tuple(PackageNote(path) for path in made.withheld[:MOST_LINES])
        if made.manifest is None:
            return replace(self.answer(Result.NOTHING), left=left, later=later)
        content, _stamp = hash_file(str(self._place / made.file))
        return replace(
            self.answer(Result.DONE), name=made.file, content=content, facts=_facts(made.manifest, "", sealed=made.sealed), left=left,
            later=later, changes=len(made.manifest.entries),
        )  # fmt: skip

    def _acknowledged(self) -> int:
        with ledger.opened(self._home) as own:
            known = own.chain(self._order.client).acknowledged
            return known.sequence if known is not None else 0

    def _empty(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._place)
        private.directory(self._home / DESK)
        private.directory(self._place)

    # -- one came --------------------------------------------------------------------------------------------------------

    async def look(self) -> PackageDone:
        file = await self._fetched()
        return await asyncio.to_thread(lambda: asyncio.run(self._looked(file)))

    async def _looked(self, file: Path) -> PackageDone:
        with receiving.opened_for(self._home, file) as found:
            self._check_owner(found.manifest)
            facts = _facts(found.manifest, found.package.digest, sealed=found.sealed)
            if self._stands(found) is Standing.REPLAYED:
                return replace(self.answer(Result.NOTHING), facts=facts)
            if self._signer(found) is Signer.UNKNOWN:
                return replace(self.answer(Result.UNKNOWN_KEY), facts=facts)
            try:
                looked = await look(self._config, self._home, found)
            except PackageRefused as e:
                return replace(self._refused(e), facts=facts)
            return replace(self._of(looked), facts=facts)

    def _refused(self, error: SyncdError) -> PackageDone:
        return self.answer(Result.REFUSED, why=str(error), french=" ".join(fault(error, "fr")).strip())

    def _stands(self, found: Opened) -> Standing:
        with ledger.opened(self._home) as own:
            return standing(own.chain(found.manifest.client), found.manifest, found.package.digest)

    def _signer(self, found: Opened) -> Signer:
        """After the key that somebody compared is believed, where it signed this very package."""
        m, compared = found.manifest, self._order.trust
        with ledger.opened(self._home) as own:
            known = receiving.signer(own, m)
            if (
                known is Signer.UNKNOWN
                and compared
                and compared == str(Public(m.key, m.age))
                and m.way is Way.TO_CABINET
            ):
                self._check_owner(m)
                mine, key = Keys(own.home).public(), str(Public(m.key, m.age))
                own.trust(
                    m.client,
                    trusting(own.trusted(m.client), key, datetime.now(UTC).timestamp(), own=mine, revoked=False),
                )
                known = receiving.signer(own, m)
            return known

    def _check_owner(self, manifest: Manifest) -> None:
        """Raises PackageRefused where it is of another client than the one that it was handed in for: that one's people read why, and
        learn nothing of the other."""
        if manifest.client != self._order.client or manifest.cabinet != self._cabinet:
            raise PackageRefused(said.OTHER_CLIENT_HERE.of(), mend=said.OTHER_CLIENT_MEND.of())

    async def proved(self) -> tuple[Path, str]:
        """The file, and its list's digest. Raises PackageRefused."""
        file = await self._fetched()

        def digest() -> str:
            with receiving.opened_for(self._home, file) as found:
                self._check_owner(found.manifest)
                return found.package.digest

        return file, await asyncio.to_thread(digest)

    async def _fetched(self) -> Path:
        """The very bytes that were handed in. Raises PackageRefused where the portal has them no more."""
        order = self._order
        name = order.name if file_names.is_package(order.name) and "/" not in order.name else f"x{file_names.ENDING}"
        private.directory(self._home / DESK)
        private.directory(self._place)
        file = self._place / name
        with Directory.at(str(self._place)) as directory:
            sink = assembly.sink(directory, name)
            if order.content is None or not await self._desk.fetch(order, sink):
                raise PackageRefused(said.NOT_AT_PORTAL.of(), mend=said.HAND_IN_AGAIN.of())
            if await sink.content() != order.content:
                with contextlib.suppress(OSError):
                    file.unlink()
                raise PackageRefused(said.NOT_AT_PORTAL.of(), mend=said.HAND_IN_AGAIN.of())
        return file

    async def dealt_before(self, digest: str) -> PackageDone | None:
        """What became of it, where it was dealt with already: the answer was lost, or somebody did it here."""
        return await asyncio.to_thread(self._dealt_before, digest)

    def _dealt_before(self, digest: str) -> PackageDone | None:
        with ledger.opened(self._home) as own:
            chain = own.chain(self._order.client)
            known = next((r for r in chain.received if r.prior.manifest == digest and not r.discarded), None)
            wanted = set(self._order.folders)
            if known is None or (known.folders and not (wanted and wanted <= set(known.folders))):
                return None
            later = tuple(PackageNote(path) for path in known.later)
            acknowledged = chain.acknowledged.sequence if chain.acknowledged is not None else 0
            return replace(self.answer(Result.DONE), left=_notes(known.refused), later=later, acknowledged=acknowledged)

    async def dealt(self, digest: str) -> PackageDone:
        """After the service did it."""
        known = await self.dealt_before(digest)
        return known if known is not None else self.answer(Result.DONE)

    def applied(self, done: CabinetResult) -> PackageDone:
        assert done.result is not None
        found = self._of(done)
        return replace(
            found, changes=done.result.done, left=_notes(done.result.refused), later=_notes(done.result.later)
        )

    async def discard(self) -> PackageDone:
        file = await self._fetched()
        return await asyncio.to_thread(self._discarded, file)

    def _discarded(self, file: Path) -> PackageDone:
        with ledger.opened(self._home) as own, receiving.opened(file, own) as found:
            self._check_owner(found.manifest)
            row = self._client()
            if standing(own.chain(row.id), found.manifest, found.package.digest) is Standing.REPLAYED:
                return self.answer(Result.NOTHING)
            who = cabinet.identity(row, self._cabinet)
            receiving.discard(own, who, Way.TO_CABINET, found, datetime.now(UTC).timestamp())
        return self.answer(Result.DONE)

    def _of(self, looked: CabinetResult) -> PackageDone:
        prepared = looked.prepared
        steps = [planned(looked.row.code, s) for s in prepared.plan.steps]
        chain = prepared.chain
        return replace(
            self.answer(Result.DONE), changes=len(steps), lines=tuple(_line(e) for e in steps[:MOST_LINES]),
            folders=tuple(FolderLines(f, n) for f, n in sorted(prepared.counts.items())), waits=looked.waits,
            left=_notes(prepared.plan.refused), later=_notes(prepared.plan.later),
            answers=tuple(_answer(a) for a in prepared.answers),
            acknowledged=chain.acknowledged.sequence if chain.acknowledged is not None else 0,
        )  # fmt: skip


class _Source:
    """A package on its way up."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.size = file.stat().st_size

    async def chunks(self, offset: int) -> AsyncIterator[bytes]:
        with self._file.open("rb") as source:
            source.seek(offset)
            while chunk := await asyncio.to_thread(source.read, CHUNK):
                yield chunk


def _facts(m: Manifest, digest: str, *, sealed: bool) -> PackageFacts:
    created = datetime.strptime(m.created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    told = digest or hashlib.sha256(manifests.encode(m)).hexdigest()
    return PackageFacts(m.sequence, told, created, m.purpose, m.comment, str(Public(m.key, m.age)), m.count, sealed)


def _notes(found: Iterable[NotTaken]) -> tuple[PackageNote, ...]:
    return tuple(PackageNote(n.path, n.reason, n.detail) for n in found)[:MOST_LINES]


def _line(event: Event) -> PackageLine:
    return PackageLine(event.action, event.path, event.to, event.size or 0, event.replaces)


def _answer(receipt: Receipt) -> PackageAnswer:
    later: Sequence[str] = receipt.later
    return PackageAnswer(receipt.manifest, _notes(receipt.refused), tuple(PackageNote(p) for p in later))
