"""Whose a thing is on Windows and who may use it: owners and access lists, where POSIX has 0600 and 0700.

What is private is its account's, the system's and the administrators' (who get in everywhere), and inherits nothing.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from ctypes import wintypes as w

from syncd.disk.windows import api, security_descriptors

assert sys.platform == "win32"

OWNER, LIST = 0x1, 0x4  # which parts of a security descriptor
_SET_PROTECTED, _SET_INHERITING = 0x8000_0000, 0x2000_0000
_SYSTEM, _ADMINISTRATORS, _OWNER_RIGHTS = "S-1-5-18", "S-1-5-32-544", "S-1-3-4"
_TOO_SMALL, _NO_HANDLE = 122, 6
NOT_KEPT = {1, 5, 50, 87, 120, 1307, 1308, 1314, 1336, 1338}  # a disk that keeps none, or this account may not

_kernel = ctypes.WinDLL("kernel32", use_last_error=True)
_advapi = ctypes.WinDLL("advapi32", use_last_error=True)
_kernel.GetCurrentProcess.restype = w.HANDLE
_kernel.LocalFree.argtypes = [ctypes.c_void_p]
_advapi.OpenProcessToken.argtypes = [w.HANDLE, w.DWORD, ctypes.POINTER(w.HANDLE)]
_advapi.GetTokenInformation.argtypes = [w.HANDLE, ctypes.c_int, ctypes.c_void_p, w.DWORD, ctypes.POINTER(w.DWORD)]
_advapi.ConvertStringSidToSidW.argtypes = [w.LPCWSTR, ctypes.POINTER(ctypes.c_void_p)]
_advapi.ConvertStringSecurityDescriptorToSecurityDescriptorW.argtypes = [
    w.LPCWSTR, w.DWORD, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p,
]  # fmt: skip
_advapi.GetKernelObjectSecurity.argtypes = [w.HANDLE, w.DWORD, ctypes.c_void_p, w.DWORD, ctypes.POINTER(w.DWORD)]
_advapi.SetKernelObjectSecurity.argtypes = [w.HANDLE, w.DWORD, ctypes.c_void_p]
_advapi.CheckTokenMembership.argtypes = [w.HANDLE, ctypes.c_void_p, ctypes.POINTER(w.BOOL)]
_advapi.LookupAccountSidW.argtypes = [
    w.LPCWSTR, ctypes.c_void_p, w.LPWSTR, ctypes.POINTER(w.DWORD), w.LPWSTR, ctypes.POINTER(w.DWORD),
    ctypes.POINTER(w.DWORD),
]  # fmt: skip
_advapi.GetSecurityDescriptorDacl.argtypes = [
    ctypes.c_void_p, ctypes.POINTER(w.BOOL), ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(w.BOOL),
]  # fmt: skip
_advapi.SetNamedSecurityInfoW.argtypes = [
    w.LPWSTR, ctypes.c_int, w.DWORD, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
]  # fmt: skip
_advapi.SetNamedSecurityInfoW.restype = w.DWORD
_advapi.GetLengthSid.argtypes = [ctypes.c_void_p]


@functools.cache
def _token() -> int:
    found = w.HANDLE()
    if not _advapi.OpenProcessToken(_kernel.GetCurrentProcess(), 0x8, found):
        raise api.fault(ctypes.get_last_error(), "")
    return int(found.value or 0)


def _of_token(what: int) -> str:
    """A token's user (1), or whose the things are that it makes (4)."""
    size = w.DWORD()
    _advapi.GetTokenInformation(_token(), what, None, 0, size)
    room = ctypes.create_string_buffer(size.value)
    if not _advapi.GetTokenInformation(_token(), what, room, size, size):
        raise api.fault(ctypes.get_last_error(), "")
    sid = int.from_bytes(room.raw[:8], "little")
    return security_descriptors.text(ctypes.string_at(sid, _advapi.GetLengthSid(sid)))


@functools.cache
def account() -> str:
    """This process's, as S-1-…"""
    return _of_token(1)


@functools.cache
def _mine() -> frozenset[str]:
    """Whose what this account made may be: an administrator's things belong to all of them."""
    return frozenset((account(), _of_token(4), _SYSTEM, _ADMINISTRATORS))


@functools.cache
def administrator() -> bool:
    sid, found = ctypes.c_void_p(), w.BOOL()
    if not _advapi.ConvertStringSidToSidW(_ADMINISTRATORS, sid):
        return False
    try:
        return bool(_advapi.CheckTokenMembership(None, sid, found) and found.value)
    finally:
        _kernel.LocalFree(sid)


