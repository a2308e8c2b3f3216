"""What the disk of an open directory can do, tried with files of the engine's own, which are gone afterwards."""

from __future__ import annotations

import contextlib
import os
import secrets
import struct
from collections.abc import Callable

from syncd.core.disk_traits import DiskTraits
from syncd.disk.windows import api
from syncd.disk.windows.directory import Directory

PROBE = "probe-"
_TIMES = 4  # FileBasicInformation
_GIVEN = (131_234_567_891_234_567, 129_876_543_212_345_671)  # ticks: no grain divides them
_GRAINS = (2_000_000_000, 1_000_000_000, 10_000_000, 1_000_000, 1_000)
_FAR = 10**9 * 86_400
_TRUE = {"NTFS", "ReFS"}


def mounted(directory: Directory) -> str:
    """Which disk it is: as long as this is the same, so is what it can do."""
    return f"{directory.mount:x} {directory.file_system()}"


def assumed(directory: Directory) -> DiskTraits:
    """By its name alone, where nothing may be written: it reads too much rather than too little."""
    name = directory.file_system()
    true = name in _TRUE
    return DiskTraits(
        mounted(directory), name, exchange=False, links=true, grain_ns=100 if true else 2_000_000_000,
        change_times=true, case=False,
    )  # fmt: skip


def measured(own: Directory, at: float) -> DiskTraits:
    """Tried in a directory that is the engine's alone. Raises OSError where nothing can be made there."""
    for left in own.names():  # of somebody who was killed
        if left.startswith(PROBE):
            with contextlib.suppress(OSError):
                own.remove(left)
    names = [f"{PROBE}{secrets.token_hex(4)}{which}" for which in "abcé"]
    try:
        return _tried(own, names, at)
    finally:
        for name in names:
            with contextlib.suppress(OSError):
                own.remove(name)


def _tried(own: Directory, names: list[str], at: float) -> DiskTraits:
    a, b, c, accented = names
    os.close(own.create(a))
    exclusive = _refused(lambda: os.close(own.create(a)))
    kept = own.stat(a).st_ino
    grain, true = _clock(own, a)
    os.close(own.create(b))
    no_replace = _refused(lambda: own.move(a, own, b))
    own.remove(b)
    own.move(a, own, b)
    with own.listing() as it:
        listed = next(entry.stat().st_ino for entry in it if entry.name == b)
    links = True
    try:
        own.link(b, own, c)
    except OSError:
        links = False
    os.close(own.create(accented))
    return DiskTraits(
        mounted(own), own.file_system(), at, no_replace, False, links, exclusive, own.stat(b).st_ino == listed == kept,
        grain, true, not own.holds(b.upper()), not own.holds(accented.replace("é", "e\u0301")), accented in own.names(),
    )  # fmt: skip


def _refused(make: Callable[[], None]) -> bool:
    try:
        make()
    except FileExistsError:
        return True
    return False


def _clock(own: Directory, name: str) -> tuple[int, bool]:
    """The grain of modification times; and whether a change time stays where it is when those are put back."""
    seen, true = [], True
    for given in _GIVEN:
        with own.probed(name) as found:
            api.told(found.value, _TIMES, struct.pack("<qqqqI4x", 0, given, given, 0, 0), own.where)
        now = own.stat(name)
        seen.append(now.st_mtime_ns)
        true = true and abs(now.st_ctime_ns - now.st_mtime_ns) > _FAR
    return next((g for g in _GRAINS if all(t % g == 0 for t in seen)), 100), true
