"""The calls of Windows that the adapter makes, and what they fail with as Python's errors.

Names are given to the kernel relative to an open directory: the calls of Win32 take whole paths, which anybody on the
way may turn elsewhere between two of them.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from ctypes import wintypes as w

assert sys.platform == "win32"

READ, WRITE, APPEND, TRAVERSE = 0x1, 0x2, 0x4, 0x20  # of a directory: list it, add a document, add a directory
READ_ATTRIBUTES, WRITE_ATTRIBUTES = 0x80, 0x100
DELETE, READ_CONTROL, WRITE_DAC, SYNCHRONIZE = 0x10000, 0x20000, 0x40000, 0x100000
DIRECTORY, DOCUMENT = 0x1, 0x40  # what it has to be, when it is opened
OPEN, CREATE = 1, 2
READONLY, HIDDEN, IS_DIRECTORY, NORMAL, REPARSE = 0x1, 0x2, 0x10, 0x80, 0x400
SURROGATE = 0x2000_0000  # bit of the tags of whatever stands for a thing elsewhere: links, junctions, mount points
_MOUNTED = 0xA000_0003  # tag of junctions and of other disks
_SHARED = 0x7  # others may read, write and rename meanwhile
_SYNCHRONOUS, _ITSELF = 0x20, 0x20_0000
_NO_CASE = 0x40

LONGEST = 255  # letters of a name
IN_USE, DENIED, LOCKED, EXISTS, TOO_LONG = 32, 5, 33, 183, 206
_NOT_A_DIRECTORY, _IS_A_DIRECTORY, _GOING, _NAME_TOO_LONG = 0xC000_0103, 0xC000_00BA, 0xC000_0056, 0xC000_0106
_OVERFLOW = 0x8000_0005  # the rest of the answer did not fit: a name nobody asked for

_nt, _kernel = ctypes.WinDLL("ntdll"), ctypes.WinDLL("kernel32", use_last_error=True)


class _Name(ctypes.Structure):
    _fields_ = (("length", w.USHORT), ("room", w.USHORT), ("text", ctypes.c_void_p))


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("length", w.ULONG), ("root", w.HANDLE), ("name", ctypes.POINTER(_Name)), ("flags", w.ULONG),
        ("security", ctypes.c_void_p), ("quality", ctypes.c_void_p),
    )  # fmt: skip


class _Done(ctypes.Structure):
    _fields_ = (("status", ctypes.c_void_p), ("information", ctypes.c_void_p))


_create = _nt.NtCreateFile
_create.argtypes = [
    ctypes.POINTER(w.HANDLE), w.ULONG, ctypes.POINTER(_Attributes), ctypes.POINTER(_Done), ctypes.c_void_p, w.ULONG,
    w.ULONG, w.ULONG, w.ULONG, ctypes.c_void_p, w.ULONG,
]  # fmt: skip
_ask, _tell = _nt.NtQueryInformationFile, _nt.NtSetInformationFile
_ask.argtypes = _tell.argtypes = [w.HANDLE, ctypes.POINTER(_Done), ctypes.c_void_p, w.ULONG, w.ULONG]
_flush = _nt.NtFlushBuffersFile
_flush.argtypes = [w.HANDLE, ctypes.POINTER(_Done)]
_control = _nt.NtFsControlFile
_control.argtypes = [
    w.HANDLE, w.HANDLE, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(_Done), w.ULONG, ctypes.c_void_p, w.ULONG,
    ctypes.c_void_p, w.ULONG,
]  # fmt: skip
for _call in (_create, _ask, _tell, _flush, _control):
    _call.restype = w.ULONG
_nt.RtlNtStatusToDosError.argtypes = [w.ULONG]
_nt.RtlNtStatusToDosError.restype = w.ULONG
_kernel.CloseHandle.argtypes = [w.HANDLE]
_kernel.CreateFileW.argtypes = [
    w.LPCWSTR, w.DWORD, w.DWORD, ctypes.c_void_p, w.DWORD, w.DWORD, w.HANDLE,
]  # fmt: skip
_kernel.CreateFileW.restype = w.HANDLE
_kernel.GetFileInformationByHandleEx.argtypes = [w.HANDLE, ctypes.c_int, ctypes.c_void_p, w.DWORD]
_kernel.GetVolumeInformationByHandleW.argtypes = [
    w.HANDLE, w.LPWSTR, w.DWORD, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, w.LPWSTR, w.DWORD,
]  # fmt: skip
_kernel.ReadFile.argtypes = [w.HANDLE, ctypes.c_void_p, w.DWORD, ctypes.POINTER(w.DWORD), ctypes.c_void_p]


def fault(code: int, where: str) -> OSError:
    """As the system says it; what POSIX has a name for has that name as well."""
    said = ctypes.FormatError(code).strip()
    if code == TOO_LONG:
        return OSError(errno.ENAMETOOLONG, said, where)
    return OSError(0, said, where, code)


def _refused(status: int, where: str) -> OSError:
    if status == _NOT_A_DIRECTORY:
        return NotADirectoryError(errno.ENOTDIR, "not a directory", where)
    if status == _IS_A_DIRECTORY:
        return IsADirectoryError(errno.EISDIR, "a directory", where)
    if status == _GOING:  # removed, and still held by somebody
        return FileNotFoundError(errno.ENOENT, "removed", where)
    if status == _NAME_TOO_LONG:
        return fault(TOO_LONG, where)
    return fault(int(_nt.RtlNtStatusToDosError(status)), where)


class Handle:
    """An open thing, closed at the end of its `with`, unless it was `kept`."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value

    def __enter__(self) -> Handle:
        return self

    def __exit__(self, *_: object) -> None:
        if self.value:
            close(self.value)
            self.value = 0

    def kept(self) -> int:
        value, self.value = self.value, 0
        return value


