"""Whose a document is and who may use it: what a folder gives to what is made in it, or what another document had.

What arrives is made for the engine alone, elsewhere than where it ends up. Before it gets its name it is given what the
system would have given it there: group and default access list of its folder, else the umask; never an execute bit.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
import threading
import time
from collections.abc import Callable

from syncd.disk.ownership import Belonging

_ACCESS, _DEFAULT = "system.posix_acl_access", "system.posix_acl_default"
_USER_OBJ, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x04, 0x10, 0x20
_NEW = 0o666
_HEAD, _ENTRY = struct.Struct("<I"), struct.Struct("<HHI")
_NOT_KEPT = {errno.EPERM, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES}
_lock = threading.Lock()


def given_by(folder: int) -> Belonging:
    """What a new document would get in an open folder."""
    held = os.fstat(folder)
    group = held.st_gid if held.st_mode & stat.S_ISGID else os.getegid()
    if default := _list(folder, _DEFAULT):
        access, mode = _as_new(default)
        return Belonging(mode, group, access=access)
    return Belonging(_NEW & ~umask(), group)


def of(document: int) -> Belonging:
    """What an open document has. Bits that run it as somebody else are nobody's to inherit."""
    held = os.fstat(document)
    return Belonging(held.st_mode & 0o777, held.st_gid, held.st_uid, _list(document, _ACCESS))


def put_on(document: int, held: os.stat_result, belonging: Belonging) -> bool:
    """Give an open file of the engine's, which has `held`, what it is to have, where this account and its disk may.

    False: the group is another one, which this account may not give.
    """
    listed = bool(belonging.access) and _try(os.setxattr, document, _ACCESS, belonging.access)
    if not listed and held.st_mode & 0o777 != belonging.mode:
        _try(os.fchmod, document, belonging.mode)
    grouped = held.st_gid == belonging.group or _try(os.fchown, document, -1, belonging.group)
    if belonging.owner is not None and held.st_uid != belonging.owner:
        _try(os.fchown, document, belonging.owner, -1)
    return grouped


def has(held: os.stat_result, what: Belonging) -> bool:
    """Whether a file of the engine's has mode, group and owner already. Of access lists nothing is known."""
    owned = what.owner is None or held.st_uid == what.owner
    return owned and stat.S_IMODE(held.st_mode) == what.mode and held.st_gid == what.group


def lists_nothing(folder: int) -> None:
    """No access list is inherited from an open folder any more: what lies in it is given its own."""
    if _list(folder, _DEFAULT):
        _try(os.removexattr, folder, _DEFAULT)


def _list(held: int, name: str) -> bytes:
    if not hasattr(os, "getxattr"):
        return b""
    try:
        return os.getxattr(held, name)
    except OSError:  # there is none, or the disk knows none
        return b""


def _as_new(default: bytes) -> tuple[bytes, int]:
    """The access list and mode of a new document, as Linux makes them of its folder's default list."""
    entries = list(_ENTRY.iter_unpack(default[_HEAD.size :]))
    masked = any(tag == _MASK for tag, _, _ in entries)
    bits = {_USER_OBJ: 6, _OTHER: 0, (_MASK if masked else _GROUP_OBJ): 3}
    mode, made = 0, default[: _HEAD.size]
    for tag, may, who in entries:
        if tag in bits:
            may &= _NEW >> 6 if tag == _USER_OBJ else _NEW & 7
            mode |= may << bits[tag]
        made += _ENTRY.pack(tag, may, who)
    return made, mode


def _try(do: Callable[..., None], *what: object) -> bool:
    try:
        do(*what)
    except OSError as e:
        if e.errno not in _NOT_KEPT:
            raise
        return False
    return True


def umask() -> int:
    """The process's own: what people's programs leave out of what they make here. Asked once a second at most."""
    global _umask
    asked, known = _umask
    now = time.monotonic()
    if now - asked >= 1:
        known = _ask()
        _umask = (now, known)
    return known


_umask = (-1.0, 0o077)


def _ask() -> int:
    try:
        with open("/proc/self/status", "rb") as f:
            for line in f:
                if line.startswith(b"Umask:"):
                    return int(line.split()[1], 8)
    except OSError:
        pass
    with _lock:  # no other way to ask: tighter for a moment, never wider
        found = os.umask(0o077)
        os.umask(found)
    return found
