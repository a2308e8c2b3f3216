"""What a side remembers of its packages: the chain of each client, whose keys it believes, what was set aside. Every file is
written whole or not at all; one process at a time works here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from syncd.core.content import Content
from syncd.core.entry import Known
from syncd.core.errors import AlreadyRunning, SyncdError
from syncd.core.packages.chain import Chain
from syncd.core.words import packages as said
from syncd.disk import private
from syncd.disk.directory import Directory
from syncd.disk.lock import FileLock, Held
from syncd.jobs.retrieve.small_files import NEW, read_whole, write_whole
from syncd.package_file.public_keys import Public

T = TypeVar("T")
LOCK = "lock"
PART = ".syncd-package-"  # how a package begins that has no name yet
_TRUST, _IDENTITY, _ASIDE, _KNOWN = "trust", "identity", "aside", "known"


class Trusted(msgspec.Struct, frozen=True):
    """A key of the other side's. `revoked`: since when it is not believed any more, 0 for one that is."""

    key: Public
    since: float
    revoked: float = 0.0


class Identity(msgspec.Struct, frozen=True):
    """Whose documents a company's directory holds, as the cabinet's first package said."""

    cabinet: str
    client: str
    code: str
    name: str


class Ledger:
    """In `home`, a private directory of the side's own."""

    def __init__(self, home: Directory) -> None:
        self.home = home

    def chain(self, client: str) -> Chain:
        data = read_whole(self.home, f"{client}.chain")
        return Chain() if data is None else self._read(data, Chain)

    def keep(self, client: str, chain: Chain) -> None:
        self._write(f"{client}.chain", msgspec.msgpack.encode(chain))

    def clients(self) -> list[str]:
        """Ids of those who have a chain."""
        return sorted(n.removesuffix(".chain") for n in self.home.names() if n.endswith(".chain"))

    def trusted(self, client: str) -> tuple[Trusted, ...]:
        data = read_whole(self.home, f"{client}.{_TRUST}")
        return () if data is None else self._read(data, tuple[Trusted, ...])

    def trust(self, client: str, keys: tuple[Trusted, ...]) -> None:
        self._write(f"{client}.{_TRUST}", msgspec.msgpack.encode(keys))

    def identity(self) -> Identity | None:
        data = read_whole(self.home, _IDENTITY)
        return None if data is None else self._read(data, Identity)

    def become(self, identity: Identity) -> None:
        self._write(_IDENTITY, msgspec.msgpack.encode(identity))

    def aside(self) -> dict[str, Content]:
        """What was renamed `supp_…` here, by its place now: it is not sent."""
        data = read_whole(self.home, _ASIDE)
        return {} if data is None else self._read(data, dict[str, Content])

    def keep_aside(self, aside: dict[str, Content]) -> None:
        self._write(_ASIDE, msgspec.msgpack.encode(aside))

    def known(self) -> dict[str, Known]:
        """What was read before, by its place on the disk."""
        data = read_whole(self.home, _KNOWN)
        return {} if data is None else self._read(data, dict[str, Known])

    def keep_known(self, known: dict[str, Known]) -> None:
        self._write(_KNOWN, msgspec.msgpack.encode(known))

    def _write(self, name: str, data: bytes) -> None:
        write_whole(self.home, name, data)

    @staticmethod
    def _read(data: bytes, kind: type[T]) -> T:
        try:
            return msgspec.msgpack.decode(data, type=kind)
        except msgspec.MsgspecError as e:
            raise SyncdError(said.LEDGER_DAMAGED.of(why=e), mend=said.LEDGER_DAMAGED_MEND.of()) from None


@contextlib.contextmanager
def opened(home: Path) -> Iterator[Ledger]:
    """Made where it is missing. Raises AlreadyRunning where another process is at work there."""
    private.directory(home)
    lock = FileLock(home / LOCK)
    try:
        lock.acquire(patience=5)
    except Held:
        raise AlreadyRunning(said.BUSY.of(), mend=said.BUSY_MEND.of()) from None
    try:
        with Directory.at(str(home)) as directory:
            for name in directory.names():
                if name.startswith((NEW, PART)):  # of a write that was cut short
                    with contextlib.suppress(FileNotFoundError):
                        directory.remove(name)
            yield Ledger(directory)
    finally:
        lock.release()
