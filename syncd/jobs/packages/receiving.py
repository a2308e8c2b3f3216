"""A package that came: opened, unsealed, proved, and where it stands. Nothing is written here."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import msgspec

from syncd.core.errors import SyncdError
from syncd.core.no_room import no_room
from syncd.core.packages.chain import Chain, Standing, discarded, is_far, standing
from syncd.core.packages.manifest import Manifest, PackageRefused, Prior, Way
from syncd.core.words import packages as said
from syncd.disk.hashing import open_document
from syncd.jobs.packages import ledger as ledgers
from syncd.jobs.packages.keys import Keys
from syncd.jobs.packages.ledger import Identity, Ledger
from syncd.package_file import archive, proof
from syncd.package_file.archive import Package
from syncd.package_file.public_keys import Public


class Signer(StrEnum):
    """Whose key signed it, as far as this side knows."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown"
    REVOKED = "revoked"


class Opened(msgspec.Struct, frozen=True):
    """Every byte of it was proved to be as its signer made it. `file`: its plain bytes; `path`: where it lies."""

    file: BinaryIO
    package: Package
    path: Path
    sealed: bool

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def manifest(self) -> Manifest:
        return self.package.manifest

    @property
    def prior(self) -> Prior:
        return Prior(self.manifest.sequence, self.package.digest, self.manifest.created)


@contextlib.contextmanager
def opened(path: Path, ledger: Ledger | None) -> Iterator[Opened]:
    """`ledger`: this side's, for what is sealed; not asked any more once it is open. Raises PackageRefused for what is not as
    one key made it, SyncdError where there is no room to open it."""
    with _plain(path, ledger) as (file, sealed):
        try:
            found = Opened(file, proof.proved(file), path, sealed)
        except OSError as e:
            raise unread(path, e) from e
        yield found


@contextlib.contextmanager
def opened_for(home: Path, path: Path) -> Iterator[Opened]:
    """By the side that has its keys in `home`; once it is open, others may work there."""
    with contextlib.ExitStack() as held:
        with ledgers.opened(home) as own:
            found = held.enter_context(opened(path, own))
        yield found


def number(path: Path, ledger: Ledger | None) -> int:
    """A package's, as its signer says it: the rest of it is not looked at. Raises as `opened`."""
    with _plain(path, ledger) as (file, _):
        try:
            return proof.signed(file).manifest.sequence
        except OSError as e:
            raise unread(path, e) from e


@contextlib.contextmanager
def _plain(path: Path, ledger: Ledger | None) -> Iterator[tuple[BinaryIO, bool]]:
    """Its bytes, unsealed into a file without a name, and whether it was sealed."""
    with contextlib.ExitStack() as held:
        try:
            file: BinaryIO = held.enter_context(os.fdopen(open_document(str(path)), "rb", archive.CHUNK))
            sealed = proof.is_sealed(file)
        except OSError as e:
            raise unread(path, e) from None
        if sealed:
            if ledger is None:
                raise PackageRefused(said.SEALED_UNREAD.of(), mend=said.SEALED_UNREAD_MEND.of())
            try:
                plain = held.enter_context(tempfile.TemporaryFile(dir=ledger.home.where))
                file.seek(0)
                Keys(ledger.home).unseal(file, plain)
            except OSError as e:
                raise unread(path, e, ledger.home.where) from e
            file = plain
        yield file, sealed


def unread(path: Path, error: OSError, home: str = "") -> SyncdError:
    """`home`: where its plain bytes were to lie for a while."""
    if no_room(error):
        return SyncdError(said.DISK_FULL_OPENING.of(place=home or path.parent), mend=said.DISK_FULL_MEND.of())
    return PackageRefused(said.NO_FILE.of(path=path, why=error.strerror or error), mend=said.NO_FILE_MEND.of())


def signer(ledger: Ledger, manifest: Manifest) -> Signer:
    """The last word on a key counts."""
    known = [t for t in ledger.trusted(manifest.client) if t.key.signing == manifest.key]
    if not known:
        return Signer.UNKNOWN
    return Signer.REVOKED if known[-1].revoked else Signer.TRUSTED


def check_owner(who: Identity, way: Way, manifest: Manifest) -> None:
    """`way`: of what this side takes. Raises PackageRefused for another client's, or this side's own."""
    if manifest.cabinet != who.cabinet or manifest.client != who.client:
        raise PackageRefused(
            said.OTHER_CLIENT.of(code=manifest.code, name=manifest.name), mend=said.OTHER_CLIENT_MEND.of()
        )
    if manifest.way is not way:
        raise PackageRefused(said.OWN_PACKAGE.of(), mend=said.OWN_PACKAGE_MEND.of())


def signed_by(who: Identity, way: Way, found: Opened) -> Public:
    """The key that signed a package: to be compared, and believed then. Raises PackageRefused as `check_owner`."""
    check_owner(who, way, found.manifest)
    return Public(found.manifest.key, found.manifest.age)


def check_for(ledger: Ledger, who: Identity, way: Way, manifest: Manifest) -> None:
    """`way`: of what this side takes. Raises PackageRefused for another client's, or another signer's."""
    check_owner(who, way, manifest)
    match signer(ledger, manifest):
        case Signer.UNKNOWN:
            raise PackageRefused(
                said.UNKNOWN_KEY.of(key=manifest.key), mend=said.UNKNOWN_KEY_MEND.of(code=manifest.code)
            )
        case Signer.REVOKED:
            raise PackageRefused(said.REVOKED_KEY.of(key=manifest.key), mend=said.REVOKED_KEY_MEND.of())
        case Signer.TRUSTED:
            return


def check_standing(chain: Chain, found: Opened, shown: said.Shown) -> Standing:
    """Raises PackageRefused for one that is not to be dealt with now. `shown`: a moment of a manifest, as people read it."""
    manifest, last = found.manifest, chain.last
    if is_far(chain, manifest.receipts):
        raise PackageRefused(said.NEVER_MADE.of(number=manifest.sequence), mend=said.NEVER_MADE_MEND.of())
    stands = standing(chain, manifest, found.package.digest)
    match stands:
        case Standing.REPLAYED:
            raise PackageRefused(said.REPLAYED.of(number=manifest.sequence), mend=said.NOTHING_TO_DO.of())
        case Standing.OLDER:
            newest = last.prior.sequence if last is not None else 0
            raise PackageRefused(said.OLDER.of(number=manifest.sequence, newest=newest), mend=said.OLDER_MEND.of())
        case Standing.GAP:
            needed = manifest.prerequisite
            assert needed is not None
            raise PackageRefused(
                said.GAP.of(number=manifest.sequence, missing=needed.sequence, at=shown(needed.created)), mend=said.GAP_MEND.of()
            )  # fmt: skip
        case _:
            return stands


def discard(ledger: Ledger, who: Identity, way: Way, found: Opened, at: float) -> None:
    """Written down; nothing of it was taken. Raises PackageRefused for one that is not this side's to throw away, or was dealt with."""
    check_for(ledger, who, way, found.manifest)
    chain = ledger.chain(who.client)
    if standing(chain, found.manifest, found.package.digest) is Standing.REPLAYED:
        raise PackageRefused(said.REPLAYED.of(number=found.manifest.sequence), mend=said.NOTHING_TO_DO.of())
    ledger.keep(who.client, discarded(chain, found.prior, at))
