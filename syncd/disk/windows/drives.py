"""Which disk a path is on, as Windows says it."""

from __future__ import annotations

import ctypes
import os
import sys
from ctypes import wintypes as w

assert sys.platform == "win32"

NETWORK = "smb"  # whatever share it is: another machine's
_REMOTE = 4
_kernel = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel.GetDriveTypeW.argtypes = [w.LPCWSTR]
_kernel.GetVolumePathNameW.argtypes = [w.LPCWSTR, w.LPWSTR, w.DWORD]
_kernel.GetVolumeInformationW.argtypes = [
    w.LPCWSTR, w.LPWSTR, w.DWORD, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, w.LPWSTR, w.DWORD,
]  # fmt: skip


def file_system(path: str) -> str:
    """The type of the file system a path is, or will be, on, in lower case; NETWORK for another machine's; '' unknown."""
    path = os.path.realpath(path)  # a link or a letter may lead to a share
    plain = path.removeprefix("\\\\?\\")
    if plain.upper().startswith("UNC\\") or plain.startswith("\\\\"):
        return NETWORK
    root = ctypes.create_unicode_buffer(1024)
    if not _kernel.GetVolumePathNameW(path, root, len(root)):
        root.value = os.path.splitdrive(plain)[0] + "\\"
    if _kernel.GetDriveTypeW(root) == _REMOTE:
        return NETWORK
    kind = ctypes.create_unicode_buffer(64)
    if not _kernel.GetVolumeInformationW(root, None, 0, None, None, None, kind, len(kind)):
        return ""
    return kind.value.lower()
