"""Digests of a file: SHA-256 decides, XXH3-128 tells whether one's own file is still what SHA-256 proved it to be (RULES 1)."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from typing import BinaryIO, Protocol

import xxhash

from syncd.core.content import Content, Stamp
from syncd.disk.open_document import date, read, status
from syncd.disk.status import Status

CHUNK = 1024 * 1024
_HALF = 1 << 63


def stamp_of(st: Status) -> Stamp:
    """Times beyond 63 bits (a copier with a dead clock, some network disks) are wrapped into them: a stamp is compared,
    and kept by databases that hold no more."""
    mtime, ctime, inode = st.st_mtime_ns, st.st_ctime_ns, st.st_ino
    if (mtime | ctime | inode) >> 63:
        mtime, ctime, inode = wrapped(mtime), wrapped(ctime), identity(inode)
    return Stamp(st.st_size, mtime, ctime, inode)


def identity(inode: int) -> int:
    """As it is remembered: of 64 bits as a signed number, a longer one (ReFS has 128) whole."""
    return wrapped(inode) if inode < 2 * _HALF else inode


def wrapped(number: int) -> int:
    """The 64 lowest bits, as a signed number."""
    return ((number + _HALF) & (2 * _HALF - 1)) - _HALF


def content_of(data: bytes) -> Content:
    return Content(len(data), hashlib.sha256(data).digest())


_OPEN = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
    _OPEN |= getattr(os, _flag, 0)
_NO_TRACE = getattr(os, "O_NOATIME", 0)


def open_document(path: str) -> int:
    """A read-only descriptor of a file, never through a link in its last part; the caller closes it.

    Where it may, without a trace: else the disk writes down for each document that it was read (a quarter of the time).
    """
    try:
        return os.open(path, _OPEN | _NO_TRACE)
    except PermissionError:  # only its owner may ask for that
        return os.open(path, _OPEN)


class Changed(OSError):
    """The document changed while it was read: nothing of it may be used."""


def hash_file(path: str, expect: Stamp | None = None) -> tuple[Content, Stamp]:
    """Content and stamp of the file at `path`, stat'ed before and after.

    Raises Changed when it changed meanwhile (or is not what `expect` says), OSError when it cannot be read.
    """
    return hash_open(open_document(path), expect)


def hash_open(fd: int, expect: Stamp | None = None) -> tuple[Content, Stamp]:
    """The same of an open document, from its beginning; it is closed whatever happens."""
    sha = hashlib.sha256()
    stamp = _digest(fd, expect, sha)
    return Content(stamp.size, sha.digest()), stamp


def hash_stream(source: BinaryIO) -> Content:
    """Content of all that is still to be read of it."""
    sha, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        sha.update(chunk)
        size += len(chunk)
    return Content(size, sha.digest())


def prove_file(path: str) -> tuple[Content, str]:
    """Content and XXH3-128 (hex) of the file, in one read. Raises as `hash_file`."""
    sha, xxh = hashlib.sha256(), xxhash.xxh3_128()
    stamp = _digest(open_document(path), None, sha, xxh)
    return Content(stamp.size, sha.digest()), str(xxh.hexdigest())


def mark_file(path: str) -> str:
    """XXH3-128 (hex) alone, ten times as fast: of bytes of one's own, never of anybody's word. Raises as `hash_file`."""
    xxh = xxhash.xxh3_128()
    _digest(open_document(path), None, xxh)
    return str(xxh.hexdigest())


class _Digest(Protocol):
    def update(self, data: bytes, /) -> object: ...


def _digest(fd: int, expect: Stamp | None, *digests: _Digest) -> Stamp:
    try:
        before = _regular(fd)
        if expect is not None and before != expect:
            raise Changed("the document changed")
        size = 0
        piece = min(CHUNK, before.size + 1)  # a small one is read, and seen to end, at once
        while chunk := read(fd, piece):
            for digest in digests:
                digest.update(chunk)
            size += len(chunk)
            if len(chunk) < piece and size == before.size:
                break
        if stamp_of(status(fd)) != before or size != before.size:
            raise Changed("the document changed while it was read")
    finally:
        os.close(fd)
    return before


def read_file(path: str, expect: Stamp) -> bytes:
    """All bytes of a small document, or Changed."""
    return read_open(open_document(path), expect)


def read_open(fd: int, expect: Stamp) -> bytes:
    """The same of an open document; it is closed whatever happens."""
    try:
        if _regular(fd) != expect:
            raise Changed("the document changed")
        data = read(fd, expect.size + 1)
        while len(data) < expect.size and (more := read(fd, CHUNK)):
            data += more
        if stamp_of(status(fd)) != expect or len(data) != expect.size:
            raise Changed("the document changed while it was read")
        return data
    finally:
        os.close(fd)


def _regular(fd: int) -> Stamp:
    st = status(fd)
    if not stat.S_ISREG(st.st_mode):
        raise Changed("it is no document any more")
    return stamp_of(st)


def write_new(path: str, data: bytes) -> None:
    """A new file with these bytes, for this account alone, not synced. FileExistsError; OSError when not all were written."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    write_open(os.open(path, flags, 0o600), data)


def write_open(
    fd: int, data: bytes, modified: float | None = None, finish: Callable[[int], object] | None = None
) -> None:
    """All these bytes into an open file, and their date where it is known; it is closed whatever happens.

    `finish`: done with it when all are written.
    """
    try:
        at = os.write(fd, data)
        while at < len(data):
            at += os.write(fd, memoryview(data)[at:])
        if modified is not None:
            date(fd, modified)
        if finish is not None:
            finish(fd)
    finally:
        os.close(fd)
