"""The file itself: an ordinary ZIP that stores its members as they are, in one order, and holds not a byte besides.

What a manifest says decides every other byte of it. Whoever reads it makes the file's frame again and compares: one bit
that is otherwise, a member too many, one that is longer than said, and it is not taken. Nothing is unpacked to find out.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import msgspec

from syncd.core.packages import manifest as manifests
from syncd.core.packages.manifest import Entry, Manifest, PackageRefused
from syncd.core.words import packages as said

MANIFEST, SIGNATURE, READ_ME, DATA = "manifest.json", "manifest.json.minisig", "LISEZ-MOI.txt", "data/"
CHUNK = 1024 * 1024
_LOCAL, _MOST_SIGNATURE = struct.Struct("<4s5H3L2H"), 1024
_DATE = (1980, 1, 1, 0, 0, 0)


class Member(msgspec.Struct):
    """One file in the ZIP. `crc` is known once its bytes went by."""

    name: str
    size: int
    crc: int = 0

    def info(self, offset: int) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(self.name, _DATE)
        info.create_system, info.external_attr = 3, 0o100644 << 16
        info.file_size = info.compress_size = self.size
        info.CRC, info.header_offset = self.crc, offset
        return info

    def header(self) -> bytes:
        return self.info(0).FileHeader()


class _Tail(io.BytesIO):
    """What comes behind the members, at its offset in the file."""

    def __init__(self, offset: int) -> None:
        super().__init__()
        self._offset = offset

    def tell(self) -> int:
        return super().tell() + self._offset

    def seek(self, to: int, whence: int = 0) -> int:
        return super().seek(to - self._offset) + self._offset


def _tail(members: Iterable[Member]) -> bytes:
    """The ZIP's directory."""
    infos, offset = list[zipfile.ZipInfo](), 0
    for member in members:
        info = member.info(offset)
        offset += len(info.FileHeader()) + member.size
        infos.append(info)
    tail = _Tail(offset)
    with zipfile.ZipFile(tail, "w", zipfile.ZIP_STORED) as made:
        made.filelist.extend(infos)
    return tail.getvalue()


def read_me(manifest: Manifest) -> bytes:
    """For whoever opens it without this program."""
    facts = {
        "code": manifest.code, "name": manifest.name, "sequence": manifest.sequence, "created": manifest.created,
        "count": said.DOCUMENTS("fr", manifest.count), "key": manifest.key,
        "sender": said.SENDERS[manifest.way]("fr"),
    }  # fmt: skip
    return said.READ_ME("fr", **facts).replace("\n", "\r\n").encode()


class Writer:
    """Makes the file: what is signed first, then each document in the manifest's order."""

    def __init__(self, file: BinaryIO, manifest: Manifest, signed: bytes, signature: bytes) -> None:
        self._file, self._members = file, list[Member]()
        for name, data in ((MANIFEST, signed), (SIGNATURE, signature), (READ_ME, read_me(manifest))):
            self._small(name, data)

    def _small(self, name: str, data: bytes) -> None:
        member = Member(name, len(data), zlib.crc32(data))
        self._members.append(member)
        self._file.write(member.header())
        self._file.write(data)

    def document(self, entry: Entry, chunks: Iterable[bytes]) -> bool:
        """Whether the bytes were those that the manifest says; if not, the file is to be made again."""
        member = Member(DATA + entry.path, entry.size)
        at, sha, crc, count = self._file.tell(), hashlib.sha256(), 0, 0
        self._file.write(member.header())
        for chunk in chunks:
            count += len(chunk)
            if count > entry.size:
                return False
            sha.update(chunk)
            crc = zlib.crc32(chunk, crc)
            self._file.write(chunk)
        if count != entry.size or sha.hexdigest() != entry.sha256:
            return False
        member.crc, end = crc, self._file.tell()
        self._file.seek(at)
        self._file.write(member.header())
        self._file.seek(end)
        self._members.append(member)
        return True

    def close(self) -> None:
        self._file.write(_tail(self._members))


