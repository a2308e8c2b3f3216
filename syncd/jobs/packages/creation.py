"""A package is made: written beside its name, remembered as sent, then named. No half of one ever bears a package's name."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import BinaryIO, NamedTuple

import msgspec

from syncd.core import naming
from syncd.core.errors import SyncdError
from syncd.core.no_room import no_room
from syncd.core.packages import chain as chains
from syncd.core.packages import file_names
from syncd.core.packages import manifest as manifests
from syncd.core.packages.chain import Chain, Mine
from syncd.core.packages.manifest import FORMAT, Entry, Folder, Manifest, PackageRefused, Receipt, Way
from syncd.core.words import packages as said
from syncd.disk.directory import Directory
from syncd.jobs.packages.keys import Keys
from syncd.jobs.packages.ledger import PART, Identity, Ledger
from syncd.package_file import archive, public_keys

Read = Callable[[Entry], Iterator[bytes]]


class Wish(msgspec.Struct, frozen=True):
    """`full`: all documents. `sealed`: for the receiver alone; None: where it names a document of a restricted folder."""

    full: bool = False
    purpose: str = ""
    comment: str = ""
    sealed: bool | None = None


class Contents(msgspec.Struct, frozen=True):
    """What lies here now. `unknown`: folders that could not be looked at. `restricted`: whether such a document's place is told
    to few alone. `read`: a document's bytes; what it raises, or gives otherwise than said, leaves the document out."""

    mine: Mapping[str, Mine]
    unknown: Sequence[str]
    tree: tuple[Folder, ...]
    restricted: Callable[[str], bool]
    read: Read


class Made(msgspec.Struct, frozen=True):
    """`file`: its name in the directory, '' where there was nothing to send. `left`: documents that changed while it was made.
    `withheld`: those that are or were in restricted folders, which wait for the receiver's key."""

    file: str = ""
    manifest: Manifest | None = None
    sealed: bool = False
    size: int = 0
    left: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()


class _Secret(NamedTuple):
    """What names a document of a restricted folder, where it is or where it was."""

    entries: tuple[Entry, ...]
    receipts: tuple[Receipt, ...]


