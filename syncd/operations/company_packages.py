"""A company's exchange packages, in a directory of its own: no configuration, no portal, no service."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from syncd.core import words
from syncd.core.errors import SyncdError, UsageError
from syncd.core.folder_rules import ClientRules
from syncd.core.packages.chain import Chain
from syncd.core.packages.manifest import Manifest, NotTaken, PackageRefused, Way
from syncd.core.paths import DiskPath
from syncd.core.words import packages as said
from syncd.disk.directory import Directory
from syncd.jobs.packages import company, dates, integration, ledger, receiving
from syncd.jobs.packages.cabinet import here
from syncd.jobs.packages.cabinet_apply import planned
from syncd.jobs.packages.company import HOME, CompanySide
from syncd.jobs.packages.creation import Made, Maker, Wish
from syncd.jobs.packages.document_reader import Reader
from syncd.jobs.packages.integration import Prepared
from syncd.jobs.packages.keys import Keys
from syncd.jobs.packages.ledger import Identity, Ledger, Trusted
from syncd.jobs.packages.receiving import Opened
from syncd.jobs.packages.trust import trusting
from syncd.jobs.retrieve import small_files
from syncd.operations.outside import may_write, within
from syncd.operations.package_desk import Applied, Listed, Viewed, found_lying, in_order, lying, of_chain
from syncd.package_file.public_keys import Public
from syncd.ports.local import ClientMarker, Stale
from syncd.report import package_report
from syncd.wiring import packages as wiring

ENGINE = ".syncd"  # in a client's directory of a mirror


class CompanyDesk:
    """A Desk. `at`: the company's directory; `language`: of its reports; `settle`: seconds for which a document is left alone
    before it is taken."""

    def __init__(self, at: Path, language: str = "fr", settle: float = 2.0) -> None:
        self._at, self._language, self._settle = at.absolute(), language, settle
        self._home = self._at / HOME
        self._shown = dates.shown_in(dates.PARIS)

    # -- whose it is -------------------------------------------------------------------------------------------------------

    def introduced(self, found: Opened) -> Public:
        """The key that a first package is signed by: whoever joins compares it. Raises PackageRefused."""
        if found.manifest.way is not Way.TO_COMPANY:
            raise PackageRefused(said.OWN_PACKAGE.of(), mend=said.OWN_PACKAGE_MEND.of())
        return Public(found.manifest.key, found.manifest.age)

    def join(self, found: Opened, compared: Public) -> Public:
        """The directory is this client's from now on; the company's own key. `compared`: with what the cabinet told, the key
        that is believed. Raises UsageError where the directory is another's, PackageRefused for what another key signed."""
        m = found.manifest
        if self.introduced(found) != compared:
            raise PackageRefused(said.OTHER_KEY.of(key=m.key), mend=said.BAD_SIGNATURE_MEND.of())
        with ledger.opened(self._home) as own:
            who, before = Identity(m.cabinet, m.client, m.code, m.name), own.identity()
            if before is not None and before.client != who.client:
                raise UsageError(said.JOINED_OTHER.of(at=self._at, code=before.code))
            self._mark(who)
            own.trust(who.client, (Trusted(compared, time.time()),))
            own.become(who)
            return Keys(own.home).public()

    def _mark(self, who: Identity) -> None:
        """The directory bears the client's marker, as one of a cabinet's does. Raises UsageError where it bears another's."""
        mirror = wiring.company_mirror(self._at, self._settle)
        try:
            mirror.make_client(self._at.name, ClientMarker(who.client, who.cabinet, who.code))
        except (OSError, Stale, ValueError):
            raise UsageError(said.JOINED_OTHER.of(at=self._at, code="?")) from None
        finally:
            mirror.rest()

    @contextlib.contextmanager
    def first(self, file: Path) -> Iterator[Opened]:
        """The package that a company begins with."""
        if (self._at / ENGINE).exists() and not self._home.exists():  # a client's directory of a cabinet's mirror
            raise UsageError(said.IS_MIRROR.of(at=self._at), mend=said.TO_ITSELF_MEND.of())
        may_write(self._at)
        self._at.mkdir(parents=True, exist_ok=True)
        with receiving.opened_for(self._home, file) as found:
            yield found

    @contextlib.contextmanager
    def _own(self) -> Iterator[tuple[Ledger, Identity]]:
        if not self._home.is_dir():
            raise UsageError(said.NOT_JOINED.of(at=self._at), mend=said.NOT_JOINED_MEND.of())
        with ledger.opened(self._home) as own:
            who = own.identity()
            if who is None:
                raise UsageError(said.NOT_JOINED.of(at=self._at), mend=said.NOT_JOINED_MEND.of())
            yield own, who

    # -- creation ------------------------------------------------------------------------------------------------------------

    def create(self, client: str, to: Path, wish: Wish) -> tuple[Made, Sequence[NotTaken]]:
        to = to.absolute()
        if within(to, self._at):
            raise UsageError(said.TO_ITSELF.of(to=to), mend=said.TO_ITSELF_MEND.of())
        may_write(to)
        with self._own() as (own, who):
            to.mkdir(parents=True, exist_ok=True)
            rules = company.rules_of(who, own.chain(who.client).tree)
            side = self._side(own)
            scan = asyncio.run(side.look(rules))
            disks = {d.path: d.disk for d in scan.docs}
            with Directory.at(str(self._at)) as top, Directory.at(str(to)) as into:
                reader = Reader(top, lambda path: disks.get(path, DiskPath(path)))  # type: ignore[call-overload]
                with contextlib.closing(reader):
                    contents, left = side.contents(scan, rules, reader)
                    maker = Maker(own, who, Way.TO_CABINET, time.time(), dates.local(dates.PARIS))
                    made = maker(contents, wish, into)
            if made.manifest is not None:
                self._report(own, package_report.made(made.manifest, made.file, left, self._now(), self._language))
            return made, left

    def _side(self, own: Ledger) -> CompanySide:
        mirror = wiring.company_mirror(self._at, self._settle)
        return CompanySide(mirror, self._at.name, own, dates.copies(dates.PARIS)(time.time()), self._settle)

    # -- receiving ---------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def opened(self, file: Path) -> Iterator[Opened]:
        with contextlib.ExitStack() as held:
            with self._own() as (own, _):
                found = held.enter_context(receiving.opened(file, own))
            yield found

    def view(self, found: Opened, only: tuple[str, ...]) -> Viewed:
        with self._own() as (own, who):
            seen = Viewed(found.name, found.manifest, found.sealed, receiving.signer(own, found.manifest).value)
            try:
                prepared, _ = self._prepared(own, who, found, only)
            except SyncdError as e:
                return replace(seen, refused_by=e)
        plan = prepared.plan
        return replace(
            seen, counts=prepared.counts, steps=tuple(planned(who.code, s) for s in plan.steps),
            not_taken=(*plan.refused, *plan.later), added=prepared.added, removed=prepared.removed,
            answers=prepared.answers,
        )  # fmt: skip

    def _prepared(
        self, own: Ledger, who: Identity, found: Opened, only: tuple[str, ...]
    ) -> tuple[Prepared, CompanySide]:
        receiving.check_for(own, who, Way.TO_COMPANY, found.manifest)
        chain = own.chain(who.client)
        standing = receiving.check_standing(chain, found, self._shown)
        side, rules = self._side(own), self._rules(who, chain, found.manifest)
        looked = here(asyncio.run(side.look(rules)))
        return integration.prepare(chain, found, standing, looked, rules, only, dates.copies(dates.PARIS)), side

    @staticmethod
    def _rules(who: Identity, chain: Chain, manifest: Manifest) -> ClientRules:
        return company.rules_of(who, manifest.tree or chain.tree)

    def in_order(self, files: Sequence[Path]) -> list[Path]:
        with self._own() as (own, _):
            return in_order(files, own)

    def apply(self, found: Opened, only: tuple[str, ...]) -> Applied:
        with self._own() as (own, who):
            prepared, side = self._prepared(own, who, found, only)
            side.make_folders(self._rules(who, prepared.chain, found.manifest))
            result = asyncio.run(integration.integrate(side, own, found, prepared, time.time()))
            told = package_report.dealt_with(
                found.manifest, side.done, result.refused, result.later, prepared.answers, self._now(), self._language
            )
            code = 3 if result.refused or result.later else 0
            report = self._report(own, told)
            return Applied(found.manifest.sequence, result.done, result.refused, result.later, code, report)

    def discard(self, file: Path) -> Manifest:
        with self._own() as (own, who), receiving.opened(file, own) as found:
            receiving.discard(own, who, Way.TO_COMPANY, found, time.time())
            manifest = found.manifest
            self._report(own, package_report.discarded(manifest, self._now(), self._language))
        file.unlink()
        return manifest

    # -- list and keys -----------------------------------------------------------------------------------------------------

    def listed(self, directory: Path | None) -> list[Listed]:
        with self._own() as (own, who):
            found = of_chain(own.chain(who.client), who.code, self._shown, self._when)
            for file in lying(directory) if directory is not None else []:
                found.append(found_lying(file, own, (who.client,), Way.TO_COMPANY, self._shown))
        return found

    def _report(self, own: Ledger, told: str) -> str:
        """Written below what this month already has; its file."""
        month = f"{dates.local(dates.PARIS)(time.time()):%Y-%m}"
        name = said.REPORT_FILE(self._language, month=month)
        small_files.write_whole(own.home, name, (small_files.read_whole(own.home, name) or b"") + told.encode())
        return str(self._home / name)

    @classmethod
    def _now(cls) -> str:
        return cls._when(str(time.time()))

    @staticmethod
    def _when(at: str) -> str:
        return words.date_time(dates.local(dates.PARIS)(float(at)))

    def key(self) -> Public:
        with self._own() as (own, _):
            return Keys(own.home).public()

    def signer(self, client: str, found: Opened) -> Public:
        with self._own() as (_, who):
            return receiving.signed_by(who, Way.TO_COMPANY, found)

    def trust(self, client: str, key: str, *, revoked: bool) -> str:
        with self._own() as (own, who):
            mine = Keys(own.home).public()
            own.trust(who.client, trusting(own.trusted(who.client), key, time.time(), own=mine, revoked=revoked))
            return who.code
