"""Digests of a file in one read: SHA-256 decides, XXH3-128 tells damage (RULES 1)."""

from __future__ import annotations

import hashlib
import os

import xxhash

from syncd.core.content import Content, Stamp

CHUNK = 1024 * 1024


def stamp_of(st: os.stat_result) -> Stamp:
    return Stamp(st.st_size, st.st_mtime_ns, st.st_ctime_ns, st.st_ino)


def content_of(data: bytes) -> Content:
    return Content(len(data), hashlib.sha256(data).digest())


_OPEN = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
    _OPEN |= getattr(os, _flag, 0)
_NO_TRACE = getattr(os, "O_NOATIME", 0)


def open_document(path: str) -> int:
    """A read-only descriptor of a regular file, never through a link; the caller closes it.

    Where it may, without a trace: else the disk writes down for each document that it was read (a quarter of the time).
    """
    try:
        return os.open(path, _OPEN | _NO_TRACE)
    except PermissionError:  # only its owner may ask for that
        return os.open(path, _OPEN)


class Changed(OSError):
    """The document changed while it was read: nothing of it may be used."""


def hash_file(path: str, expect: Stamp | None = None) -> tuple[Content, str, Stamp]:
    """Content, XXH3-128 (hex) and stamp of the file at `path`, stat'ed before and after.

    Raises Changed when it changed meanwhile (or is not what `expect` says), OSError when it cannot be read.
    """
    fd = open_document(path)
    try:
        before = stamp_of(os.fstat(fd))
        if expect is not None and before != expect:
            raise Changed(f"{path} changed")
        sha, xxh, size = hashlib.sha256(), xxhash.xxh3_128(), 0
        piece = min(CHUNK, before.size + 1)  # a small one is read, and seen to end, at once
        while chunk := os.read(fd, piece):
            sha.update(chunk)
            xxh.update(chunk)
            size += len(chunk)
            if len(chunk) < piece and size == before.size:
                break
        if stamp_of(os.fstat(fd)) != before or size != before.size:
            raise Changed(f"{path} changed while it was read")
    finally:
        os.close(fd)
    return Content(size, sha.digest()), xxh.hexdigest(), before


def read_file(path: str, expect: Stamp) -> bytes:
    """All bytes of a small document, or Changed."""
    fd = open_document(path)
    try:
        if stamp_of(os.fstat(fd)) != expect:
            raise Changed(f"{path} changed")
        data = os.read(fd, expect.size + 1)
        while len(data) < expect.size and (more := os.read(fd, CHUNK)):
            data += more
        if stamp_of(os.fstat(fd)) != expect or len(data) != expect.size:
            raise Changed(f"{path} changed while it was read")
        return data
    finally:
        os.close(fd)


def write_new(path: str, data: bytes) -> None:
    """A new file with these bytes, not synced. Raises FileExistsError, and OSError when not all of them could be written."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
    try:
        at = os.write(fd, data)
        while at < len(data):
            at += os.write(fd, memoryview(data)[at:])
    finally:
        os.close(fd)
