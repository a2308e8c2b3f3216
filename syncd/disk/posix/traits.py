"""What the disk of an open directory can do, tried with files of the engine's own, which are gone afterwards."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from syncd.core.disk_traits import DiskTraits
from syncd.disk import rename
from syncd.disk.posix.directory import Directory
from syncd.disk.posix.open_beneath import mount, times

PROBE = "probe-"
_GRAINS = (2_000_000_000, 1_000_000_000, 10_000_000, 1_000_000, 1_000, 100)
_TIMES = (1_234_567_891_987_654_321, 1_400_000_003_123_456_789)  # odd seconds, and no grain divides the rest
_FAR = 10**9 * 86_400
_ONLY_CACHED = {
    "exfat",
    "vfat",
    "msdos",
}  # the kernel knows change times and inodes as long as it holds the file; no more
_INVENTED = {"exfat", "vfat", "msdos", "fuse.sshfs"}
_NTFS = "system.ntfs_attrib"
_NAMES = {"fuse.sshfs": "sshfs", "fuse.exfat": "exfat-fuse", "fuse.ntfs": "ntfs-3g", "fuse.ntfs-3g": "ntfs-3g"}


def mounted(directory: Directory) -> str:
    """Which disk is mounted with which options: as long as this is the same, so is what it can do."""
    number = f"{mount(directory._fd)} "
    with contextlib.suppress(OSError), open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as f:
        for line in f:
            if line.startswith(number):
                return line.partition(" - ")[2].strip()
    return str(os.fstat(directory._fd).st_dev)


def _kind(of: str) -> str:
    return of.split(" ", 1)[0] if " " in of else ""


def assumed(directory: Directory) -> DiskTraits:
    """By its name alone, where nothing may be written: it reads too much rather than too little."""
    of = mounted(directory)
    kind = _kind(of)
    true = not (kind.startswith("fuse") or kind in _ONLY_CACHED or kind in ("cifs", "smb3", "9p"))
    kept = not (kind.startswith("fuse") or kind in _INVENTED)
    grain = 1 if true else 2_000_000_000
    return DiskTraits(of, _NAMES.get(kind, kind), change_times=true, inodes=kept, grain_ns=grain)


def measured(own: Directory, at: float) -> DiskTraits:
    """Tried in a directory that is the engine's alone. Raises OSError where nothing can be made there."""
    for left in own.names():  # of somebody who was killed
        if left.startswith(PROBE):
            with contextlib.suppress(OSError):
                own.remove(left)
    with _probes(own) as probes:
        return _tried(own, probes, replace(assumed(own), at=at))


@contextlib.contextmanager
def _probes(own: Directory) -> Iterator[list[str]]:
    names = [f"{PROBE}{secrets.token_hex(4)}{which}" for which in "abcé"]
    try:
        yield names
    finally:
        for name in names:
            with contextlib.suppress(OSError):
                own.remove(name)


def _tried(own: Directory, probes: list[str], by_name: DiskTraits) -> DiskTraits:
    a, b, c, accented = probes
    kind = _kind(by_name.mounted)
    os.close(own.create(a))
    name = _name(own, a, kind)
    exclusive = _refused(lambda: os.close(own.create(a)))
    kept = own.stat(a).st_ino
    grain, true = _clock(own, a)
    no_replace = _no_replace(own, a, b)
    if not own.holds(b):
        own.respell(a, b)
    inodes = own.stat(b).st_ino == kept and _listed(own, b) == kept
    links = True
    try:
        own.link(b, own, c)
    except OSError as e:
        if e.errno not in rename.NO_LINKS:
            raise
        links = False
        os.close(own.create(c))
    if links:  # a name that is not exchanged with another of its own
        own.remove(c)
        os.close(own.create(c))
    exchange = own.exchange(b, own, c)
    accents = case = forms = True
    try:
        os.close(own.create(accented))
        accents = accented in own.names()
        case = not own.holds(b.upper())  # some fold no é
        forms = not own.holds(accented.replace("é", "e\u0301"))
    except OSError as e:
        if e.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        accents, case = False, not own.holds(b.upper())
    if name == "fuseblk" and not links and not case:
        name = "exfat-fuse"
    return DiskTraits(
        by_name.mounted, name, by_name.at, no_replace, exchange, links, exclusive, inodes and kind not in _INVENTED, grain,
        true and kind not in _ONLY_CACHED, case, forms, accents,
    )  # fmt: skip


def _name(own: Directory, probe: str, kind: str) -> str:
    if kind != "fuseblk":
        return _NAMES.get(kind, kind)
    found = own.document(probe)
    try:
        os.getxattr(found, _NTFS)
        return "ntfs-3g"
    except OSError:
        return "fuseblk"
    finally:
        os.close(found)


def _refused(make: Callable[[], None]) -> bool:
    try:
        make()
    except FileExistsError:
        return True
    return False


def _no_replace(own: Directory, name: str, new: str) -> bool:
    """Known, and meant: what is there stays."""
    if not rename.no_replace(own._fd, name, new):
        return False
    os.close(own.create(name))
    try:
        rename.no_replace(own._fd, name, new)
    except FileExistsError:
        own.remove(name)
        return True
    return False


def _listed(own: Directory, name: str) -> int:
    again = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=own._fd)
    try:
        with os.scandir(again) as it:
            return next((e.inode() for e in it if e.name == name), -1)
    finally:
        os.close(again)


def _clock(own: Directory, name: str) -> tuple[int, bool]:
    """The grain of modification times; and whether a change time stays where it is when those are put back."""
    seen, true = [], True
    for given in _TIMES:
        found = own.resume(name)
        try:
            os.write(found, b"x")
            os.utime(found, ns=(given, given))
        finally:
            os.close(found)
        mtime, ctime = times(own._fd, name)
        seen.append(mtime)
        true = true and abs(ctime - mtime) > _FAR
    grain = next((g for g in _GRAINS if all(t % g == 0 for t in seen)), 1)
    return grain, true
