"""Small files of the retrieval's own, each written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets

from syncd.disk.directory import Directory
from syncd.disk.hashing import write_open

NEW = ".new-"


def write_whole(
    work: Directory, name: str, data: bytes, into: Directory | None = None, *, private: bool = True
) -> None:
    """`name` holds this afterwards, also after a power cut, whatever it held before. By way of `work`, on the same disk."""
    temp = f"{NEW}{secrets.token_hex(4)}"
    write_open(work.create(temp, private=private), data)
    work.synced(temp)
    if into is None or into is work:
        work.supplant(temp, name)
        work.sync()
        return
    with contextlib.suppress(FileNotFoundError):
        into.remove(name)
    work.move(temp, into, name)
    into.sync()


def read_whole(work: Directory, name: str) -> bytes | None:
    """None where there is none."""
    try:
        fd = work.document(name)
    except FileNotFoundError:
        return None
    with os.fdopen(fd, "rb") as f:
        return f.read()
