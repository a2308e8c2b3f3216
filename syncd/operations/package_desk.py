"""What the commands of packages work with, whichever side they are on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import msgspec

from syncd.core.errors import SyncdError
from syncd.core.events import Event
from syncd.core.packages import file_names
from syncd.core.packages.chain import Chain, standing
from syncd.core.packages.manifest import Manifest, NotTaken, PackageRefused, Receipt, Way
from syncd.core.words import packages as said
from syncd.core.words.packages import Shown
from syncd.jobs.packages import receiving
from syncd.jobs.packages.creation import Made, Wish
from syncd.jobs.packages.ledger import Ledger
from syncd.jobs.packages.receiving import Opened
from syncd.package_file.public_keys import Public


class Viewed(msgspec.Struct, frozen=True):
    """A package before anything of it is written. `signer`: trusted, unknown, revoked, '' where no side was named. `refused_by`: why this
    side would not take it. `counts`: lines by folder; `steps`: what would be done; `not_taken`: what would not. `answers`:
    what it says anew of this side's packages."""

    name: str
    manifest: Manifest
    sealed: bool
    signer: str = ""
    refused_by: SyncdError | None = None
    counts: dict[str, int] = {}
    steps: tuple[Event, ...] = ()
    not_taken: tuple[NotTaken, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    waits: int = 0
    answers: tuple[Receipt, ...] = ()


class Applied(msgspec.Struct, frozen=True):
    """`done`: changes made here; None where the service says it by its run. `report`: a company's file."""

    number: int
    done: int | None = None
    refused: tuple[NotTaken, ...] = ()
    later: tuple[NotTaken, ...] = ()
    exit_code: int = 0
    report: str = ""


class Listed(msgspec.Struct, frozen=True):
    """A line of the list. `at`: as people read it; `file`: of one that lies in the directory that was looked at."""

    code: str
    number: int
    at: str
    state: str
    way: str = ""
    when: str = ""
    folders: tuple[str, ...] = ()
    file: str = ""
    size: int = 0
    why: SyncdError | None = None


class Desk(Protocol):
    """Every method raises SyncdError."""

    def create(self, client: str, to: Path, wish: Wish) -> tuple[Made, Sequence[NotTaken]]:
        """And what stays here, with why."""
        ...

    def opened(self, file: Path) -> AbstractContextManager[Opened]:
        """Proved once, and held open: what is shown of it is what is dealt with."""
        ...

    def view(self, found: Opened, only: tuple[str, ...]) -> Viewed: ...

    def in_order(self, files: Sequence[Path]) -> list[Path]:
        """By their numbers, sealed or not."""
        ...

    def apply(self, found: Opened, only: tuple[str, ...]) -> Applied: ...

    def discard(self, file: Path) -> Manifest: ...

    def listed(self, directory: Path | None) -> list[Listed]: ...

    def key(self) -> Public: ...

    def signer(self, client: str, found: Opened) -> Public:
        """Whoever signed a package of this client's that the other side made: to be compared, and believed then."""
        ...

    def trust(self, client: str, key: str, *, revoked: bool) -> str:
        """The client's code."""
        ...


def in_order(files: Sequence[Path], ledger: Ledger | None) -> list[Path]:
    """`ledger`: this side's, for what is sealed. By their numbers: dates say nothing. One that cannot be read is dealt with where it stands, and says why."""
    numbers = dict[Path, int]()
    for file in files:
        try:
            numbers[file] = receiving.number(file, ledger)
        except PackageRefused:
            numbers[file] = 0
    return sorted(files, key=lambda f: numbers[f])


def of_chain(chain: Chain, code: str, shown: Shown, when: Shown) -> list[Listed]:
    """`shown`: of a manifest's moments; `when`: of this side's, given as text of a number."""
    found = [Listed(code, s.prior.sequence, shown(s.prior.created), "sent", "sent", file=s.file) for s in chain.sent]
    for r in chain.received:
        state = "discarded" if r.discarded else "part" if r.folders else "received"
        found.append(
            Listed(code, r.prior.sequence, shown(r.prior.created), state, "received", when(str(r.at)), r.folders)
        )
    return found


def lying(directory: Path) -> list[Path]:
    """Packages by their names; what is below is not looked at. Raises PackageRefused where it cannot be."""
    try:
        return sorted(p for p in directory.iterdir() if p.is_file() and file_names.is_package(p.name))
    except OSError as e:
        raise PackageRefused(
            said.NO_FILE.of(path=directory, why=e.strerror or e), mend=said.NO_FILE_MEND.of()
        ) from None


def found_lying(file: Path, ledger: Ledger, clients: Collection[str], way: Way, shown: Shown) -> Listed:
    """`clients`: ids of this side's own; `way`: of what it takes."""
    size = file.stat().st_size
    try:
        with receiving.opened(file, ledger) as found:
            m = found.manifest
            if m.client not in clients:
                state = "other"
            elif m.way is not way:
                state = "own"
            else:
                state = standing(ledger.chain(m.client), m, found.package.digest).value
            return Listed(m.code, m.sequence, shown(m.created), state, m.way.value, file=file.name, size=size)
    except PackageRefused as e:
        own = any(file.name in ledger.chain(client).made for client in clients)
        return Listed("?", 0, "", "own" if own else "bad", file=file.name, size=size, why=None if own else e)