class Package(msgspec.Struct, frozen=True):
    """What was read of a file: nothing is proved of it yet but that it says so. `digest`: SHA-256 of the manifest, hex."""

    manifest: Manifest
    signed: bytes
    signature: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.signed).hexdigest()


def opened(file: BinaryIO) -> Package:
    """Its manifest and signature. Raises PackageRefused."""
    file.seek(0)
    signed = _first(file, MANIFEST, manifests.MOST_BYTES)
    signature = _first(file, SIGNATURE, _MOST_SIGNATURE)
    return Package(manifests.decode(signed), signed, signature)


def _first(file: BinaryIO, name: str, most: int) -> bytes:
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size:
        raise PackageRefused(said.NOT_A_PACKAGE.of(), mend=said.ASK_ANOTHER.of())
    magic, *_, size, length, extra = _LOCAL.unpack(header)
    if magic != b"PK\3\4" or length != len(name) or extra or file.read(length) != name.encode():
        raise PackageRefused(said.NOT_A_PACKAGE.of(), mend=said.ASK_ANOTHER.of())
    if size > most:
        raise PackageRefused(said.TOO_MANY.of(), mend=said.ASK_ANOTHER.of())
    data = file.read(size)
    if len(data) != size:
        raise PackageRefused(said.CUT.of(), mend=said.COPY_AGAIN.of())
    return data


def _members(package: Package) -> list[Member]:
    return [
        Member(MANIFEST, len(package.signed), zlib.crc32(package.signed)),
        Member(SIGNATURE, len(package.signature), zlib.crc32(package.signature)),
        Member(READ_ME, len(text := read_me(package.manifest)), zlib.crc32(text)),
        *(Member(DATA + e.path, e.size) for e in package.manifest.entries if e.carried),
    ]


def check(file: BinaryIO, package: Package) -> None:
    """Every byte of it. Raises PackageRefused where one is not what the manifest decides."""
    members = _members(package)
    _check_length(file, members)
    carried = {DATA + e.path: e.sha256 for e in package.manifest.entries if e.carried}
    small = {MANIFEST: package.signed, SIGNATURE: package.signature, READ_ME: read_me(package.manifest)}
    file.seek(0)
    for member in members:
        header = file.read(len(member.header()))
        sha = hashlib.sha256()
        for chunk in _read(file, member.size):
            member.crc = zlib.crc32(chunk, member.crc) if member.name in carried else member.crc
            sha.update(chunk)
        expected = carried.get(member.name) or hashlib.sha256(small[member.name]).hexdigest()
        if sha.hexdigest() != expected or header != member.header():
            raise PackageRefused(said.ALTERED.of(), mend=said.COPY_AGAIN.of())
    if file.read() != _tail(members):
        raise PackageRefused(said.ALTERED.of(), mend=said.COPY_AGAIN.of())


def _check_length(file: BinaryIO, members: list[Member]) -> None:
    """Before anything of it is read: what is longer than the manifest says is none."""
    most = sum(len(m.header()) + m.size for m in members) + len(_tail(members))
    length = file.seek(0, io.SEEK_END)
    if length != most:
        short = length < most
        raise PackageRefused((said.CUT if short else said.ALTERED).of(), mend=said.COPY_AGAIN.of())


def _read(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size:
        chunk = file.read(min(size, CHUNK))
        if not chunk:
            raise PackageRefused(said.CUT.of(), mend=said.COPY_AGAIN.of())
        size -= len(chunk)
        yield chunk


def places(package: Package) -> dict[str, int]:
    """Where each document's bytes begin, by its path."""
    found, offset = dict[str, int](), 0
    for member in _members(package):
        offset += len(member.header())
        if member.name.startswith(DATA):
            found[member.name[len(DATA) :]] = offset
        offset += member.size
    return found


def chunks(file: BinaryIO, at: int, size: int) -> Iterator[bytes]:
    """A document's bytes, as they are in the file now."""
    file.seek(at)
    yield from _read(file, size)