@functools.cache
def private(directory: bool = True) -> ctypes.c_void_p:
    """The security descriptor of what is this account's alone. It is never freed."""
    for_inside = "OICI" if directory else ""
    who = dict.fromkeys((account(), _SYSTEM, _ADMINISTRATORS))
    said = "D:P" + "".join(f"(A;{for_inside};FA;;;{sid})" for sid in who)
    made = ctypes.c_void_p()
    if not _advapi.ConvertStringSecurityDescriptorToSecurityDescriptorW(said, 1, made, None):
        raise api.fault(ctypes.get_last_error(), "")
    return made


def described(handle: int, parts: int) -> bytes:
    """The security descriptor of an open thing, in one piece; b"": its disk keeps none, or it may not be asked."""
    size = w.DWORD()
    _advapi.GetKernelObjectSecurity(handle, parts, None, 0, size)
    code = ctypes.get_last_error()
    if code == _NO_HANDLE:
        raise api.fault(code, "")
    if code != _TOO_SMALL:
        return b""
    room = ctypes.create_string_buffer(size.value)
    if not _advapi.GetKernelObjectSecurity(handle, parts, room, size, size):
        return b""
    return room.raw[: size.value]


def owner(described: bytes) -> str:
    """As S-1-…; "" where none is kept."""
    return security_descriptors.text(security_descriptors.owner(described))


def mine(who: str) -> bool:
    """Whether what has this owner is this account's. Where none is kept there is nobody else."""
    return not who or who in _mine()


def give(handle: int, described: bytes) -> None:
    """An open thing gets this access list. Raises OSError."""
    how = _SET_PROTECTED if not security_descriptors.inherits(described) else _SET_INHERITING
    if not _advapi.SetKernelObjectSecurity(handle, LIST | how, security_descriptors.to_be_set(described)):
        raise api.fault(ctypes.get_last_error(), "")


def narrow(handle: int, *, directory: bool) -> None:
    """An open thing is this account's alone from now on, where its disk keeps that and this account may say so."""
    if not _advapi.SetKernelObjectSecurity(handle, LIST | _SET_PROTECTED, private(directory)):
        code = ctypes.get_last_error()
        if code not in NOT_KEPT:
            raise api.fault(code, "")


def given_inside(folder: bytes) -> bytes:
    """The access list that a document gets which this account makes in a folder with that one; b"": nothing of it."""
    return security_descriptors.inside(folder, _number(account()))


@functools.cache
def _number(sid: str) -> bytes:
    found = ctypes.c_void_p()
    if not _advapi.ConvertStringSidToSidW(sid, found):
        raise api.fault(ctypes.get_last_error(), "")
    try:
        return ctypes.string_at(found.value or 0, _advapi.GetLengthSid(found))
    finally:
        _kernel.LocalFree(found)


def readers(path: str) -> list[str]:
    """Names of those who may read a file, but for its account, the system, administrators and this account."""
    with api.opened_path(path, api.READ_CONTROL) as handle:
        held = described(handle.value, OWNER | LIST)
    if not held:
        return []
    trusted = {account(), owner(held), _SYSTEM, _ADMINISTRATORS, _OWNER_RIGHTS}
    found = [security_descriptors.text(sid) for sid in security_descriptors.readers(held)]
    return [_name(sid) for sid in dict.fromkeys(found) if sid not in trusted]


def _name(sid: str) -> str:
    """As people know it: DOMAIN\\name; the number where nobody does."""
    found = ctypes.c_void_p()
    if not _advapi.ConvertStringSidToSidW(sid, found):
        return sid
    name, domain = ctypes.create_unicode_buffer(256), ctypes.create_unicode_buffer(256)
    letters, more, kind = w.DWORD(256), w.DWORD(256), w.DWORD()
    try:
        if not _advapi.LookupAccountSidW(None, found, name, letters, domain, more, kind):
            return sid
    finally:
        _kernel.LocalFree(found)
    return f"{domain.value}\\{name.value}" if domain.value else name.value


def make_private(path: str) -> None:
    """A directory that is there, and what lies in it, is this account's alone from now on. Raises OSError."""
    with api.opened_path(path, api.READ_CONTROL) as handle:
        held = described(handle.value, LIST)
    if not security_descriptors.inherits(held):
        return
    there, default, found = w.BOOL(), w.BOOL(), ctypes.c_void_p()
    if not _advapi.GetSecurityDescriptorDacl(private(), there, found, default):
        raise api.fault(ctypes.get_last_error(), path)
    code = _advapi.SetNamedSecurityInfoW(path, 1, LIST | _SET_PROTECTED, None, None, found, None)
    if code and code not in NOT_KEPT:
        raise api.fault(code, path)
    with api.opened_path(path, api.WRITE_DAC) as handle:
        narrow(handle.value, directory=True)


def narrow_file(path: str) -> None:
    """The same of a file."""
    with api.opened_path(path, api.READ_CONTROL | api.WRITE_DAC) as handle:
        narrow(handle.value, directory=False)