def close(handle: int) -> None:
    _kernel.CloseHandle(handle)


def opened(
    root: int, name: str, access: int, kind: int = 0, *, make: bool = False, through: bool = False,
    security: int | None = None, attributes: int = NORMAL, where: str = "",
) -> Handle:  # fmt: skip
    """What `name` in an open directory is, itself: never what a link leads to (but `through` it). "": the directory.

    `make`: it must not be there yet. Everybody else may go on reading, writing and renaming it.
    """
    text = ctypes.create_unicode_buffer(name)
    size = len(text) * 2 - 2
    if size > 2 * LONGEST:
        raise fault(TOO_LONG, where)
    said = _Name(size, size, ctypes.addressof(text))
    about = _Attributes(ctypes.sizeof(_Attributes), root, ctypes.pointer(said), _NO_CASE, security, None)
    found, done = w.HANDLE(), _Done()
    status = _create(
        found, access | READ_ATTRIBUTES | SYNCHRONIZE, about, done, None, attributes, _SHARED, CREATE if make else OPEN,
        kind | _SYNCHRONOUS | (0 if through else _ITSELF), None, 0,
    )  # fmt: skip
    if status:
        raise _refused(status, where or name)
    return Handle(found.value or 0)


def opened_at(path: str, access: int) -> int:
    """A directory at a path of somebody's choice, through whatever links lead to it; however long it is."""
    if not path.startswith("\\\\?\\"):
        path = f"\\\\?\\UNC\\{path[2:]}" if path.startswith("\\\\") else f"\\\\?\\{path}"
    found = _kernel.CreateFileW(path, access | READ_ATTRIBUTES | SYNCHRONIZE, _SHARED, None, 3, 0x0200_0000, None)
    if found in (None, w.HANDLE(-1).value):
        raise fault(ctypes.get_last_error(), path)
    return int(found)


def opened_path(path: str, access: int) -> Handle:
    """The same of a file, which the engine's account chose the path of."""
    return Handle(opened_at(os.path.abspath(path), access))


def asked(handle: int, what: int, size: int, where: str = "") -> bytes:
    """What the system knows of an open thing; `what`: a FILE_INFORMATION_CLASS. The beginning, where it is longer."""
    room, done = ctypes.create_string_buffer(size), _Done()
    status = _ask(handle, done, room, size, what)
    if status not in (0, _OVERFLOW):
        raise _refused(status, where)
    return room.raw


def told(handle: int, what: int, data: bytes, where: str = "") -> None:
    status = _tell(handle, _Done(), data, len(data), what)
    if status:
        raise _refused(status, where)


def listed(handle: int, what: int, room: ctypes.Array[ctypes.c_char]) -> int:
    """One portion of a listing into `room`; `what`: a FILE_INFO_BY_HANDLE_CLASS. 0, or the system's code."""
    if _kernel.GetFileInformationByHandleEx(handle, what, room, len(room)):
        return 0
    return ctypes.get_last_error()


def flushed(handle: int, where: str = "") -> None:
    status = _flush(handle, _Done())
    if status:
        raise _refused(status, where)


def read(handle: int, size: int) -> bytes:
    """From where it stands."""
    room, got = ctypes.create_string_buffer(size), w.DWORD()
    if not _kernel.ReadFile(handle, room, size, got, None):
        raise fault(ctypes.get_last_error(), "")
    return room.raw[: got.value]


def file_system(handle: int) -> str:
    """What the disk of an open thing is called; '' where it does not say."""
    kind = ctypes.create_unicode_buffer(64)
    if not _kernel.GetVolumeInformationByHandleW(handle, None, 0, None, None, None, kind, len(kind)):
        return ""
    return kind.value


def leads_to_a_disk(handle: int, tag: int) -> bool:
    """Of something with that tag: whether another disk is mounted there; else it is a link or junction."""
    if tag != _MOUNTED:
        return False
    room, done = ctypes.create_string_buffer(16 * 1024), _Done()
    if _control(handle, None, None, None, done, 0x9_00A8, None, 0, room, len(room)):
        return False
    at, size = int.from_bytes(room.raw[8:10], "little"), int.from_bytes(room.raw[10:12], "little")
    return room.raw[16 + at : 16 + at + size].decode("utf-16-le", "replace").startswith("\\??\\Volume{")