class Maker:
    """`way`: of what this side makes. `local`: a moment in the reader's time."""

    def __init__(self, ledger: Ledger, who: Identity, way: Way, now: float, local: Callable[[float], datetime]) -> None:
        self._ledger, self._who, self._way, self._now, self._local = ledger, who, way, now, local
        self._keys = Keys(ledger.home)

    def __call__(self, contents: Contents, wish: Wish, to: Directory) -> Made:
        """Raises SyncdError."""
        try:
            return self._made(contents, wish, to)
        except OSError as e:
            raise _unwritten(to.where, e) from e

    def _made(self, contents: Contents, wish: Wish, to: Directory) -> Made:
        chain = self._ledger.chain(self._who.client)
        full = wish.full or chain.anew
        entries, receipts = chains.difference(chain, contents.mine, contents.unknown, full=full), chains.receipts(chain)
        secret = _secret(contents, entries, receipts)
        recipient = self._recipient(wish, secret)
        kept, withheld = tuple[Receipt, ...](), tuple[str, ...]()
        if not recipient and wish.sealed is None:
            withheld, kept = tuple(e.path for e in secret.entries), secret.receipts
            waits = set(withheld)
            entries = [e for e in entries if e.path not in waits]
        if not entries and not wish.full and chains.told(chain, contents.tree, kept) == chain.told:
            return Made(withheld=withheld)
        _clear(to)
        told = tuple(r for r in receipts if r not in kept)
        left = list[str]()
        while True:
            manifest = self._manifest(chain, entries, told, contents.tree, wish, full)
            part = f"{PART}{secrets.token_hex(8)}"
            try:
                odd = self._written(to, part, manifest, contents.read, recipient)
                if not odd:
                    return self._sent(chain, manifest, to, part, recipient, tuple(left), withheld)
            finally:
                with contextlib.suppress(OSError):
                    to.remove(part)
            left += odd
            entries = [e for e in entries if e.path not in odd]

    def _recipient(self, wish: Wish, secret: _Secret) -> str:
        """The other side's key to seal for. '' where it is not to be sealed, or the key is not known yet: a first package is made
        all the same, and what is secret waits for it."""
        if not (any(secret) if wish.sealed is None else wish.sealed):
            return ""
        believed = [t.key.sealing for t in self._ledger.trusted(self._who.client) if not t.revoked and t.key.sealing]
        if not believed and wish.sealed:
            raise PackageRefused(said.NO_RECIPIENT.of(), mend=said.NO_RECIPIENT_MEND.of())
        return believed[-1] if believed else ""

    def _manifest(
        self, chain: Chain, entries: Sequence[Entry], told: tuple[Receipt, ...], tree: tuple[Folder, ...], wish: Wish, full: bool
    ) -> Manifest:  # fmt: skip
        who, public = self._who, self._keys.public()
        count, size = manifests.totals(entries)
        return Manifest(
            format=FORMAT, id=secrets.token_hex(16), cabinet=who.cabinet, client=who.client, code=who.code, name=who.name,
            way=self._way, key=public.signing, age=public.sealing, sequence=chain.number + 1,
            prerequisite=None if full else chain.acknowledged, full=full,
            created=f"{datetime.fromtimestamp(self._now, UTC):%Y-%m-%dT%H:%M:%SZ}", purpose=wish.purpose,
            comment=wish.comment, tree=tree, receipts=told, entries=tuple(entries), count=count, size=size,
        )  # fmt: skip

    def _written(self, to: Directory, part: str, manifest: Manifest, read: Read, recipient: str) -> list[str]:
        """Documents that are not what they were: without them it is to be made again. What is sealed never lies open under a
        name: its plain bytes are in a file that has none."""
        if not recipient:
            with os.fdopen(to.create(part, private=False), "w+b", archive.CHUNK) as file:
                odd = self._packed(file, manifest, read)
                _lasting(file)
            return odd
        home = self._ledger.home.where
        with tempfile.TemporaryFile(dir=home) as plain:
            try:
                odd = self._packed(plain, manifest, read)
                plain.seek(0)  # whatever is not written yet is written
            except OSError as e:
                raise _unwritten(home, e) from e
            if odd:
                return odd
            with os.fdopen(to.create(part, private=False), "wb") as into:
                public_keys.seal(recipient, plain, into)
                _lasting(into)
        return []

    def _packed(self, file: BinaryIO, manifest: Manifest, read: Read) -> list[str]:
        signed = manifests.encode(manifest)
        manifests.decode(signed)  # what no receiver would take is not made
        writer = archive.Writer(file, manifest, signed, self._keys.sign(signed, manifest.trusted_comment))
        for entry in manifest.entries:
            if entry.carried and not _document(writer, entry, read):
                return [entry.path]
        writer.close()
        return []

    def _sent(
        self, chain: Chain, manifest: Manifest, to: Directory, part: str, recipient: str, left: tuple[str, ...],
        withheld: tuple[str, ...],
    ) -> Made:  # fmt: skip
        """Remembered before it has its name: a kill between the two is a package that was lost."""
        name = file_names.file_name(manifest.code, self._local(self._now), sealed=bool(recipient))
        if to.holds(name):
            name = naming.second_name(name, to.holds)
        size = to.stat(part).st_size
        digest = hashlib.sha256(manifests.encode(manifest)).hexdigest()
        self._ledger.keep(self._who.client, chains.sent(chain, manifest, digest, name))
        to.move(part, to, name)
        to.sync()
        return Made(name, manifest, bool(recipient), size, left, withheld)


def _secret(contents: Contents, entries: Sequence[Entry], receipts: Sequence[Receipt]) -> _Secret:
    """An acknowledgement is whole or waits: without what could not be done it would say that all of it was."""

    def names(*places: str) -> bool:
        return any(contents.restricted(p) for p in places if p)

    return _Secret(
        tuple(e for e in entries if names(e.path, e.source)),
        tuple(r for r in receipts if names(*r.later, *(n.path for n in r.refused))),
    )


def _lasting(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _unwritten(where: str, error: OSError) -> SyncdError:
    if no_room(error):
        return SyncdError(said.DISK_FULL_MAKING.of(place=where), mend=said.DISK_FULL_MEND.of())
    return SyncdError(said.NOT_WRITTEN.of(place=where, why=error.strerror or error), mend=said.NO_FILE_MEND.of())


def _document(writer: archive.Writer, entry: Entry, read: Read) -> bool:
    """Whether it was what the manifest says. A disk that is full or gone is no document's fault."""
    chunks = _Quiet(read, entry)
    return writer.document(entry, chunks) and not chunks.failed


class _Quiet:
    """A document's bytes; one that cannot be read ends early."""

    def __init__(self, read: Read, entry: Entry) -> None:
        self._chunks, self.failed = read(entry), False

    def __iter__(self) -> Iterator[bytes]:
        while True:
            try:
                chunk = next(self._chunks)
            except StopIteration:
                return
            except OSError:
                self.failed = True
                return
            yield chunk


def _clear(to: Directory) -> None:
    """What a kill left here."""
    for name in to.names():
        if name.startswith(PART):
            with contextlib.suppress(OSError):
                to.remove(name)
