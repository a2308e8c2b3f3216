"""What a package is called: `007868-20261121140300.syncpkg`."""

from __future__ import annotations

import re
from datetime import datetime

from syncd.core import naming

ENDING, SEALED, MAILED = ".syncpkg", ".syncpkg.age", ".syncpkg.zip"
_NAME = re.compile(r"(?P<code>.+)-(?P<at>\d{14})(?: \(\d+\))?\.syncpkg(?:\.age|\.zip)?\Z")


def file_name(code: str, at: datetime, *, sealed: bool) -> str:
    """`at`: in the reader's own time."""
    return naming.windows_safe(f"{code}-{at:%Y%m%d%H%M%S}") + (SEALED if sealed else ENDING)


def is_package(name: str) -> bool:
    return _NAME.match(name) is not None


def code_in(name: str) -> str:
    """'' where the name says none."""
    match = _NAME.match(name)
    return match["code"] if match else ""
