"""A cabinet with its portal in memory and a company with a directory, which know each other's keys; a stick goes between them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from pathlib import Path

from msgspec.structs import replace

from syncd.core.events import Event
from syncd.core.folder_rules import Direction, FolderRule
from syncd.core.packages import chain as chains
from syncd.core.packages.chain import Chain
from syncd.core.packages.manifest import Way
from syncd.disk.directory import Directory
from syncd.engine import Ports
from syncd.engine.maintenance.maintenance_run import MaintenanceTask
from syncd.jobs.packages import cabinet, dates, ledger, receiving
from syncd.jobs.packages.cabinet_apply import CabinetResult, apply_package
from syncd.jobs.packages.creation import Made, Maker, Wish
from syncd.jobs.packages.document_reader import Reader
from syncd.jobs.packages.keys import Keys
from syncd.jobs.packages.ledger import Trusted
from syncd.local.mirror import DiskMirror
from syncd.operations.company_packages import CompanyDesk
from syncd.operations.package_desk import Applied
from syncd.package_file.public_keys import Public
from tests.simulation.engine_in_memory import Lab

FOLDERS = (
    FolderRule("Achats"),
    FolderRule("Ventes"),
    FolderRule("Banque"),
    FolderRule("Interne", direction=Direction.NONE),
)
CODE = "007868"
CHANGED = Wish()
SHOWN = dates.shown_in(dates.PARIS)


class Sides:
    """`stick`: where packages are put. Who makes one gets its name there. `secret`: whether a folder inside is restricted."""

    def __init__(self, base: Path, folders: tuple[FolderRule, ...] = FOLDERS, *, known: bool = True) -> None:
        base.mkdir(exist_ok=True)
        self.base, self.lab = base, Lab(base / "lab", folders, (CODE,))
        self.lab.settings = replace(self.lab.settings, stamp=dates.copies(dates.PARIS))
        self.home, self.stick, self.at = base / "home", base / "stick", base / "company" / "Mes documents"
        self.stick.mkdir()
        self.lab.run()
        self.now = time.time()
        self.desk = CompanyDesk(self.at, settle=0.0)
        self.events: list[Event] = []
        if known:
            self.meet()

    def meet(self) -> None:
        """The cabinet's first package, and keys on paper."""
        first = self.stick / self.send_cabinet(Wish(full=True, sealed=False)).file
        with self.desk.first(first) as found:
            own = self.desk.join(found, self.desk.introduced(found))
        self.trust(own)
        self.take_company(first.name)

    def trust(self, key: Public, *, revoked: bool = False) -> None:
        with ledger.opened(self.home) as own:
            before = own.trusted(self.client)
            others = tuple(t for t in before if t.key != key)
            own.trust(self.client, (*others, Trusted(key, self.now, self.now if revoked else 0.0)))

    @property
    def client(self) -> str:
        return self.lab.clients[CODE]

    # -- creation ------------------------------------------------------------------------------------------------------------

    def send_cabinet(self, wish: Wish = CHANGED) -> Made:
        self.lab.run()
        self.now += 60
        state = self.lab.state
        with ledger.opened(self.home) as own:
            row = cabinet.client(state, CODE)
            docs, unknown = cabinet.agreed(state, row, chains.places(own.chain(row.id)))
            maker = Maker(
                own, cabinet.identity(row, self.lab.portal.cabinet), Way.TO_COMPANY, self.now, dates.local("UTC")
            )
            with Directory.at(str(self.lab.root / row.dir)) as top, Directory.at(str(self.stick)) as to:
                reader = Reader(top, lambda path: docs[path].disk)
                with contextlib.closing(reader):
                    return maker(cabinet.contents(row, docs, unknown, reader), wish, to)

    def send_company(self, wish: Wish = CHANGED) -> Made:
        return self.desk.create("", self.stick, wish)[0]

    # -- taking ------------------------------------------------------------------------------------------------------------

    def take_cabinet(
        self, name: str, only: tuple[str, ...] = (), *, publish: bool = True, dry_run: bool = False
    ) -> CabinetResult:
        self.events = []
        mirror = DiskMirror(str(self.lab.root), settle=0.0)
        settings = replace(self.lab.settings, dry_run=dry_run)
        task = MaintenanceTask(
            Ports(self.lab.remote, mirror, self.lab.state, self.lab.clock), settings, self.events.append
        )
        done: list[CabinetResult] = []

        async def work() -> None:
            with receiving.opened_for(self.home, self.stick / name) as found:
                done.append(await apply_package(task.ctx, self.home, found, only, SHOWN))

        try:
            asyncio.run(task(work))
        finally:
            mirror.rest()
        if publish and not dry_run:
            told = self.events
            self.lab.run()
            self.lab.run()
            self.events = told
        return done[0]

    def take_company(self, name: str, only: tuple[str, ...] = ()) -> Applied:
        with self.desk.opened(self.stick / name) as found:
            return self.desk.apply(found, only)

    # -- people and what is there --------------------------------------------------------------------------------------------

    def write(self, path: str, data: bytes) -> None:
        """At the company."""
        target = self.at / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    def company(self) -> dict[str, bytes]:
        return {
            p.relative_to(self.at).as_posix(): p.read_bytes()
            for p in self.at.rglob("*")
            if p.is_file() and not p.relative_to(self.at).parts[0].startswith(".syncd")
        }

    def cabinet(self) -> dict[str, bytes]:
        return self.lab.here(CODE)

    def online(self) -> dict[str, bytes]:
        return self.lab.online(CODE)

    def chain(self) -> Chain:
        """The cabinet's."""
        with ledger.opened(self.home) as own:
            return own.chain(self.client)

    def key(self) -> Public:
        """The cabinet's."""
        with ledger.opened(self.home) as own:
            return Keys(own.home).public()

    def exchange(self) -> None:
        """Each tells the other all there is to tell, twice: documents, then what that led to."""
        for _ in range(3):
            if (made := self.send_company()).file:
                self.take_cabinet(made.file)
            if (back := self.send_cabinet(Wish(sealed=False))).file:
                self.take_company(back.file)


def parity(found: dict[str, bytes]) -> str:
    """One digest of all places and contents, without what was set aside."""
    sha = hashlib.sha256()
    for path in sorted(found):
        if not path.rpartition("/")[2].startswith("supp_"):
            sha.update(path.encode() + b"\0" + hashlib.sha256(found[path]).digest())
    return sha.hexdigest()
