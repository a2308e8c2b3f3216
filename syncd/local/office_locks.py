"""Which documents somebody has open: the lock files Office and LibreOffice leave beside them (HAZARDS 9)."""

from __future__ import annotations

import os
from collections.abc import Iterable

from syncd.core import paths
from syncd.disk.directory import Directory

OFFICE, LIBRE = "~$", ".~lock."
HEAD = 512
LONG = 7  # letters before the extension: of shorter names Word replaces none


def opened(names: Iterable[str]) -> dict[str, str]:
    """Key of a document's name → name of the lock file beside it.

    Excel puts `~$` before the whole name, Word too when it is short; of a long one Word replaces the first one or two
    letters (`~$lan 2026.docx`). Where the whole name is there, it is that document's lock and no other's.
    """
    names = list(names)
    locks = [n for n in names if n.startswith((OFFICE, LIBRE))]
    if not locks:
        return {}
    by_key = {paths.key(paths.nfc(n)): n for n in names}
    found: dict[str, str] = {}
    for lock in locks:
        if lock.startswith(LIBRE) and lock.endswith("#"):
            found[paths.key(paths.nfc(lock[len(LIBRE) : -1]))] = lock
        elif lock.startswith(OFFICE):
            rest = paths.key(paths.nfc(lock[len(OFFICE) :]))
            if rest in by_key:
                found[rest] = lock
                continue
            for key in by_key:
                long = len(paths.split_ext(key)[0]) >= LONG and not key.startswith(OFFICE)
                if rest and long and key in (key[:1] + rest, key[:2] + rest):
                    found[key] = lock
    return {key: lock for key, lock in found.items() if key in by_key}


def owner(folder: Directory, name: str) -> str:
    """Who has it open, '' when the lock does not say. Never raises: a lock is a hint with a name in it."""
    try:
        fd = folder.document(name)
    except OSError:
        return ""
    try:
        head = os.read(fd, HEAD)
    except OSError:
        return ""
    finally:
        os.close(fd)
    if name.startswith(LIBRE):  # `,login,machine,date,profile;` or `Full Name,login,…`
        fields = head.decode("utf-8", "replace").split(",")
        return _printable(next((f for f in fields[:2] if f.strip()), ""))
    length = head[0] if head else 0  # the owner's name: one byte of length, then the name in the system's code page
    return _printable(head[1 : 1 + length].decode("cp1252", "replace")) if length <= 54 else ""


def _printable(name: str) -> str:
    return "".join(c for c in name.strip(" \x00") if c.isprintable())[:80]
